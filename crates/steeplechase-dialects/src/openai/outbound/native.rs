//! The request: shapes that borrow from the neutral form, to be serialized as they stand.

use std::borrow::Cow;

use crate::json::Fields;
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
pub(super) struct Body<'a> {
    pub(super) model: &'a str,
    pub(super) messages: Vec<Said<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tools: Vec<NativeTool<'a>>,
    #[serde(flatten)]
    pub(super) params: Fields,
}

/// A message.
#[derive(Serialize)]
pub(super) struct Said<'a> {
    pub(super) role: &'static str,
    pub(super) content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reasoning_content: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reasoning: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) thinking_blocks: Vec<Thought<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tool_calls: Vec<NativeCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_call_id: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) prefix: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    /// `null`.
    Nothing,
    Parts(Vec<NativePart<'a>>),
    Text(Cow<'a, str>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum NativePart<'a> {
    File {
        file: NativeFile<'a>,
    },
    ImageUrl {
        image_url: NativeImage<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<&'a Fields>,
    },
    InputAudio {
        input_audio: NativeAudio<'a>,
    },
    Text {
        text: Cow<'a, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<&'a Fields>,
    },
}

#[derive(Serialize)]
pub(super) struct NativeImage<'a> {
    pub(super) url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct NativeAudio<'a> {
    pub(super) data: &'a str,
    pub(super) format: &'a str,
}

#[derive(Default, Serialize)]
pub(super) struct NativeFile<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_data: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) filename: Option<&'a str>,
}

/// A sealed thought, for one who takes it back.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Thought<'a> {
    RedactedThinking {
        data: &'a str,
    },
    Thinking {
        thinking: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        signature: Option<&'a str>,
    },
}

#[derive(Serialize)]
pub(super) struct NativeCall<'a> {
    pub(super) id: String,
    #[serde(flatten)]
    pub(super) called: Called<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) extra_content: Option<Value>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Called<'a> {
    Custom { custom: CalledCustom<'a> },
    Function { function: CalledFunction<'a> },
}

#[derive(Serialize)]
pub(super) struct CalledCustom<'a> {
    pub(super) name: String,
    pub(super) input: &'a str,
}

#[derive(Serialize)]
pub(super) struct CalledFunction<'a> {
    pub(super) name: String,
    pub(super) arguments: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum NativeTool<'a> {
    Custom {
        custom: OwnCustom<'a>,
    },
    Function {
        function: Function<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<&'a Fields>,
    },
}

#[derive(Serialize)]
pub(super) struct OwnCustom<'a> {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<Value>,
}

#[derive(Serialize)]
pub(super) struct Function<'a> {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parameters: Option<Cow<'a, Fields>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) strict: Option<bool>,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

// ===== impl Said =====

impl<'a> Said<'a> {
    pub(super) const fn new(role: &'static str, content: Content<'a>) -> Self {
        Self {
            role,
            content,
            name: None,
            refusal: None,
            reasoning_content: None,
            reasoning: None,
            thinking_blocks: Vec::new(),
            tool_calls: Vec::new(),
            tool_call_id: None,
            prefix: false,
        }
    }
}

// ===== impl Content =====

impl<'a> Content<'a> {
    /// Parts, or a plain text if it is only one without a mark.
    pub(super) fn of(parts: Vec<NativePart<'a>>) -> Self {
        let is_plain = |part: &NativePart<'_>| {
            matches!(
                part,
                NativePart::Text {
                    cache_control: None,
                    ..
                }
            )
        };
        if parts.len() > 1 || !parts.iter().all(is_plain) {
            return Self::Parts(parts);
        }
        match parts.into_iter().next() {
            Some(NativePart::Text { text, .. }) => Self::Text(text),
            _ => Self::Text("".into()),
        }
    }

    pub(super) fn into_parts(self) -> Vec<NativePart<'a>> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Parts(parts) => parts,
            Self::Text(text) if text.is_empty() => Vec::new(),
            Self::Text(text) => vec![NativePart::text(text)],
        }
    }

    /// Adds what is said after it. Two texts are one, with `between` between them.
    pub(super) fn append(&mut self, more: Self, between: &str) {
        let is_empty = |content: &Self| match content {
            Self::Nothing => true,
            Self::Parts(parts) => parts.is_empty(),
            Self::Text(text) => text.is_empty(),
        };
        if is_empty(&more) {
            return;
        }
        let before = std::mem::replace(self, Self::Nothing);
        *self = match (before, more) {
            (before, more) if is_empty(&before) => more,
            (Self::Text(text), Self::Text(more)) => {
                Self::Text(format!("{text}{between}{more}").into())
            }
            (before, more) => {
                let mut parts = before.into_parts();
                parts.extend(more.into_parts());
                Self::Parts(parts)
            }
        };
    }
}

// ===== impl NativePart =====

impl<'a> NativePart<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text {
            text: text.into(),
            cache_control: None,
        }
    }

    /// Where the cache mark goes, if the part can have one.
    pub(super) fn mark(&mut self) -> Option<&mut Option<&'a Fields>> {
        match self {
            Self::ImageUrl { cache_control, .. } | Self::Text { cache_control, .. } => {
                Some(cache_control)
            }
            Self::File { .. } | Self::InputAudio { .. } => None,
        }
    }
}
