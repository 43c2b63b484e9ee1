use bytes::BytesMut;
use serde::Serialize;
use serde_json::Value;
use steeplechase_core::Usage;

use super::logprobs;
use crate::chat::{Answer, ChatRequest, Choice, FinishReason, put};

#[derive(Serialize)]
struct Completion<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: Vec<WireChoice>,
    usage: WireUsage,
}

#[derive(Serialize)]
struct WireChoice {
    text: String,
    index: usize,
    logprobs: Option<Value>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
pub(super) struct WireUsage {
    #[serde(rename = "prompt_tokens")]
    prompt: u64,
    #[serde(rename = "completion_tokens")]
    completion: u64,
    #[serde(rename = "total_tokens")]
    total: u64,
}

/// Appends a whole answer to a call to complete a prompt.
pub(crate) fn write_answer(answer: &Answer, chat: &ChatRequest, out: &mut BytesMut) {
    let choices = answer.choices.iter().enumerate();
    let completion = Completion {
        id: &answer.id,
        object: "text_completion",
        created: answer.created,
        model: &answer.model,
        choices: choices
            .map(|(index, choice)| WireChoice::new(index, choice, chat))
            .collect(),
        usage: WireUsage::from(&answer.usage),
    };
    put(out, &completion);
}

/// Why a completion ended.
pub(super) const fn reason(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::ContentFilter => "content_filter",
        FinishReason::Length => "length",
        // It has no tools to call.
        FinishReason::FunctionCall | FinishReason::Stop | FinishReason::ToolCalls => "stop",
    }
}

// ===== impl WireChoice =====

impl WireChoice {
    fn new(index: usize, choice: &Choice, chat: &ChatRequest) -> Self {
        let said = choice.content.as_deref().unwrap_or("");
        let refusal = choice.refusal.as_deref().unwrap_or("");
        let probable = choice.logprobs.as_deref();
        Self {
            text: [chat.echo.as_deref().unwrap_or(""), said, refusal].concat(),
            index,
            logprobs: probable.and_then(|logprobs| logprobs::of_chat(logprobs, &mut 0)),
            finish_reason: reason(choice.finish),
        }
    }
}

// ===== impl WireUsage =====

impl From<&Usage> for WireUsage {
    fn from(usage: &Usage) -> Self {
        Self {
            prompt: usage.prompt,
            completion: usage.completion,
            total: usage.total(),
        }
    }
}
