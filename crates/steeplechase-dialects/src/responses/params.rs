//! The same parameters by the names that they have in this dialect, and in a chat.

use serde_json::{Value, json};

/// A parameter of a chat, as a deployment's settings have it, in this dialect. `None` if there is none.
pub(crate) fn of_chat(name: String, value: Value) -> Option<(String, Value)> {
    const UNKNOWN: [&str; 17] = [
        "audio",
        "frequency_penalty",
        "function_call",
        "functions",
        "logit_bias",
        "logprobs",
        "messages",
        "modalities",
        "n",
        "prediction",
        "presence_penalty",
        "response_format",
        "seed",
        "stop",
        "stream_options",
        "thinking",
        "web_search_options",
    ];
    Some(match name.as_str() {
        "max_tokens" | "max_completion_tokens" => ("max_output_tokens".into(), value),
        "reasoning_effort" => ("reasoning".into(), json!({"effort": value})),
        "verbosity" => ("text".into(), json!({"verbosity": value})),
        unknown if UNKNOWN.contains(&unknown) => return None,
        _ => (name, value),
    })
}

/// The name in this dialect of a parameter of a chat, if it has another.
pub(crate) fn own_name(name: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 8] = [
        ("logprobs", "top_logprobs"),
        ("max_tokens", "max_output_tokens"),
        ("messages", "input"),
        ("reasoning_effort", "reasoning.effort"),
        ("response_format", "text.format"),
        ("thinking", "reasoning"),
        ("verbosity", "text.verbosity"),
        ("web_search_options", "tools"),
    ];
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let known = NAMES.iter().find(|(chat, _)| *chat == &name[..end]);
    known.map(|(_, own)| *own)
}
