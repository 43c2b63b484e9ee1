use crate::chat::FinishReason;

/// Why an answer ended, in the neutral words.
///
/// `calls` says whether the caller has tools to run. `answered` says whether the model gave its answer
/// by a tool that was made up for it.
pub(super) fn finish(native: Option<&str>, calls: bool, answered: bool) -> FinishReason {
    match native {
        Some("max_tokens" | "model_context_window_exceeded") => FinishReason::Length,
        Some("guardrail_intervened" | "content_filtered") => FinishReason::ContentFilter,
        Some("tool_use") if !answered => FinishReason::ToolCalls,
        // `end_turn`, `stop_sequence`, what the model got wrong, and what is not known yet.
        _ if calls => FinishReason::ToolCalls,
        _ => FinishReason::Stop,
    }
}

/// Whether the provider could not make sense of what the model said.
pub(super) fn is_malformed(native: Option<&str>) -> bool {
    matches!(
        native,
        Some("malformed_model_output" | "malformed_tool_use")
    )
}
