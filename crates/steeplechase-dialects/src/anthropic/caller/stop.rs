use super::frames::WireStop;
use crate::chat::ChatRequest;
use crate::chat::FinishReason;

/// Why an answer ended, in the words of this dialect.
#[derive(Debug)]
pub(super) struct Stop {
    reason: Option<FinishReason>,
    /// Why it ended, if the provider has said so in the words of this dialect.
    native: Option<&'static str>,
    /// The text at which the caller wanted it to end, if there is one only.
    sequence: Option<Box<str>>,
    /// Whether the model has said why it refuses.
    pub(super) is_refused: bool,
}

// ===== impl Stop =====

impl Stop {
    pub(super) fn new(chat: &ChatRequest) -> Self {
        let sequence = match &*chat.stop {
            [only] => Some(only.as_str().into()),
            _ => None,
        };
        Self {
            reason: None,
            native: None,
            sequence,
            is_refused: false,
        }
    }

    pub(super) fn set(&mut self, reason: FinishReason, native: Option<&str>) {
        const OWN: [&str; 4] = [
            "compaction",
            "model_context_window_exceeded",
            "pause_turn",
            "stop_sequence",
        ];
        self.reason = Some(reason);
        let native = OWN.into_iter().find(|own| Some(*own) == native);
        // What was made of the answer on the way counts for more.
        self.native = native.filter(|own| match reason {
            FinishReason::Length => *own != "stop_sequence",
            FinishReason::Stop => *own == "stop_sequence",
            _ => false,
        });
    }

    pub(super) fn wire(&self) -> WireStop<'_> {
        let reason = self.reason.map(|reason| match reason {
            FinishReason::ContentFilter => "refusal",
            FinishReason::FunctionCall | FinishReason::ToolCalls => "tool_use",
            FinishReason::Length => "max_tokens",
            FinishReason::Stop if self.is_refused => "refusal",
            FinishReason::Stop => "end_turn",
        });
        let reason = self.native.or(reason);
        let at_sequence = reason == Some("stop_sequence");
        WireStop {
            stop_reason: reason,
            stop_sequence: self.sequence.as_deref().filter(|_| at_sequence),
        }
    }
}
