//! What the provider sends: shapes that borrow from its bytes where they can.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::usage::{Additional, Counts, Tier};
use crate::chat::Annotation;
use crate::json::Text;

/// A whole answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Converse<'a> {
    #[serde(borrow)]
    pub(super) output: Option<Output<'a>>,
    #[serde(borrow)]
    pub(super) stop_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) usage: Option<Counts<'a>>,
    #[serde(borrow)]
    pub(super) additional_model_response_fields: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) service_tier: Option<Tier<'a>>,
    #[serde(borrow)]
    pub(super) trace: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Output<'a> {
    #[serde(borrow)]
    pub(super) message: Option<Message<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Vec<&'a RawValue>>,
}

/// One block of an answer: the fields of all of them, of which it has one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Block<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) tool_use: Option<ToolUse<'a>>,
    #[serde(borrow)]
    pub(super) reasoning_content: Option<Reasoning<'a>>,
    #[serde(borrow)]
    pub(super) citations_content: Option<Cited<'a>>,
}

#[derive(Deserialize)]
pub(super) struct ToolUse<'a> {
    #[serde(borrow, rename = "toolUseId")]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reasoning<'a> {
    #[serde(borrow)]
    pub(super) reasoning_text: Option<Thought<'a>>,
    #[serde(borrow)]
    pub(super) redacted_content: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Thought<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) signature: Option<Text<'a>>,
}

/// Words with their sources.
#[derive(Deserialize)]
pub(super) struct Cited<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Vec<Words<'a>>>,
    #[serde(borrow)]
    pub(super) citations: Option<Vec<Citation<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct Words<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
}

/// Where a text is from.
#[derive(Deserialize)]
pub(super) struct Citation<'a> {
    #[serde(borrow)]
    title: Option<Text<'a>>,
    #[serde(borrow)]
    source: Option<Text<'a>>,
    #[serde(borrow)]
    location: Option<Location<'a>>,
}

#[derive(Deserialize)]
struct Location<'a> {
    #[serde(borrow)]
    web: Option<Web<'a>>,
}

#[derive(Deserialize)]
struct Web<'a> {
    #[serde(borrow)]
    url: Option<Text<'a>>,
}

/// An event of a stream: the fields of all of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StreamEvent<'a> {
    pub(super) content_block_index: Option<u64>,
    #[serde(borrow)]
    pub(super) start: Option<Start<'a>>,
    #[serde(borrow)]
    pub(super) delta: Option<Delta<'a>>,
    #[serde(borrow)]
    pub(super) stop_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) additional_model_response_fields: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) usage: Option<Counts<'a>>,
    #[serde(borrow)]
    pub(super) service_tier: Option<Tier<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Start<'a> {
    #[serde(borrow)]
    pub(super) tool_use: Option<ToolUse<'a>>,
}

/// What an event adds to a block.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delta<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) tool_use: Option<Fragment<'a>>,
    #[serde(borrow)]
    pub(super) reasoning_content: Option<ReasoningDelta<'a>>,
    #[serde(borrow)]
    pub(super) citation: Option<Citation<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Fragment<'a> {
    #[serde(borrow)]
    pub(super) input: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReasoningDelta<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) signature: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) redacted_content: Option<Text<'a>>,
}

// ===== impl ToolUse =====

impl ToolUse<'_> {
    /// Whether the provider runs the tool itself, so that the caller must not.
    pub(super) fn is_of_server(&self) -> bool {
        self.kind.as_deref() == Some("server_tool_use")
    }
}

// ===== impl Citation =====

impl Citation<'_> {
    /// The citation of a part of the answer. `None` if it is of a document that has no address.
    pub(super) fn annotation(&self, start: usize, end: usize) -> Option<Annotation> {
        let web = self.location.as_ref().and_then(|at| at.web.as_ref());
        let url = web.and_then(|web| web.url.as_ref());
        let is_url = |text: &&Text<'_>| text.contains("://");
        let url = url.or(self.source.as_ref().filter(is_url));
        let url = url.filter(|url| !url.is_empty())?;
        Some(Annotation {
            start,
            end,
            url: url.to_string(),
            title: self.title.as_ref().map(|title| title.to_string()),
        })
    }
}

/// What the provider says of itself, if it is as expected.
pub(super) fn additional(raw: Option<&RawValue>) -> Additional {
    let parsed = raw.map(|raw| serde_json::from_str(raw.get()));
    parsed.and_then(Result::ok).unwrap_or_default()
}

/// The sealed thought in a blob. Anthropic's are texts, which are in base64 once more here.
pub(super) fn unsealed(blob: &str) -> Cow<'_, str> {
    let bytes = STANDARD.decode(blob).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.map_or(Cow::Borrowed(blob), Cow::Owned)
}
