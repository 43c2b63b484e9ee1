//! Answers in one piece.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{CREATED, check, stream};
use crate::behaviour::Usage;
use crate::draw::Draw;
use crate::plan::Frames;
use crate::refusal::Refusal;
use crate::reply::{Ask, Finish, Reply, hex};
use crate::sim::Sim;

/// Answers a chat completion, whole or streamed.
pub(crate) fn chat(sim: &Sim, draw: &Draw, body: &Bytes) -> Result<Frames, Refusal> {
    let ask = check::chat(body)?;
    let reply = Reply::to(&ask, sim, draw);
    if ask.stream && !draw.behaviour.json_to_stream {
        return Ok(stream::chat(sim, &ask, &reply));
    }
    let body = completion(sim, &ask, &reply).to_string();
    Ok(Frames::whole(body, reply.tokens()))
}

/// Lists the models.
pub(crate) fn models(sim: &Sim) -> Frames {
    let models =
        sim.config.models.iter().map(
            |id| json!({"id": id, "object": "model", "created": CREATED, "owned_by": sim.name()}),
        );
    let models: Vec<_> = models.collect();
    let body = json!({"object": "list", "data": models});
    Frames::whole(body.to_string(), 0)
}

fn completion(sim: &Sim, ask: &Ask, reply: &Reply) -> Value {
    let choices: Vec<_> = (0..ask.choices)
        .map(|index| {
            json!({
                "index": index,
                "finish_reason": finish_reason(reply.finish),
                "logprobs": null,
                "message": message(reply, index),
            })
        })
        .collect();
    json!({
        "id": format!("chatcmpl-{}", hex(reply.id)),
        "object": "chat.completion",
        "created": CREATED,
        "model": ask.model,
        "service_tier": "default",
        "system_fingerprint": sim.name(),
        "choices": choices,
        "usage": usage(&reply.usage),
    })
}

fn message(reply: &Reply, choice: usize) -> Value {
    let mut message = json!({
        "role": "assistant",
        "content": null,
        "refusal": null,
        "annotations": [],
    });
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
