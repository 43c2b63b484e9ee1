//! Answers in one piece.

use serde_json::{Value, json};

use super::{CREATED, Form};
use crate::behaviour::Usage;
use crate::dialect::Asked;
use crate::plan::Frames;
use crate::quirks::UsagePlace;
use crate::refusal::Refusal;
use crate::reply::{Ask, Finish, Reply, hex};
use crate::sim::Sim;

/// Lists the models.
#[expect(
    clippy::unnecessary_wraps,
    reason = "it is an endpoint, and those may refuse"
)]
pub(super) fn models(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let owner = asked.sim.name();
    let models = asked.sim.config.models.iter();
    let models = models
        .map(|id| json!({"id": id, "object": "model", "created": CREATED, "owned_by": owner}));
    let models: Vec<_> = models.collect();
    let body = json!({"object": "list", "data": models});
    Ok(Frames::whole(body.to_string(), 0))
}

/// A chat completion.
pub(super) fn completion(sim: &Sim, form: &Form<'_>, ask: &Ask, reply: &Reply) -> Value {
    let choices = (0..ask.choices).map(|index| {
        let mut choice = json!({
            "index": index,
            "finish_reason": finish_reason(reply.finish),
            "logprobs": null,
            "message": message(form, reply, index),
        });
        if let Some(filters) = &form.filters {
            let stopped = reply.finish == Finish::Filtered;
            let verdict = if stopped {
                &filters.stopped
            } else {
                &filters.answer
            };
            choice["content_filter_results"] = verdict.clone();
        }
        choice
    });
    let mut body = json!({
        "id": format!("chatcmpl-{}", hex(reply.id)),
        "object": "chat.completion",
        "created": CREATED,
        "model": ask.model,
        "service_tier": "default",
        "system_fingerprint": sim.name(),
        "choices": choices.collect::<Vec<_>>(),
    });
    if form.quirks.usage != UsagePlace::Nowhere {
        body["usage"] = usage(&reply.usage);
    }
    if let Some(filters) = &form.filters {
        body["prompt_filter_results"] = filters.prompt.clone();
    }
    body
}

fn message(form: &Form<'_>, reply: &Reply, choice: usize) -> Value {
    let mut message = json!({
        "role": "assistant",
        "content": null,
        "refusal": null,
        "annotations": [],
    });
    if let Some(field) = &form.quirks.reasoning
        && !reply.thinking.is_empty()
    {
        message[field] = reply.thinking.concat().into();
    }
    if reply.calls.is_empty() {
        message["content"] = reply.text().into();
        return message;
    }
    let calls = reply.calls.iter().map(|call| {
        json!({
            "id": call_id(call.id, choice),
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments.to_string()},
        })
    });
    message["tool_calls"] = calls.collect();
    message
}

pub(super) fn call_id(id: u64, choice: usize) -> String {
    format!("call_{}", hex(id.wrapping_add(choice as u64)))
}

pub(super) fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::Tools => "tool_calls",
        Finish::Filtered | Finish::Blocked => "content_filter",
    }
}

pub(super) fn usage(usage: &Usage) -> Value {
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input.saturating_add(usage.output),
        "prompt_tokens_details": {
            "cached_tokens": usage.cache_read,
            "audio_tokens": 0,
            "cache_write_tokens": usage.cache_write,
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    })
}
