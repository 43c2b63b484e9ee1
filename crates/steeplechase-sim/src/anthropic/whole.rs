//! Answers in one piece.

use serde_json::{Value, json};

use super::{Host, check, stream};
use crate::behaviour::Usage;
use crate::dialect::Asked;
use crate::plan::Frames;
use crate::refusal::{Refusal, Why};
use crate::reply::{Ask, Call, Finish, Reply, hex};

/// Answers a request for a message, whole or streamed.
pub(crate) fn messages(asked: &Asked<'_>, host: &Host<'_>) -> Result<Frames, Refusal> {
    let ask = check::message(asked.body, host)?;
    let reply = asked.reply(&ask);
    if reply.finish == Finish::Blocked {
        return Err(host.dialect.refusal(&Why::Blocked));
    }
    if ask.stream && asked.may_stream() {
        return Ok(stream::message(host, &ask, &reply));
    }
    let mut message = skeleton(host, &ask, &reply);
    message["content"] = content(host, &reply);
    message["stop_reason"] = stop_reason(reply.finish).into();
    message["usage"] = usage(&reply.usage);
    Ok(Frames::whole(message.to_string(), reply.tokens()))
}

/// Counts the tokens of a request.
pub(crate) fn count_tokens(asked: &Asked<'_>, host: &Host<'_>) -> Result<Frames, Refusal> {
    let tokens = check::count(asked.body, host)?;
    Ok(Frames::whole(
        json!({"input_tokens": tokens}).to_string(),
        0,
    ))
}

/// A message in which nothing has been said yet.
pub(super) fn skeleton(host: &Host<'_>, ask: &Ask, reply: &Reply) -> Value {
    json!({
        "id": format!("msg_{}{}", host.ids, hex(reply.id)),
        "type": "message",
        "role": "assistant",
        "model": ask.model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": null,
    })
}

fn content(host: &Host<'_>, reply: &Reply) -> Value {
    let mut blocks = Vec::new();
    if !reply.thinking.is_empty() {
        blocks.push(json!({
            "type": "thinking",
            "thinking": reply.thinking.concat(),
            "signature": signature(reply),
        }));
    }
    if reply.calls.is_empty() && !reply.text.is_empty() {
        blocks.push(json!({"type": "text", "text": reply.text()}));
    }
    blocks.extend(
        reply
            .calls
            .iter()
            .map(|call| tool_use(host, call, &call.arguments)),
    );
    blocks.into()
}

pub(super) fn tool_use(host: &Host<'_>, call: &Call, input: &Value) -> Value {
    let id = format!("toolu_{}{}", host.ids, hex(call.id));
    json!({"type": "tool_use", "id": id, "name": call.name, "input": input})
}

/// What vouches for the thinking. It looks like base64, as the provider's own does.
pub(super) fn signature(reply: &Reply) -> String {
    format!("EqQB{}", hex(reply.id))
}

pub(super) fn stop_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::Tools => "tool_use",
        Finish::Filtered | Finish::Blocked => "refusal",
    }
}

pub(super) fn usage(usage: &Usage) -> Value {
    json!({
        "input_tokens": uncached(usage),
        "cache_creation_input_tokens": usage.cache_write,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write,
            "ephemeral_1h_input_tokens": 0,
        },
        "output_tokens": usage.output,
        "output_tokens_details": {"thinking_tokens": usage.reasoning},
        "service_tier": "standard",
    })
}

/// In this dialect the input does not include what came from a cache, or went there.
fn uncached(usage: &Usage) -> u64 {
    let cached = usage.cache_read.saturating_add(usage.cache_write);
    usage.input.saturating_sub(cached)
}
