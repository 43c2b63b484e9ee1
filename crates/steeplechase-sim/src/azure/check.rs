//! Refuses what Azure would refuse, and OpenAI would not.

use serde_json::{Map, Value};

use crate::dialect::Asked;
use crate::openai;
use crate::refusal::Refusal;

/// All that may be in a chat completion.
const FIELDS: [&str; 35] = [
    "model",
    "messages",
    "audio",
    "data_sources",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "metadata",
    "modalities",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "user_security_context",
    "verbosity",
];

/// All that may be in a message.
const MESSAGE_FIELDS: [&str; 10] = [
    "role",
    "content",
    "name",
    "annotations",
    "audio",
    "context",
    "function_call",
    "refusal",
    "tool_call_id",
    "tool_calls",
];

/// Fields that are younger than some versions of the API.
const SINCE: [(&str, &str); 2] = [
    ("stream_options", "2024-09-01"),
    ("reasoning_effort", "2024-12-01"),
];

/// Whether this is a version of the API: a date, and maybe `-preview`.
pub(super) fn is_version(version: &str) -> bool {
    let date = version.strip_suffix("-preview").unwrap_or(version);
    let digits =
        |part: &str, count| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    let mut parts = date.split('-');
    let counts = [4, 2, 2];
    let whole = counts.iter().all(|count| {
        let part = parts.next();
        part.is_some_and(|part| digits(part, *count))
    });
    whole && parts.next().is_none()
}

/// Refuses fields that this version of the API does not know.
pub(super) fn chat(asked: &Asked<'_>) -> Result<(), Refusal> {
    let body = openai::object(asked.body)?;
    let version = asked
        .query("api-version")
        .filter(|version| is_version(version));
    let unknown = body.iter().find(|(field, value)| {
        let young = SINCE.iter().any(|(name, since)| {
            field == name && version.is_some_and(|version| &version[..since.len()] < *since)
        });
        !value.is_null() && (young || !FIELDS.contains(&field.as_str()))
    });
    if let Some((field, _)) = unknown {
        return Err(unrecognized(field));
    }
    messages(&body)
}

fn messages(body: &Map<String, Value>) -> Result<(), Refusal> {
    let messages = body.get("messages").and_then(Value::as_array);
    for (number, message) in messages.into_iter().flatten().enumerate() {
        let mut fields = message.as_object().into_iter().flat_map(Map::keys);
        if let Some(field) = fields.find(|field| !MESSAGE_FIELDS.contains(&field.as_str())) {
            let message =
                format!("Additional properties are not allowed ('{field}' was unexpected)");
            return Err(Refusal::bad(message).param(format!("messages[{number}].{field}")));
        }
    }
    Ok(())
}

fn unrecognized(field: &str) -> Refusal {
    Refusal::bad(format!("Unrecognized request argument supplied: {field}"))
}
