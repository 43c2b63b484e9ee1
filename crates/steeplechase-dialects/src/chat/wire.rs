//! How answers look in `OpenAI`'s dialect: shapes that borrow, to be serialized as they stand.

use bytes::BufMut;
use bytes::BytesMut;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::value::RawValue;
use steeplechase_core::Usage;

use super::Annotation;
use super::Answer;
use super::Audio;
use super::Choice;
use super::Image;
use super::ThinkingBlock;
use super::ToolCall;
use super::ToolInput;

#[derive(Serialize)]
pub(super) struct Completion<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: Vec<WireChoice<'a>>,
    usage: WireUsage,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a str>,
}

#[derive(Serialize)]
struct WireChoice<'a> {
    index: usize,
    message: WireMessage<'a>,
    logprobs: Option<&'a RawValue>,
    finish_reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    native_finish_reason: Option<&'a str>,
}

#[derive(Serialize)]
struct WireMessage<'a> {
    role: &'static str,
    content: Option<&'a str>,
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    thinking_blocks: Vec<WireThinking<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<WireCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<WireFunction<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<WireAnnotation<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<WireImage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audio: Option<WireAudio<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_content: Option<WireExtra<'a>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    provider_specific_fields: &'a Map<String, Value>,
}

/// One piece of sealed reasoning, or a fragment of one.
#[derive(Default, Serialize)]
pub(super) struct WireThinking<'a> {
    /// In a stream only: which piece the fragment is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<usize>,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) thinking: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) signature: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<&'a str>,
}

#[derive(Serialize)]
struct WireCall<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<WireFunction<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom: Option<WireCustom<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_content: Option<WireExtra<'a>>,
}

#[derive(Serialize)]
struct WireFunction<'a> {
    name: &'a str,
    arguments: &'a str,
}

#[derive(Serialize)]
struct WireCustom<'a> {
    name: &'a str,
    input: &'a str,
}

#[derive(Serialize)]
pub(super) struct WireExtra<'a> {
    google: WireSeal<'a>,
}

#[derive(Serialize)]
struct WireSeal<'a> {
    thought_signature: &'a str,
}

#[derive(Serialize)]
pub(super) struct WireAnnotation<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url_citation: WireCitation<'a>,
}

#[derive(Serialize)]
struct WireCitation<'a> {
    start_index: usize,
    end_index: usize,
    url: &'a str,
    title: &'a str,
}

/// A picture, where LiteLLM has it.
#[derive(Serialize)]
pub(super) struct WireImage {
    /// In a stream only: which picture it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(rename = "type")]
    kind: &'static str,
    image_url: WireUrl,
}

#[derive(Serialize)]
struct WireUrl {
    url: String,
}

#[derive(Serialize)]
struct WireAudio<'a> {
    id: &'a str,
    data: &'a str,
    expires_at: u64,
    transcript: &'static str,
}

#[derive(Serialize)]
pub(super) struct WireUsage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Serialize)]
struct PromptDetails {
    cached_tokens: u64,
    cache_write_tokens: u64,
}

#[derive(Serialize)]
struct CompletionDetails {
    reasoning_tokens: u64,
}

/// Appends a value as JSON.
///
/// # Panics
///
/// If the value cannot be JSON, which none of these shapes can bring about: their keys are strings,
/// and memory takes all that is written.
pub(crate) fn put<T>(out: &mut BytesMut, value: &T)
where
    T: Serialize + ?Sized,
{
    serde_json::to_writer(out.writer(), value).expect("the shapes of this module are JSON");
}

// ===== impl Completion =====

impl<'a> Completion<'a> {
    pub(super) fn new(answer: &'a Answer) -> Self {
        let choices = answer.choices.iter().enumerate();
        Self {
            id: &answer.id,
            object: "chat.completion",
            created: answer.created,
            model: &answer.model,
            choices: choices
                .map(|(index, choice)| WireChoice::new(index, choice))
                .collect(),
            usage: WireUsage::new(&answer.usage),
            service_tier: answer.service_tier.as_deref(),
        }
    }
}

