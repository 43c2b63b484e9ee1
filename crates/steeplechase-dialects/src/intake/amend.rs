//! What an operator says for calls that do not say it: their model, and that their streams tell the usage.
//!
//! A call that needs nothing of it is scanned once, as it would be otherwise.

use bytes::Bytes;
use serde_json::Value;
use steeplechase_core::call::Head;
use steeplechase_core::{Dialect, Error, Operation};

use super::{Fields, IntakeConfig, scan};
use crate::json::{self, value_of};

/// Scans a call, with what the operator says for it. The bytes are those of the head.
pub(super) fn scanned(
    raw: Bytes,
    operation: Operation,
    dialect: Dialect,
    config: &IntakeConfig,
) -> Result<(Bytes, Head), Error> {
    let (raw, head) = match scan(&raw) {
        Ok(head) => (raw, head),
        Err(error) => {
            let model = config
                .model_of(operation)
                .filter(|_| is_nameless(&raw, &error));
            let model = model.map(|model| Value::from(model.as_ref()).to_string());
            match model.and_then(|model| with_field(&raw, "model", &model)) {
                Some(named) => {
                    let head = scan(&named)?;
                    (named, head)
                }
                None => return Err(error),
            }
        }
    };
    let tells_usage = matches!(dialect, Dialect::Completions | Dialect::OpenAi);
    let is_wanted = config.stream_usage && head.stream && !head.include_usage;
    if !is_wanted || !tells_usage || operation != Operation::Chat {
        return Ok((raw, head));
    }
    match with_usage(&raw) {
        Some(raw) => {
            let head = scan(&raw)?;
            Ok((raw, head))
        }
        None => Ok((raw, head)),
    }
}

/// Whether all that is wrong with a call is that it names no model.
fn is_nameless(raw: &Bytes, error: &Error) -> bool {
    error.param() == Some("model")
        && matches!(value_of(raw, "model"), None | Some("null" | r#""""#))
}

/// A call whose stream ends with its usage. `None` if the caller has said whether it should.
fn with_usage(raw: &Bytes) -> Option<Bytes> {
    const NAME: &str = "stream_options";
    const WANTED: &str = r#"{"include_usage":true}"#;
    let mut options = match value_of(raw, NAME) {
        None | Some("null") => return with_field(raw, NAME, WANTED),
        Some(said) => serde_json::from_str::<json::Fields>(said).ok()?,
    };
    if options.contains_key("include_usage") {
        return None;
    }
    options.insert("include_usage".to_owned(), true.into());
    with_field(raw, NAME, &Value::Object(options).to_string())
}

fn with_field(raw: &[u8], name: &str, value: &str) -> Option<Bytes> {
    let fields = Fields(vec![(name.to_owned(), value)]);
    fields.splice_into(raw).ok()
}
