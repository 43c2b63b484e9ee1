use steeplechase_core::{Class, Error};

use crate::chat::FinishReason;

/// What a provider's reason for an end means.
///
/// `calls` says whether tools are called, `said` whether anything was.
///
/// # Errors
///
/// A reason that is a failure.
pub(super) fn finish(native: &str, calls: bool, said: bool) -> Result<FinishReason, Error> {
    let by_calls = if calls {
        FinishReason::ToolCalls
    } else {
        FinishReason::Stop
    };
    Ok(match native {
        "length" | "max_tokens" | "model_length" | "MAX_TOKENS" | "context_length" => {
            FinishReason::Length
        }
        "content_filter"
        | "content_filtered"
        | "guardrail_intervened"
        | "refusal"
        | "safety"
        | "SAFETY"
        | "sensitive" => FinishReason::ContentFilter,
        "abort" | "cancelled" | "error" | "network_error" => {
            return Err(broken_off(Class::Server, native));
        }
        "insufficient_system_resource" if said => FinishReason::Length,
        "insufficient_system_resource" => return Err(broken_off(Class::Overloaded, native)),
        // `stop`, `tool_calls` and all other names for them: who calls tools does not stop, and who calls
        // none has nothing to wait for.
        _ => by_calls,
    })
}

fn broken_off(class: Class, native: &str) -> Error {
    Error::new(class, "the provider broke the answer off")
        .with_detail(format!("finish_reason: {native}"))
}
