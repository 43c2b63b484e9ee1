//! The provider's request: shapes that borrow from the neutral form, to be serialized as they stand.

use std::borrow::Cow;

use crate::chat::stand_in::Input;
use crate::json::Fields;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) system_instruction: Option<System<'a>>,
    pub(super) contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tools: Vec<NativeTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_config: Option<ToolConfig>,
    #[serde(skip_serializing_if = "Config::is_empty")]
    pub(super) generation_config: Config<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service_tier: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) labels: Option<Fields>,
    /// What callers say in the provider's own words.
    #[serde(flatten)]
    pub(super) own: Fields,
}

/// What the application says.
#[derive(Serialize)]
pub(super) struct System<'a> {
    pub(super) parts: Vec<Part<'a>>,
}

/// What one side says.
#[derive(Serialize)]
pub(super) struct Content<'a> {
    pub(super) role: Speaker,
    pub(super) parts: Vec<Part<'a>>,
    /// Whether these are results of tools, to which nothing else is added.
    #[serde(skip)]
    pub(super) is_results: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Speaker {
    Model,
    User,
}

/// A part of what is said. One of its fields is set, and the last two beside it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) inline_data: Option<Blob<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_data: Option<FileData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function_call: Option<FunctionCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function_response: Option<FunctionResponse<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thought_signature: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) media_resolution: Option<Level>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Blob<'a> {
    pub(super) mime_type: Cow<'a, str>,
    pub(super) data: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileData<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mime_type: Option<Cow<'a, str>>,
    pub(super) file_uri: Cow<'a, str>,
}

#[derive(Serialize)]
pub(super) struct Level {
    pub(super) level: &'static str,
}

#[derive(Serialize)]
pub(super) struct FunctionCall<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    pub(super) name: String,
    pub(super) args: Input<'a>,
}

#[derive(Serialize)]
pub(super) struct FunctionResponse<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<&'a str>,
    pub(super) name: String,
    pub(super) response: Reply<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) parts: Vec<Part<'a>>,
}

/// What a tool has said. It has to be an object too.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Reply<'a> {
    Error { error: Cow<'a, str> },
    Object(Box<RawValue>),
    Output { output: Cow<'a, str> },
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum NativeTool<'a> {
    #[serde(rename_all = "camelCase")]
    Functions {
        function_declarations: Vec<Declaration<'a>>,
    },
    /// One of the provider's own.
    Own(Fields),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Declaration<'a> {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<&'a str>,
    /// In the provider's subset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parameters: Option<Fields>,
    /// As the caller has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parameters_json_schema: Option<Cow<'a, Fields>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolConfig {
    pub(super) function_calling_config: Calling,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Calling {
    pub(super) mode: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) allowed_function_names: Vec<String>,
}

/// How to answer.
#[derive(Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Config<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) top_k: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) candidate_count: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) stop_sequences: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) presence_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) frequency_penalty: Option<f64>,
    /// Whether there are any. What others call `logprobs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_logprobs: Option<bool>,
    /// For how many tokens at each place. What others call `top_logprobs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) logprobs: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_mime_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_json_schema: Option<&'a Fields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_schema: Option<Fields>,
    #[serde(rename = "thinkingConfig", skip_serializing_if = "Option::is_none")]
    pub(super) thinking: Option<ThinkingConfig>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) response_modalities: Vec<&'static str>,
    #[serde(rename = "speechConfig", skip_serializing_if = "Option::is_none")]
    pub(super) speech: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) media_resolution: Option<&'static str>,
    /// What callers say in the provider's own words.
    #[serde(flatten)]
    pub(super) own: Fields,
}

/// How to think. Never by both at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThinkingConfig {
    /// So many tokens; as many as the model likes, if it is -1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thinking_budget: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thinking_level: Option<&'static str>,
    /// Whether the thoughts are shown.
    pub(super) include_thoughts: bool,
}

// ===== impl Content =====

impl<'a> Content<'a> {
    pub(super) fn new(role: Speaker, parts: Vec<Part<'a>>) -> Self {
        Self {
            role,
            parts,
            is_results: false,
        }
    }
}

// ===== impl Part =====

impl<'a> Part<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            text: Some(text.into()),
            ..Self::default()
        }
    }

    pub(super) fn inline(mime_type: impl Into<Cow<'a, str>>, data: &'a str) -> Self {
        Self {
            inline_data: Some(Blob {
                mime_type: mime_type.into(),
                data,
            }),
            ..Self::default()
        }
    }
}

// ===== impl Config =====

impl Config<'_> {
    fn is_empty(&self) -> bool {
        *self == Config::default()
    }
}
