//! Anthropic's request: shapes that borrow from the neutral form, to be serialized as they stand.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::chat::Effort;
use crate::chat::stand_in::Input;
use crate::json::Fields;

#[derive(Serialize)]
pub(super) struct Body<'a> {
    pub(super) model: &'a str,
    pub(super) max_tokens: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) system: Vec<Block<'a>>,
    pub(super) messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tools: Vec<NativeTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_choice: Option<Choice<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) stop_sequences: Vec<&'a str>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) stream: bool,
    #[serde(flatten)]
    pub(super) sampling: Sampling,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thinking: Option<Fields>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) output_config: Fields,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metadata: Option<Metadata<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service_tier: Option<&'static str>,
    /// What callers say in Anthropic's own words.
    #[serde(flatten)]
    pub(super) own: Own<'a>,
}

#[derive(Default, Serialize)]
pub(crate) struct Sampling {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) top_k: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    pub(super) user_id: &'a str,
}

/// Top-level fields that are sent as they came.
#[derive(Default, Serialize)]
pub(super) struct Own<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cache_control: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) context_management: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) container: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mcp_servers: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) speed: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) inference_geo: Option<&'a Value>,
}

/// What one side says until the other speaks.
#[derive(Serialize)]
pub(super) struct Turn<'a> {
    pub(super) role: Speaker,
    pub(super) content: Vec<Block<'a>>,
    /// How many of the first blocks are results of tools.
    #[serde(skip)]
    pub(super) results: usize,
}

#[derive(Clone, Copy, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Speaker {
    Assistant,
    System,
    User,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block<'a> {
    Document {
        source: Source<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        context: Option<&'a Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        citations: Option<&'a Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<&'a Fields>,
    },
    Image {
        source: Source<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<&'a Fields>,
    },
    RedactedThinking {
        data: &'a str,
    },
    Text {
        text: Cow<'a, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        citations: Option<&'a Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<&'a Fields>,
    },
    Thinking {
        thinking: &'a str,
        signature: &'a str,
    },
    ToolResult {
        tool_use_id: String,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        content: Vec<Self>,
        #[serde(skip_serializing_if = "is_false")]
        is_error: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<&'a Fields>,
    },
    ToolUse {
        id: String,
        name: String,
        input: Input<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<&'a Fields>,
    },
    /// One that only Anthropic knows, as it came, with its type.
    #[serde(untagged)]
    Other {
        #[serde(flatten)]
        fields: &'a Fields,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<&'a Fields>,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Source<'a> {
    Base64 {
        media_type: Cow<'a, str>,
        data: &'a str,
    },
    File {
        file_id: &'a str,
    },
    Text {
        media_type: &'static str,
        data: String,
    },
    Url {
        url: &'a str,
    },
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum NativeTool<'a> {
    Own {
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<&'a str>,
        input_schema: Fields,
        #[serde(skip_serializing_if = "is_false")]
        strict: bool,
        #[serde(flatten)]
        extra: Fields,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<&'a Fields>,
    },
    /// One of Anthropic's.
    Theirs {
        #[serde(flatten)]
        fields: Cow<'a, Fields>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<&'a Fields>,
    },
}

#[derive(Serialize)]
pub(super) struct Choice<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) disable_parallel_tool_use: bool,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// The name of an effort, as a value.
pub(super) fn effort(effort: Effort) -> Value {
    effort.as_str().into()
}

// ===== impl Turn =====

impl Turn<'_> {
    pub(super) fn new(role: Speaker) -> Self {
        Self {
            role,
            content: Vec::new(),
            results: 0,
        }
    }
}

// ===== impl Block =====

impl<'a> Block<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text {
            text: text.into(),
            citations: None,
            cache_control: None,
        }
    }

    /// Where the block's cache mark goes, if it can have one.
    pub(super) fn mark(&mut self) -> Option<&mut Option<&'a Fields>> {
        match self {
            Self::Document { cache_control, .. }
            | Self::Other { cache_control, .. }
            | Self::Image { cache_control, .. }
            | Self::Text { cache_control, .. }
            | Self::ToolResult { cache_control, .. }
            | Self::ToolUse { cache_control, .. } => Some(cache_control),
            Self::RedactedThinking { .. } | Self::Thinking { .. } => None,
        }
    }
}

// ===== impl NativeTool =====

impl<'a> NativeTool<'a> {
    /// Adds what else is said about one of the caller's tools.
    pub(super) fn with(mut self, more: Fields, mark: Option<&'a Fields>) -> Self {
        if let Self::Own {
            extra,
            cache_control,
            ..
        } = &mut self
        {
            *extra = more;
            *cache_control = mark;
        }
        self
    }

    /// Says whether the model is held to the schema of one of the caller's tools.
    pub(super) fn strict(mut self, is_strict: bool) -> Self {
        if let Self::Own { strict, .. } = &mut self {
            *strict = is_strict;
        }
        self
    }

    pub(super) fn mark(&mut self) -> &mut Option<&'a Fields> {
        match self {
            Self::Own { cache_control, .. } | Self::Theirs { cache_control, .. } => cache_control,
        }
    }
}
