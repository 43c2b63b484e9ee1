use crate::chat::FinishReason;

/// What the provider's reason for an end means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    /// An answer, that ended for a reason.
    Answer(FinishReason),
    /// The model did what it must not. What there is of the answer is all there will be; without any,
    /// another attempt may do better.
    Broken,
    /// The account may not ask for more.
    Barred,
}

/// Why an answer ended. `calls` says whether the caller has tools to run.
pub(super) fn ending(native: &str, calls: bool) -> Ending {
    let done = if calls {
        FinishReason::ToolCalls
    } else {
        FinishReason::Stop
    };
    match native {
        "MAX_TOKENS" | "CONTINUATION" => Ending::Answer(FinishReason::Length),
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "LANGUAGE"
        | "MODEL_ARMOR"
        | "ESCALATION"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "IMAGE_OTHER"
        | "NO_IMAGE"
        | "OTHER" => Ending::Answer(FinishReason::ContentFilter),
        "MALFORMED_FUNCTION_CALL"
        | "UNEXPECTED_TOOL_CALL"
        | "TOO_MANY_TOOL_CALLS"
        | "MALFORMED_RESPONSE"
        | "MISSING_THOUGHT_SIGNATURE" => Ending::Broken,
        "PUP_LIMITED_DISABLED" => Ending::Barred,
        // `STOP`, and what is not known yet.
        _ => Ending::Answer(done),
    }
}

// ===== impl Ending =====

impl Ending {
    /// The reason that a caller is told, of an answer that has something in it.
    pub(super) const fn reason(self) -> FinishReason {
        match self {
            Self::Answer(reason) => reason,
            Self::Broken => FinishReason::Stop,
            Self::Barred => FinishReason::ContentFilter,
        }
    }
}
