use std::fmt;

use bytes::BytesMut;
use serde_json::Map;
use serde_json::Value;
use steeplechase_core::Usage;

use super::ThinkingBlock;
use super::ToolCall;
use super::wire;

/// A whole answer in the neutral form.
#[derive(Clone, Default, PartialEq)]
pub struct Answer {
    /// The provider's name for the answer.
    pub id: String,
    /// The model that answered.
    pub model: String,
    /// When, in seconds since the epoch.
    pub created: u64,
    /// The answers, of which there is one unless more were asked for.
    pub choices: Vec<Choice>,
    /// What it has cost.
    pub usage: Usage,
    /// The class of service that it got.
    pub service_tier: Option<String>,
}

/// One of the answers.
#[derive(Clone, Default, PartialEq)]
pub struct Choice {
    /// What the model says, or `None` if it says nothing.
    pub content: Option<String>,
    /// Why it refuses.
    pub refusal: Option<String>,
    /// The tools that it calls.
    pub tool_calls: Vec<ToolCall>,
    /// Whether the caller expects a `function_call` and no `tool_calls`.
    pub legacy_functions: bool,
    /// What it thought, as text to read.
    pub reasoning: Option<String>,
    /// What it thought, sealed.
    pub thinking: Vec<ThinkingBlock>,
    /// Where it has what it says from.
    pub annotations: Vec<Annotation>,
    /// What else the provider said, as it came.
    pub provider_fields: Map<String, Value>,
    /// Why it ended.
    pub finish: FinishReason,
    /// Why it ended, in the provider's words.
    pub native_finish: Option<String>,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum FinishReason {
    /// A filter took the rest, or all of it.
    ContentFilter,
    /// A function is to be called, in the old way.
    FunctionCall,
    /// There was no room for more.
    Length,
    /// All is said.
    #[default]
    Stop,
    /// Tools are to be called.
    ToolCalls,
}

/// Where a part of an answer is from.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Annotation {
    /// The first character of the part.
    pub start: usize,
    /// The one after its last.
    pub end: usize,
    /// The source.
    pub url: String,
    /// What the source calls itself.
    pub title: Option<String>,
}

// ===== impl Answer =====

impl Answer {
    /// Appends the answer as a `chat.completion` object, in one pass.
    pub fn write(&self, out: &mut BytesMut) {
        wire::put(out, &wire::Completion::new(self));
    }
}

impl fmt::Debug for Answer {
    // An answer is somebody's text: its shape may reach a log, its words may not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("id", &self.id)
            .field("model", &self.model)
            .field("choices", &self.choices)
            .field("usage", &self.usage)
            .finish_non_exhaustive()
    }
}

// ===== impl Choice =====

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Choice")
            .field("tool_calls", &self.tool_calls)
            .field("finish", &self.finish)
            .finish_non_exhaustive()
    }
}

// ===== impl FinishReason =====

impl FinishReason {
    /// The name of the reason in `OpenAI`'s dialect.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ContentFilter => "content_filter",
            Self::FunctionCall => "function_call",
            Self::Length => "length",
            Self::Stop => "stop",
            Self::ToolCalls => "tool_calls",
        }
    }
}