impl<'a> WireChoice<'a> {
    fn new(index: usize, choice: &'a Choice) -> Self {
        Self {
            index,
            message: WireMessage::new(choice),
            logprobs: choice.logprobs.as_deref(),
            finish_reason: choice.finish.as_str(),
            native_finish_reason: choice.native_finish.as_deref(),
        }
    }
}

impl<'a> WireMessage<'a> {
    fn new(choice: &'a Choice) -> Self {
        let calls = choice.tool_calls.iter();
        let old = choice.legacy_functions;
        let first = choice.tool_calls.first().filter(|_| old);
        Self {
            role: "assistant",
            content: choice.content.as_deref(),
            refusal: choice.refusal.as_deref(),
            reasoning_content: choice.reasoning.as_deref(),
            thinking_blocks: choice.thinking.iter().map(WireThinking::new).collect(),
            tool_calls: calls.filter(|_| !old).map(WireCall::new).collect(),
            function_call: first.map(WireFunction::new),
            annotations: choice.annotations.iter().map(WireAnnotation::new).collect(),
            images: choice
                .images
                .iter()
                .map(|it| WireImage::new(it, None))
                .collect(),
            audio: choice.audio.as_ref().map(WireAudio::new),
            extra_content: choice.signature.as_deref().map(WireExtra::new),
            provider_specific_fields: &choice.provider_fields,
        }
    }
}

// ===== impl the parts =====

impl<'a> WireThinking<'a> {
    fn new(block: &'a ThinkingBlock) -> Self {
        match block {
            ThinkingBlock::Redacted { data } => Self {
                kind: "redacted_thinking",
                data: Some(data),
                ..Self::default()
            },
            ThinkingBlock::Thinking { text, signature } => Self {
                kind: "thinking",
                thinking: Some(text),
                signature: signature.as_deref(),
                ..Self::default()
            },
        }
    }
}

impl<'a> WireFunction<'a> {
    fn new(call: &'a ToolCall) -> Self {
        let (ToolInput::Function(arguments) | ToolInput::Custom(arguments)) = &call.input;
        Self {
            name: &call.name,
            arguments,
        }
    }
}

impl<'a> WireCall<'a> {
    fn new(call: &'a ToolCall) -> Self {
        let (kind, function, custom) = match &call.input {
            ToolInput::Function(_) => ("function", Some(WireFunction::new(call)), None),
            ToolInput::Custom(input) => {
                let name = &call.name;
                ("custom", None, Some(WireCustom { name, input }))
            }
        };
        let seal = call.signature.as_deref();
        Self {
            id: &call.id,
            kind,
            function,
            custom,
            extra_content: seal.map(WireExtra::new),
        }
    }
}

impl<'a> WireExtra<'a> {
    pub(super) const fn new(thought_signature: &'a str) -> Self {
        Self {
            google: WireSeal { thought_signature },
        }
    }
}

impl<'a> WireAnnotation<'a> {
    pub(super) fn new(annotation: &'a Annotation) -> Self {
        Self {
            kind: "url_citation",
            url_citation: WireCitation {
                start_index: annotation.start,
                end_index: annotation.end,
                url: &annotation.url,
                title: annotation.title.as_deref().unwrap_or(""),
            },
        }
    }
}

impl WireImage {
    pub(super) fn new(image: &Image, index: Option<usize>) -> Self {
        Self {
            index,
            kind: "image_url",
            image_url: WireUrl { url: image.url() },
        }
    }
}

impl<'a> WireAudio<'a> {
    fn new(audio: &'a Audio) -> Self {
        Self {
            id: &audio.id,
            data: &audio.data,
            // Nobody keeps it: it cannot be referred to later.
            expires_at: 0,
            transcript: "",
        }
    }
}

impl WireUsage {
    pub(super) const fn new(usage: &Usage) -> Self {
        Self {
            prompt_tokens: usage.prompt,
            completion_tokens: usage.completion,
            total_tokens: usage.total(),
            prompt_tokens_details: PromptDetails {
                cached_tokens: usage.cache_read,
                cache_write_tokens: usage.cache_write,
            },
            completion_tokens_details: CompletionDetails {
                reasoning_tokens: usage.reasoning,
            },
        }
    }
}
