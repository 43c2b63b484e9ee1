//! Converse's request: shapes that borrow from the neutral form, to be serialized as they stand.

use std::borrow::Cow;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::chat::stand_in::Input;
use crate::json::Fields;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body<'a> {
    pub(super) messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Contents::is_empty")]
    pub(super) system: Contents<'a>,
    #[serde(skip_serializing_if = "InferenceConfig::is_empty")]
    pub(super) inference_config: InferenceConfig<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_config: Option<ToolConfig<'a>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) additional_model_request_fields: Fields,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output_config: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service_tier: Option<Tier>,
    /// What callers say in the provider's own words.
    #[serde(flatten)]
    pub(super) own: Own<'a>,
}

/// Top-level fields that are sent as they came.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Own<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) guardrail_config: Option<Cow<'a, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) performance_config: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request_metadata: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) prompt_variables: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) additional_model_response_field_paths: Option<&'a Value>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InferenceConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top_p: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) stop_sequences: Vec<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Tier {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

/// What one side says until the other speaks.
#[derive(Serialize)]
pub(super) struct Turn<'a> {
    pub(super) role: Speaker,
    pub(super) content: Contents<'a>,
    /// How many of the first blocks are results of tools.
    #[serde(skip)]
    pub(super) results: usize,
}

#[derive(Clone, Copy, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Speaker {
    Assistant,
    User,
}

/// Blocks with their cache marks, each of which is a block of its own after the one that it marks.
#[derive(Default)]
pub(super) struct Contents<'a>(pub(super) Vec<Content<'a>>);

pub(super) struct Content<'a> {
    pub(super) block: Block<'a>,
    pub(super) cache: Option<CachePoint>,
}

#[derive(Clone, Copy, Serialize)]
pub(super) struct CachePoint {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Block<'a> {
    Audio(Media<'a>),
    Document(Document<'a>),
    GuardContent(Guarded<'a>),
    Image(Media<'a>),
    Json(&'a serde_json::value::RawValue),
    ReasoningContent(Thought<'a>),
    Text(Cow<'a, str>),
    ToolResult(ToolResult<'a>),
    ToolUse(ToolUse<'a>),
    Video(Media<'a>),
}

#[derive(Serialize)]
pub(super) struct Media<'a> {
    pub(super) format: &'static str,
    pub(super) source: Source<'a>,
}

#[derive(Serialize)]
pub(super) struct Document<'a> {
    pub(super) format: &'static str,
    pub(super) name: String,
    pub(super) source: Source<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Source<'a> {
    Bytes(&'a str),
    S3Location { uri: &'a str },
}

/// Words that a guardrail is to look at.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Guarded<'a> {
    Text { text: &'a str },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Thought<'a> {
    ReasoningText { text: &'a str, signature: &'a str },
    RedactedContent(String),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolResult<'a> {
    pub(super) tool_use_id: String,
    pub(super) content: Vec<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolUse<'a> {
    #[serde(rename = "toolUseId")]
    pub(super) id: String,
    pub(super) name: String,
    pub(super) input: Input<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolConfig<'a> {
    pub(super) tools: Tools<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_choice: Option<Choice>,
}

/// Tools with their cache marks, as [`Contents`].
#[derive(Default)]
pub(super) struct Tools<'a>(pub(super) Vec<MarkedTool<'a>>);

pub(super) struct MarkedTool<'a> {
    pub(super) tool: Tool<'a>,
    pub(super) cache: Option<CachePoint>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Tool<'a> {
    SystemTool { name: &'static str },
    ToolSpec(ToolSpec<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolSpec<'a> {
    pub(super) name: String,
    pub(super) description: Cow<'a, str>,
    pub(super) input_schema: InputSchema,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) strict: bool,
}

#[derive(Serialize)]
pub(super) struct InputSchema {
    pub(super) json: Fields,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Choice {
    Any {},
    Auto {},
    Tool { name: String },
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

// ===== impl InferenceConfig =====

impl InferenceConfig<'_> {
    fn is_empty(&self) -> bool {
        self.max_tokens.is_none()
            && self.temperature.is_none()
            && self.top_p.is_none()
            && self.stop_sequences.is_empty()
    }
}

// ===== impl Turn =====

impl<'a> Turn<'a> {
    pub(super) fn new(role: Speaker) -> Self {
        Self {
            role,
            content: Contents::default(),
            results: 0,
        }
    }

    /// A turn of one block.
    pub(super) fn of(role: Speaker, block: Block<'a>) -> Self {
        let mut turn = Self::new(role);
        turn.content.0.push(Content::from(block));
        turn
    }
}

// ===== impl Contents, Content =====

impl Contents<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Contents<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = self.0.iter().map(|content| (&content.block, content.cache));
        marked(all, serializer)
    }
}

impl<'a> From<Block<'a>> for Content<'a> {
    fn from(block: Block<'a>) -> Self {
        Self { block, cache: None }
    }
}

/// A mark after what it marks.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mark {
    cache_point: CachePoint,
}

fn marked<'b, T, S>(
    all: impl Iterator<Item = (&'b T, Option<CachePoint>)>,
    serializer: S,
) -> Result<S::Ok, S::Error>
where
    T: Serialize + 'b,
    S: Serializer,
{
    let mut seq = serializer.serialize_seq(None)?;
    for (one, cache) in all {
        seq.serialize_element(one)?;
        if let Some(cache_point) = cache {
            seq.serialize_element(&Mark { cache_point })?;
        }
    }
    seq.end()
}

// ===== impl CachePoint =====

impl CachePoint {
    pub(super) const fn new(ttl: Option<&'static str>) -> Self {
        Self {
            kind: "default",
            ttl,
        }
    }
}

// ===== impl Block =====

impl<'a> Block<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// Whether it is about tools.
    pub(super) const fn is_of_tools(&self) -> bool {
        matches!(self, Self::ToolResult(_) | Self::ToolUse(_))
    }

    /// Its place in a turn of the assistant's: thoughts, then words, then calls.
    pub(super) const fn rank(&self) -> u8 {
        match self {
            Self::ReasoningContent(_) => 0,
            Self::ToolUse(_) => 2,
            _ => 1,
        }
    }
}

// ===== impl Tools =====

impl Serialize for Tools<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = self.0.iter().map(|marked| (&marked.tool, marked.cache));
        marked(all, serializer)
    }
}
