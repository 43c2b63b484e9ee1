use std::borrow::Cow;
use std::fmt;

use serde_json::Map;
use serde_json::Value;
use steeplechase_core::Dialect;

use super::Event;
use super::Sink;

/// One message of a conversation.
#[derive(Clone, Default, PartialEq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said, in parts. A caller's plain string is one part; none at all is no part.
    pub content: Vec<Part>,
    /// The name that tells speakers of one role apart.
    pub name: Option<String>,
    /// The tools that an assistant calls.
    pub tool_calls: Vec<ToolCall>,
    /// The call that a tool answers.
    pub tool_call_id: Option<String>,
    /// Whether a tool has failed.
    pub is_error: bool,
    /// Why an assistant refused.
    pub refusal: Option<String>,
    /// What an assistant thought, as text to read.
    pub reasoning: Option<String>,
    /// What an assistant thought, sealed, for the provider to read again.
    pub thinking: Vec<ThinkingBlock>,
    /// Whose seals are on the thoughts and the calls, where that is known. No other provider is shown
    /// them.
    pub sealed_by: Option<Dialect>,
    /// The mark that all up to the end of this message is to be cached.
    pub cache: Option<CacheMark>,
    /// Whether an assistant's last message is to be continued, and not answered.
    pub prefix: bool,
    /// Fields of the message that have no place above.
    pub extra: Map<String, Value>,
}

/// Who says a message.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Role {
    /// The model.
    Assistant,
    /// The application, by its newer name.
    Developer,
    /// The application.
    System,
    /// A tool that was called.
    Tool,
    /// The user.
    #[default]
    User,
}

/// One part of a message.
#[derive(Clone, PartialEq)]
pub struct Part {
    /// What it holds.
    pub kind: PartKind,
    /// The mark that all up to the end of this part is to be cached.
    pub cache: Option<CacheMark>,
    /// Fields of the part that have no place above, in the words of the dialect that it came in.
    pub extra: Map<String, Value>,
}

/// What a part of a message holds.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum PartKind {
    /// Sound, in base64.
    Audio {
        /// The bytes in base64, without a scheme.
        data: String,
        /// `wav` or `mp3`.
        format: String,
    },
    /// A document.
    File(FilePart),
    /// A picture.
    Image {
        /// An `https` or a `data` URL.
        url: String,
        /// How closely to look.
        detail: Option<String>,
    },
    /// A kind that is not known here, as it came.
    Other(Map<String, Value>),
    /// An assistant's refusal.
    Refusal(String),
    /// Words.
    Text(String),
}

/// A document, by one of three ways to name it.
#[derive(Clone, Default, PartialEq)]
pub struct FilePart {
    /// The provider's name for a file that was uploaded before.
    pub id: Option<String>,
    /// The bytes as a `data` URL.
    pub data: Option<String>,
    /// Where it can be fetched.
    pub url: Option<String>,
    /// What its owner calls it.
    pub name: Option<String>,
    /// What kind it is, where its name and its bytes do not tell: `application/pdf`. Not in `OpenAI`'s
    /// dialect, but in LiteLLM's.
    pub format: Option<String>,
}

/// A tool that an assistant calls.
#[derive(Clone, PartialEq)]
pub struct ToolCall {
    /// The name of the call, by which its result refers to it.
    pub id: String,
    /// The name of the tool.
    pub name: String,
    /// What the tool is given.
    pub input: ToolInput,
    /// A provider's seal on the call, to be shown to it again.
    pub signature: Option<String>,
}

/// What a tool is given.
#[derive(Clone, PartialEq)]
pub enum ToolInput {
    /// Free text, for a custom tool.
    Custom(String),
    /// The text of a JSON object, for a function. It may be empty, or no JSON: a model wrote it.
    Function(String),
}

/// A piece of reasoning that only its provider can read in full.
///
/// It is replayed as it came or not at all: a provider checks the seal.
#[derive(Clone, Eq, PartialEq)]
pub enum ThinkingBlock {
    /// Reasoning that is hidden altogether.
    Redacted {
        /// The sealed reasoning.
        data: String,
    },
    /// Reasoning with a text, which may be empty where the provider does not show it.
    Thinking {
        /// The text.
        text: String,
        /// The provider's seal. Without one, no provider takes the block back.
        signature: Option<String>,
    },
}

