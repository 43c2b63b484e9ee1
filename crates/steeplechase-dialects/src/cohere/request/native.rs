//! The body as it is sent.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
pub(super) struct Body<'a> {
    pub(super) model: &'a str,
    pub(super) messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tools: Vec<NativeTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) strict_tools: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_choice: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_format: Option<Format<'a>>,
    #[serde(flatten)]
    pub(super) sampling: Sampling<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thinking: Option<Map<String, Value>>,
    #[serde(flatten)]
    pub(super) own: Own<'a>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) stream: bool,
}

#[derive(Default, Serialize)]
pub(super) struct Sampling<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) stop_sequences: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) k: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) logprobs: bool,
}

/// What callers say in the provider's own words.
#[derive(Default, Serialize)]
pub(super) struct Own<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) documents: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) citation_options: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) safety_mode: Option<&'a Value>,
}

#[derive(Serialize)]
pub(super) struct Format<'a> {
    pub(super) r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) json_schema: Option<&'a Map<String, Value>>,
}

/// One message.
#[derive(Default, Serialize)]
pub(super) struct Turn<'a> {
    pub(super) role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_call_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_plan: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tool_calls: Vec<NativeCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<Content<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    Parts(Vec<NativePart<'a>>),
    Text(&'a str),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum NativePart<'a> {
    Document { document: &'a Value },
    ImageUrl { image_url: Image<'a> },
    Text { text: &'a str },
}

#[derive(Serialize)]
pub(super) struct Image<'a> {
    pub(super) url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct NativeCall<'a> {
    pub(super) id: &'a str,
    pub(super) r#type: &'static str,
    pub(super) function: CalledFunction<'a>,
}

#[derive(Serialize)]
pub(super) struct CalledFunction<'a> {
    pub(super) name: &'a str,
    pub(super) arguments: Cow<'a, str>,
}

#[derive(Serialize)]
pub(super) struct NativeTool<'a> {
    pub(super) r#type: &'static str,
    pub(super) function: NativeFunction<'a>,
}

#[derive(Serialize)]
pub(super) struct NativeFunction<'a> {
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
    pub(super) parameters: Cow<'a, Map<String, Value>>,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "this is how serde asks for it"
)]
fn is_false(value: &bool) -> bool {
    !value
}
