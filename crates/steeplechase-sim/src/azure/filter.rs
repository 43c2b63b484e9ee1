//! What Azure's filter says.

use serde_json::{Value, json};

use crate::openai::Filters;

/// The verdicts on a prompt and an answer that are harmless, and on an answer that is not.
pub(super) fn filters() -> Filters {
    Filters {
        prompt: json!([{"prompt_index": 0, "content_filter_results": verdict(false)}]),
        answer: verdict(false),
        stopped: verdict(true),
    }
}

/// A verdict in all categories. The first of them is the one that takes offence.
pub(super) fn verdict(offence: bool) -> Value {
    let severity = if offence { "medium" } else { "safe" };
    let safe = json!({"filtered": false, "severity": "safe"});
    json!({
        "hate": {"filtered": offence, "severity": severity},
        "self_harm": safe,
        "sexual": safe,
        "violence": safe,
    })
}