/// The mark that all before it is to be cached, in Anthropic's form: `{"type":"ephemeral"}`.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheMark(pub Map<String, Value>);

// ===== impl Message =====

impl Message {
    /// A message of one text.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            content: vec![Part::text(text)],
            ..Self::default()
        }
    }

    /// What an assistant thought, as text to read: what is sealed as well, as far as it can be read.
    pub(crate) fn thoughts(&self) -> Option<Cow<'_, str>> {
        if let Some(text) = &self.reasoning {
            return Some(Cow::Borrowed(text));
        }
        let texts = self.thinking.iter().filter_map(|block| match block {
            ThinkingBlock::Thinking { text, .. } => Some(text.as_str()),
            ThinkingBlock::Redacted { .. } => None,
        });
        let texts: Vec<_> = texts.filter(|text| !text.is_empty()).collect();
        match *texts {
            [] => None,
            [one] => Some(Cow::Borrowed(one)),
            _ => Some(texts.concat().into()),
        }
    }
}

impl fmt::Debug for Message {
    // A message is somebody's text: its shape may reach a log, its words may not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("role", &self.role)
            .field("content", &self.content)
            .field("tool_calls", &self.tool_calls)
            .field("thinking", &self.thinking)
            .finish_non_exhaustive()
    }
}

// ===== impl Role =====

impl Role {
    /// Whether the application speaks.
    pub const fn is_system(self) -> bool {
        matches!(self, Self::System | Self::Developer)
    }
}

// ===== impl Part =====

impl Part {
    /// A part of words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(PartKind::Text(text.into()))
    }

    /// A part that holds this, and of which nothing else is said.
    pub fn new(kind: PartKind) -> Self {
        Self {
            kind,
            cache: None,
            extra: Map::new(),
        }
    }

    /// The words in it. `None` if it has other things.
    pub(crate) fn words(&self) -> Option<&str> {
        match &self.kind {
            PartKind::Text(text) | PartKind::Refusal(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            PartKind::Audio { .. } => "Audio",
            PartKind::File(_) => "File",
            PartKind::Image { .. } => "Image",
            PartKind::Other(_) => "Other",
            PartKind::Refusal(_) => "Refusal",
            PartKind::Text(_) => "Text",
        };
        f.write_str(kind)
    }
}

// ===== impl PartKind, FilePart =====

impl fmt::Debug for PartKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartKind").finish_non_exhaustive()
    }
}

impl fmt::Debug for FilePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilePart").finish_non_exhaustive()
    }
}

// ===== impl ToolCall, ToolInput =====

impl ToolCall {
    /// Says the call as the events of a stream.
    pub(super) fn replay(&self, choice: usize, tool: u64, sink: &mut Sink<'_>) {
        let (ToolInput::Custom(input) | ToolInput::Function(input)) = &self.input;
        sink.send(Event::ToolStart {
            choice,
            tool,
            id: &self.id,
            name: &self.name,
            is_custom: matches!(self.input, ToolInput::Custom(_)),
            signature: self.signature.as_deref(),
        });
        sink.send(Event::ToolArgs {
            choice,
            tool,
            fragment: input,
        });
        sink.send(Event::ToolEnd { choice, tool });
    }
}

impl fmt::Debug for ToolCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolCall")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ToolInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Custom(_) => "Custom",
            Self::Function(_) => "Function",
        })
    }
}

// ===== impl ThinkingBlock =====

impl fmt::Debug for ThinkingBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Redacted { .. } => "Redacted",
            Self::Thinking { .. } => "Thinking",
        })
    }
}

// ===== impl CacheMark =====

impl CacheMark {
    /// The plain mark.
    pub fn ephemeral() -> Self {
        let mut fields = Map::new();
        fields.insert("type".into(), "ephemeral".into());
        Self(fields)
    }
}
