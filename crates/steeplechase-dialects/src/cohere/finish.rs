use steeplechase_core::{Class, Error, Phase};

use crate::chat::FinishReason;

/// Why an answer ended, in the neutral words. `calls` says whether the caller has tools to run.
///
/// # Errors
///
/// That of a reason which says that the provider has failed. An answer that it has broken off is none,
/// however much of it is there.
pub(super) fn finish(native: Option<&str>, calls: bool) -> Result<FinishReason, Error> {
    Ok(match native {
        Some("MAX_TOKENS" | "ERROR_LIMIT") => FinishReason::Length,
        Some("ERROR_TOXIC") => FinishReason::ContentFilter,
        Some("ERROR") => return Err(broken_off(Class::Server, "ERROR")),
        Some("TIMEOUT") => return Err(broken_off(Class::Timeout(Phase::Total), "TIMEOUT")),
        Some("TOOL_CALL") => FinishReason::ToolCalls,
        // `COMPLETE`, `STOP_SEQUENCE`, and what is not known yet.
        _ if calls => FinishReason::ToolCalls,
        _ => FinishReason::Stop,
    })
}

fn broken_off(class: Class, native: &str) -> Error {
    let message = "the provider broke the answer off";
    Error::new(class, message).with_detail(format!("finish_reason: {native}"))
}
