//! How items and usage look in this dialect: shapes that borrow, to be serialized as they stand.

use serde::Serialize;
use serde_json::value::RawValue;
use steeplechase_core::Usage;

use crate::chat::Annotation;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum WireItem<'a> {
    CustomToolCall {
        id: &'a str,
        status: &'static str,
        call_id: &'a str,
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<&'a str>,
        input: &'a str,
    },
    FunctionCall {
        id: &'a str,
        status: &'static str,
        call_id: &'a str,
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<&'a str>,
        arguments: &'a str,
    },
    Message {
        id: &'a str,
        status: &'static str,
        role: &'static str,
        content: Vec<WirePart<'a>>,
    },
    Reasoning {
        id: &'a str,
        summary: Vec<WireSummary<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        encrypted_content: Option<&'a str>,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum WirePart<'a> {
    OutputText {
        text: &'a str,
        annotations: Vec<WireAnnotation<'a>>,
        logprobs: &'a [Box<RawValue>],
    },
    Refusal {
        refusal: &'a str,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "summary_text")]
pub(super) struct WireSummary<'a> {
    pub(super) text: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "url_citation")]
pub(super) struct WireAnnotation<'a> {
    start_index: usize,
    end_index: usize,
    url: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
pub(in crate::responses) struct WireUsage {
    input_tokens: u64,
    input_tokens_details: InputDetails,
    output_tokens: u64,
    output_tokens_details: OutputDetails,
    total_tokens: u64,
}

#[derive(Serialize)]
struct InputDetails {
    cached_tokens: u64,
    cache_write_tokens: u64,
}

#[derive(Serialize)]
struct OutputDetails {
    reasoning_tokens: u64,
}

// ===== impl WireAnnotation =====

impl<'a> From<&'a Annotation> for WireAnnotation<'a> {
    fn from(annotation: &'a Annotation) -> Self {
        Self {
            start_index: annotation.start,
            end_index: annotation.end,
            url: &annotation.url,
            title: annotation.title.as_deref().unwrap_or(""),
        }
    }
}

// ===== impl WireUsage =====

impl From<&Usage> for WireUsage {
    fn from(usage: &Usage) -> Self {
        Self {
            input_tokens: usage.prompt,
            input_tokens_details: InputDetails {
                cached_tokens: usage.cache_read,
                cache_write_tokens: usage.cache_write,
            },
            output_tokens: usage.completion,
            output_tokens_details: OutputDetails {
                reasoning_tokens: usage.reasoning,
            },
            total_tokens: usage.total(),
        }
    }
}
