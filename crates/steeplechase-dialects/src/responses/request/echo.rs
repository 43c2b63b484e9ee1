use std::fmt::Write;

use serde_json::{Value, json};

use crate::fields::Object;

/// The fields of the call that a response repeats, and what they are if the call does not say.
///
/// A response repeats the tools as well. They are added when they have been read.
const REPEATED: [(&str, &str); 12] = [
    ("instructions", "null"),
    ("max_output_tokens", "null"),
    ("max_tool_calls", "null"),
    ("metadata", "{}"),
    ("parallel_tool_calls", "true"),
    ("prompt_cache_key", "null"),
    ("safety_identifier", "null"),
    ("temperature", "1.0"),
    ("tool_choice", "\"auto\""),
    ("top_logprobs", "0"),
    ("top_p", "1.0"),
    ("user", "null"),
];

/// What is so whatever the call says: nothing is kept here, and nothing cut short.
const FIXED: &str =
    r#""background":false,"previous_response_id":null,"store":false,"truncation":"disabled""#;

/// The fields of a response that repeat the call, as JSON without its braces.
pub(super) fn fields(body: &Object<'_>) -> Box<str> {
    let mut out = String::from(FIXED);
    for (name, default) in REPEATED {
        match body.get(name) {
            None => put(&mut out, name, default),
            Some(value) => put(&mut out, name, value),
        }
    }
    put(&mut out, "reasoning", reasoning(body.get("reasoning")));
    put(&mut out, "text", text(body.get("text")));
    out.into()
}

fn put(out: &mut String, name: &str, value: impl std::fmt::Display) {
    // Writing to a string cannot fail.
    let _ = write!(out, ",\"{name}\":{value}");
}

fn reasoning(said: Option<&Value>) -> Value {
    let field = |name| said.and_then(|said| said.get(name)).cloned();
    json!({"effort": field("effort"), "summary": field("summary")})
}

fn text(said: Option<&Value>) -> Value {
    let mut text = said.cloned().unwrap_or_else(|| json!({}));
    if let Some(fields) = text.as_object_mut()
        && fields.get("format").is_none_or(Value::is_null)
    {
        fields.insert("format".into(), json!({"type": "text"}));
    }
    text
}
