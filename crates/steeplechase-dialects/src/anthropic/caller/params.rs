//! The same parameters by the names that they have in this dialect, and in a chat.

/// The name in this dialect of a parameter of a chat, if it has another.
pub(crate) fn own_name(name: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 7] = [
        ("max_completion_tokens", "max_tokens"),
        (
            "parallel_tool_calls",
            "tool_choice.disable_parallel_tool_use",
        ),
        ("reasoning_effort", "output_config.effort"),
        ("response_format", "output_config.format"),
        ("stop", "stop_sequences"),
        ("user", "metadata.user_id"),
        ("web_search_options", "tools"),
    ];
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let known = NAMES.iter().find(|(chat, _)| *chat == &name[..end]);
    known.map(|(_, own)| *own)
}
