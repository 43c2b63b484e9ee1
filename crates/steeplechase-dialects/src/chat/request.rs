use std::fmt;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use super::CacheMark;
use super::Message;
use crate::responses;

/// A chat call in the neutral form: a superset of `OpenAI`'s, in which every dialect can say all that
/// it has to say.
///
/// What is `None` or empty was not said. A `null` was not said either.
#[derive(Clone, Default, PartialEq)]
pub struct ChatRequest {
    /// The model that the caller asks for.
    pub model: String,
    /// The conversation so far. Never empty after [`parse`](Self::parse).
    pub messages: Vec<Message>,
    /// The most tokens that the answer may have, reasoning included.
    pub max_tokens: Option<u64>,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// Whether a streamed answer is to end with its usage.
    pub include_usage: bool,
    /// How many answers are asked for.
    pub n: Option<u64>,
    /// Texts at which the answer is to end.
    pub stop: Vec<String>,
    /// `0..=2`.
    pub temperature: Option<f64>,
    /// `0..=1`.
    pub top_p: Option<f64>,
    /// The number of tokens to choose from. Not in `OpenAI`'s dialect, but known to many.
    pub top_k: Option<u64>,
    /// `-2..=2`.
    pub presence_penalty: Option<f64>,
    /// `-2..=2`.
    pub frequency_penalty: Option<f64>,
    /// Biases by token.
    pub logit_bias: Option<Map<String, Value>>,
    /// Whether the answer is to come with the probabilities of its tokens.
    pub logprobs: Option<bool>,
    /// For how many tokens at each place.
    pub top_logprobs: Option<u64>,
    /// The seed of the sampling.
    pub seed: Option<i64>,
    /// The form that the answer is to have.
    pub response_format: Option<ResponseFormat>,
    /// The tools that the model may call.
    pub tools: Vec<Tool>,
    /// Whether it has to, and which.
    pub tool_choice: Option<ToolChoice>,
    /// Whether it may call several at once.
    pub parallel_tool_calls: Option<bool>,
    /// Whether the caller spoke of `functions`, and so expects a `function_call`.
    pub legacy_functions: bool,
    /// How hard to think.
    pub reasoning_effort: Option<Effort>,
    /// How to think, in Anthropic's form.
    pub thinking: Option<Map<String, Value>>,
    /// How much to say.
    pub verbosity: Option<String>,
    /// The kinds of output: `text`, `audio`.
    pub modalities: Vec<String>,
    /// The voice of an audio answer.
    pub audio: Option<Value>,
    /// What the answer will probably be.
    pub prediction: Option<Value>,
    /// The class of service.
    pub service_tier: Option<String>,
    /// The caller's user. An older name of [`safety_identifier`](Self::safety_identifier).
    pub user: Option<String>,
    /// The caller's user.
    pub safety_identifier: Option<String>,
    /// What the caller notes about the call.
    pub metadata: Option<Map<String, Value>>,
    /// Whether the provider is to keep the answer.
    pub store: Option<bool>,
    /// Whether to search the web first.
    pub web_search: Option<WebSearch>,
    /// Top-level fields that have no place above, as they came.
    pub extra: Map<String, Value>,
    /// What a caller of the Responses API wants of the answer, if it is one.
    pub responses: Option<Arc<responses::Terms>>,
    /// What the answer is to begin with: the prompt, as `echo` has it in a completion.
    pub echo: Option<String>,
}

/// The form that an answer is to have.
#[derive(Clone, Debug, PartialEq)]
pub enum ResponseFormat {
    /// Any JSON object.
    JsonObject,
    /// JSON that conforms to a schema.
    JsonSchema(JsonSchema),
    /// Text, as if nothing had been said.
    Text,
}

/// A schema for an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonSchema {
    /// What the caller calls it.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The schema.
    pub schema: Map<String, Value>,
    /// Whether the answer has to conform.
    pub strict: Option<bool>,
}

/// A tool that the model may call.
#[derive(Clone, PartialEq)]
pub struct Tool {
    /// What it is.
    pub kind: ToolKind,
    /// The mark that all up to this tool is to be cached.
    pub cache: Option<CacheMark>,
    /// Fields of the tool that have no place above.
    pub extra: Map<String, Value>,
}

/// What a tool is.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum ToolKind {
    /// A tool that takes free text.
    Custom {
        /// By which it is called.
        name: String,
        /// What it does.
        description: Option<String>,
        /// The grammar of its text, if it has one.
        grammar: Option<Value>,
    },
    /// A tool that takes a JSON object.
    Function {
        /// By which it is called.
        name: String,
        /// What it does.
        description: Option<String>,
        /// The schema of its object. Without one it takes nothing.
        parameters: Option<Map<String, Value>>,
        /// Whether the object has to conform.
        strict: Option<bool>,
    },
    /// A provider's own tool, as it came, with its `type` if it has one.
    Other(Map<String, Value>),
}

/// Whether the model has to call a tool, and which.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ToolChoice {
    /// One of these, or (unless `required`) none.
    Allowed {
        /// Whether it has to call one.
        required: bool,
        /// Their names.
        tools: Vec<String>,
    },
    /// As it likes.
    Auto,
    /// This one.
    Named(String),
    /// None.
    None,
    /// Any, but one.
    Required,
}

/// How hard to think. The order is that of the effort.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Effort {
    /// Not at all.
    None,
    /// Next to nothing.
    Minimal,
    /// A little.
    Low,
    /// As usual.
    Medium,
    /// Much.
    High,
    /// More.
    Xhigh,
    /// As much as it can.
    Max,
}

/// How to search the web before answering.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WebSearch {
    /// `low`, `medium` or `high`.
    pub context_size: Option<String>,
    /// About where the user is: `city`, `country`, `region`, `timezone`.
    pub location: Option<Map<String, Value>>,
    /// Anthropic's own tool, as it came, if that is how the caller asks for it.
    pub tool: Option<Map<String, Value>>,
}

// ===== impl ChatRequest =====

impl fmt::Debug for ChatRequest {
    // A call is somebody's prompt: its shape may reach a log, its words may not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatRequest")
            .field("model", &self.model)
            .field("messages", &self.messages.len())
            .field("tools", &self.tools)
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}

// ===== impl Tool, ToolKind =====

impl Tool {
    /// The name by which the tool is called, if it is one of the caller's.
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            ToolKind::Custom { name, .. } | ToolKind::Function { name, .. } => Some(name),
            ToolKind::Other(_) => None,
        }
    }
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tool").field(&self.name()).finish()
    }
}

impl fmt::Debug for ToolKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Custom { .. } => "Custom",
            Self::Function { .. } => "Function",
            Self::Other(_) => "Other",
        })
    }
}

// ===== impl Effort =====

impl Effort {
    /// The effort of a name in `OpenAI`'s dialect.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "none" => Self::None,
            "minimal" => Self::Minimal,
            "low" => Self::Low,
            "medium" => Self::Medium,
            "high" => Self::High,
            "xhigh" => Self::Xhigh,
            "max" => Self::Max,
            _ => return None,
        })
    }

    /// The name of the effort in `OpenAI`'s dialect.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
            Self::Max => "max",
        }
    }
}
