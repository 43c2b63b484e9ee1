//! A conversation's next turn in one piece.

use serde_json::{Value, json};

use super::check::{self, Checked};
use crate::behaviour::Usage;
use crate::dialect::Asked;
use crate::plan::Frames;
use crate::refusal::Refusal;
use crate::reply::{Call, Finish, Reply, hex};

/// What a guardrail says in the place of an answer.
pub(super) const GUARDED: &str = "Sorry, the model cannot answer this question.";

/// Answers, whole.
pub(super) fn converse(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let checked = check::converse(asked)?;
    let reply = asked.reply(&checked.ask);
    Ok(answer(&checked, &reply))
}

pub(super) fn answer(checked: &Checked, reply: &Reply) -> Frames {
    let mut body = json!({
        "metrics": metrics(reply),
        "output": {"message": {"content": content(reply), "role": "assistant"}},
        "stopReason": stop_reason(reply.finish),
        "usage": usage(&reply.usage),
    });
    if let Some(fields) = own_fields(checked, reply) {
        body["additionalModelResponseFields"] = fields;
    }
    Frames::whole(body.to_string(), reply.tokens())
}

fn content(reply: &Reply) -> Value {
    let mut blocks = Vec::new();
    if !reply.thinking.is_empty() {
        let text = json!({"text": reply.thinking.concat(), "signature": signature(reply)});
        blocks.push(json!({"reasoningContent": {"reasoningText": text}}));
    }
    if reply.finish == Finish::Blocked {
        blocks.push(json!({ "text": GUARDED }));
    } else if reply.calls.is_empty() && !reply.text.is_empty() {
        blocks.push(json!({"text": reply.text()}));
    }
    blocks.extend(reply.calls.iter().map(|call| {
        let mut tool_use = tool(call);
        tool_use["input"] = call.arguments.clone();
        json!({ "toolUse": tool_use })
    }));
    blocks.into()
}

/// A call, without its input.
pub(super) fn tool(call: &Call) -> Value {
    json!({"toolUseId": format!("tooluse_{}", hex(call.id)), "name": call.name})
}

/// What vouches for the thinking.
pub(super) fn signature(reply: &Reply) -> String {
    format!("EqQB{}", hex(reply.id))
}

/// How long it took. It is the same each time.
pub(super) fn metrics(reply: &Reply) -> Value {
    json!({"latencyMs": 100 + reply.usage.output})
}

/// What was asked for of the model's own answer.
pub(super) fn own_fields(checked: &Checked, reply: &Reply) -> Option<Value> {
    checked.tells_thoughts.then(|| {
        let details = json!({"thinking_tokens": reply.usage.reasoning});
        json!({"usage": {"output_tokens_details": details}})
    })
}

pub(super) fn stop_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::Tools => "tool_use",
        Finish::Filtered => "content_filtered",
        Finish::Blocked => "guardrail_intervened",
    }
}

/// The input does not include what came from a cache, or went there; the total does.
pub(super) fn usage(usage: &Usage) -> Value {
    let cached = usage.cache_read.saturating_add(usage.cache_write);
    json!({
        "inputTokens": usage.input.saturating_sub(cached),
        "outputTokens": usage.output,
        "totalTokens": usage.input.saturating_add(usage.output),
        "cacheReadInputTokens": usage.cache_read,
        "cacheWriteInputTokens": usage.cache_write,
    })
}
