use std::sync::LazyLock;

use bytes::Bytes;
use memchr::memmem::Finder;
use serde_json::Value;

use super::seal::FORM;
use crate::json;

/// How the names of our items of reasoning begin. Others may look theirs up.
pub(super) const REASONING: &str = "rs_stc_";

static MARKS: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| [Finder::new("\"stc1."), Finder::new("\"rs_stc_")]);

/// A call without the items of reasoning that were made here, for a provider who has this API: it would
/// refuse the call for what others have sealed, or look for what it has never made.
///
/// A call without any is the same bytes, uncopied and not parsed.
pub(crate) fn without_ours(call: Bytes) -> Bytes {
    if MARKS.iter().all(|mark| mark.find(&call).is_none()) {
        return call;
    }
    let Ok(mut body) = json::from_slice::<Value>(&call) else {
        return call;
    };
    let Some(items) = body.get_mut("input").and_then(Value::as_array_mut) else {
        return call;
    };
    let before = items.len();
    items.retain(|item| !is_ours(item));
    if items.len() == before {
        // It was somebody's text.
        return call;
    }
    body.to_string().into()
}

fn is_ours(item: &Value) -> bool {
    let begins = |name: &str, mark: &str| {
        let value = item.get(name).and_then(Value::as_str);
        value.is_some_and(|value| value.starts_with(mark))
    };
    item.get("type").is_some_and(|kind| kind == "reasoning")
        && (begins("encrypted_content", FORM) || begins("id", REASONING))
}
