//! Answers in one piece.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::check::{self, Checked};
use super::{family, stream as frames};
use crate::dialect::Asked;
use crate::plan::Frames;
use crate::refusal::Refusal;
use crate::reply::{Call, Finish, Reply, hex};

/// Generates, whole.
pub(super) fn generate(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let checked = check::generate(asked)?;
    let reply = asked.reply(&checked.ask);
    let body = response(&checked, &reply).to_string();
    Ok(Frames::whole(body, reply.tokens()))
}

/// Generates as a stream: of events, or else of the pieces of one long list.
pub(super) fn stream(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let checked = check::generate(asked)?;
    let reply = asked.reply(&checked.ask);
    if !asked.may_stream() {
        let body = response(&checked, &reply).to_string();
        return Ok(Frames::whole(body, reply.tokens()));
    }
    if asked.query("alt") == Some("sse") {
        return Ok(frames::events(&checked, &reply));
    }
    let list = Value::from(frames::chunks(&checked, &reply));
    Ok(Frames::whole(list.to_string(), reply.tokens()))
}

/// Counts the tokens of a request.
pub(super) fn count(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let tokens = check::count(asked)?;
    let details = json!([{"modality": "TEXT", "tokenCount": tokens}]);
    let body = json!({"totalTokens": tokens, "promptTokensDetails": details});
    Ok(Frames::whole(body.to_string(), 0))
}

/// Lists the models.
#[expect(
    clippy::unnecessary_wraps,
    reason = "it is an endpoint, and those may refuse"
)]
pub(super) fn models(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    let models = asked.sim.config.models.iter().map(|id| {
        json!({
            "name": format!("models/{id}"),
            "displayName": id,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        })
    });
    let models: Vec<_> = models.collect();
    Ok(Frames::whole(json!({ "models": models }).to_string(), 0))
}

fn response(checked: &Checked, reply: &Reply) -> Value {
    if reply.finish == Finish::Blocked {
        return blocked(checked, reply);
    }
    let candidates = (0..checked.ask.choices).map(|index| {
        let parts = parts(checked, reply, index);
        let mut content = json!({"role": "model"});
        // Without anything to say, there is no list of it.
        if !parts.is_empty() {
            content["parts"] = parts.into();
        }
        json!({
            "content": content,
            "finishReason": finish_reason(reply.finish),
            "index": index,
        })
    });
    let mut body = json!({ "candidates": candidates.collect::<Vec<_>>() });
    sign_off(&mut body, checked, reply);
    body["usageMetadata"] = usage(checked, reply, reply.usage.output);
    body
}

/// What says that the prompt was refused.
pub(super) fn blocked(checked: &Checked, reply: &Reply) -> Value {
    let mut body = json!({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}});
    sign_off(&mut body, checked, reply);
    body["usageMetadata"] = usage(checked, reply, 0);
    body
}

/// Says who answers.
pub(super) fn sign_off(body: &mut Value, checked: &Checked, reply: &Reply) {
    body["modelVersion"] = checked.ask.model.as_str().into();
    body["responseId"] = hex(reply.id).into();
}

fn parts(checked: &Checked, reply: &Reply, candidate: usize) -> Vec<Value> {
    let mut parts = Vec::new();
    if checked.shows_thoughts && !reply.thinking.is_empty() {
        parts.push(json!({"text": reply.thinking.concat(), "thought": true}));
    }
    if reply.calls.is_empty() && !reply.text.is_empty() {
        let mut part = json!({"text": reply.text()});
        if family::generation(&checked.ask.model) >= 3 {
            part["thoughtSignature"] = signature(reply).into();
        }
        parts.push(part);
    }
    let calls = reply.calls.iter().enumerate();
    parts.extend(calls.map(|(number, call)| self::call(checked, reply, call, number, candidate)));
    parts
}

/// A call, signed if it is the first one of several.
pub(super) fn call(
    checked: &Checked,
    reply: &Reply,
    call: &Call,
    number: usize,
    candidate: usize,
) -> Value {
    let newest = family::generation(&checked.ask.model) >= 3;
    let mut function = json!({});
    if newest {
        function["id"] = hex(call.id.wrapping_add(candidate as u64)).into();
    }
    function["name"] = call.name.as_str().into();
    function["args"] = call.arguments.clone();
    let mut part = json!({"functionCall": function});
    if number == 0 && (newest || !reply.thinking.is_empty()) {
        part["thoughtSignature"] = signature(reply).into();
    }
    part
}

/// What vouches for the thinking.
pub(super) fn signature(reply: &Reply) -> String {
    STANDARD.encode(format!("thought {}", hex(reply.id)))
}

pub(super) fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::Tools => "STOP",
        Finish::Length => "MAX_TOKENS",
        Finish::Filtered | Finish::Blocked => "SAFETY",
    }
}

/// The usage so far, of which `output` tokens have been written. What is zero is left out.
pub(super) fn usage(checked: &Checked, reply: &Reply, output: u64) -> Value {
    let usage = &reply.usage;
    let thoughts = usage.reasoning.min(output);
    let total = usage.input.saturating_add(output);
    let mut body = json!({
        "promptTokenCount": usage.input,
        "candidatesTokenCount": output - thoughts,
        "totalTokenCount": total,
        "cachedContentTokenCount": usage.cache_read,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": usage.input}],
        "thoughtsTokenCount": thoughts,
    });
    if checked.service.is_vertex() {
        body["trafficType"] = "ON_DEMAND".into();
    }
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|_, value| *value != 0);
    }
    body
}
