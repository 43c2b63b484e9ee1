//! A chat in one piece.

use serde_json::{Value, json};

use super::{Cohere, check, stream};
use crate::behaviour::Usage;
use crate::dialect::{Asked, Dialect};
use crate::plan::Frames;
use crate::refusal::{Refusal, Why};
use crate::reply::{Call, Finish, Reply, hex};

/// What is said beside calls of tools.
pub(super) const PLAN: [&str; 4] = ["I ", "will ", "look ", "it up."];

/// Answers a chat, whole or streamed.
pub(super) fn chat(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let ask = check::chat(asked.body)?;
    let reply = asked.reply(&ask);
    if reply.finish == Finish::Blocked {
        return Err(Cohere.refusal(&Why::Blocked));
    }
    if ask.stream && asked.may_stream() {
        return Ok(stream::chat(&reply));
    }
    let body = json!({
        "id": hex(reply.id),
        "message": message(&reply),
        "finish_reason": finish_reason(reply.finish),
        "usage": usage(&reply.usage),
    });
    Ok(Frames::whole(body.to_string(), reply.tokens()))
}

fn message(reply: &Reply) -> Value {
    let mut message = json!({"role": "assistant"});
    let mut content = Vec::new();
    if !reply.thinking.is_empty() {
        content.push(json!({"type": "thinking", "thinking": reply.thinking.concat()}));
    }
    if reply.calls.is_empty() {
        content.push(json!({"type": "text", "text": reply.text()}));
    } else {
        message["tool_plan"] = PLAN.concat().into();
        let calls = reply.calls.iter();
        message["tool_calls"] = calls.map(|c| call(c, &c.arguments.to_string())).collect();
    }
    if !content.is_empty() {
        message["content"] = content.into();
    }
    message
}

/// A call with these arguments.
pub(super) fn call(call: &Call, arguments: &str) -> Value {
    json!({
        "id": format!("{}_{}", call.name, hex(call.id)),
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    })
}

pub(super) fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "COMPLETE",
        Finish::Length => "MAX_TOKENS",
        Finish::Tools => "TOOL_CALL",
        Finish::Filtered | Finish::Blocked => "ERROR_TOXIC",
    }
}

/// Tokens, as fractions: that is what they are to Cohere.
pub(super) fn usage(usage: &Usage) -> Value {
    let tokens = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    json!({
        "billed_units": {
            "input_tokens": tokens(usage.input),
            "output_tokens": tokens(usage.output),
        },
        "tokens": {
            "input_tokens": tokens(usage.input),
            "output_tokens": tokens(usage.output),
        },
        "cached_tokens": tokens(usage.cache_read),
    })
}
