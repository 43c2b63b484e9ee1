use serde_json::Value;

/// A parameter of a chat, as a deployment's settings have it, in a completion. `None` if there is none.
pub(crate) fn of_chat(name: String, value: Value) -> Option<(String, Value)> {
    const UNKNOWN: [&str; 18] = [
        "audio",
        "function_call",
        "functions",
        "logprobs",
        "messages",
        "modalities",
        "parallel_tool_calls",
        "prediction",
        "reasoning_effort",
        "response_format",
        "service_tier",
        "store",
        "thinking",
        "tool_choice",
        "tools",
        "top_logprobs",
        "verbosity",
        "web_search_options",
    ];
    match name.as_str() {
        "max_completion_tokens" => Some(("max_tokens".into(), value)),
        unknown if UNKNOWN.contains(&unknown) => None,
        _ => Some((name, value)),
    }
}
