use std::str;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use steeplechase_core::{Call, Dialect, Operation};

use crate::intake::{Fields, scan};
use crate::json::{each_field, each_item};

/// Whether every answer of a call is one choice of plain text, in a stream whose parts can be joined.
pub(super) fn is_plain(call: &Call) -> bool {
    let head = call.head();
    if call.operation() != Operation::Chat
        || !matches!(call.dialect(), Dialect::Anthropic | Dialect::OpenAi)
        || !head.stream
        || head.n != 1
        || head.tools
    {
        return false;
    }
    let Ok(raw) = str::from_utf8(call.raw()) else {
        return false;
    };
    let (mut is_plain, mut ends_with_other) = (true, false);
    let read = each_field(raw, |name, value| match name {
        "messages" => ends_with_other = last_role(value).is_some_and(|role| role != "assistant"),
        _ => is_plain &= is_harmless(name, value),
    });
    read.is_ok() && is_plain && ends_with_other
}

/// Whether a field of a call leaves its answer plain text.
fn is_harmless(name: &str, value: &str) -> bool {
    let is = |what: &str| value == what;
    let nothing = is("null") || is("false") || is("{}") || is("[]");
    let of_type = |kind: &str| {
        let value: Option<Value> = serde_json::from_str(value).ok();
        value.is_some_and(|value| value["type"] == *kind)
    };
    match name {
        "response_format" => nothing || of_type("text"),
        "thinking" => nothing || of_type("disabled"),
        "reasoning_effort" => nothing || is("\"none\""),
        "modalities" => nothing || is("[\"text\"]"),
        "audio" | "container" | "functions" | "logprobs" | "mcp_servers" | "output_config"
        | "output_format" | "reasoning" | "web_search_options" => nothing,
        _ => true,
    }
}

fn last_role(messages: &str) -> Option<String> {
    let mut last = None;
    each_item::<()>(messages, |message| {
        last = Some(message);
        Ok(())
    })
    .ok()?;
    let mut role = None;
    each_field(last?, |name, value| {
        if name == "role" {
            role = serde_json::from_str(value).ok();
        }
    })
    .ok()?;
    role
}

/// The call for what comes after `text`, of which `said` tokens were said already.
pub(super) fn for_the_rest(call: &Call, text: &str, said: u64) -> Option<Call> {
    let text = text.trim_end();
    if text.is_empty() {
        return None;
    }
    let raw = str::from_utf8(call.raw()).ok()?;
    let mut fields = Vec::new();
    each_field(raw, |name, value| {
        let value = match name {
            "messages" => with_words(value, text),
            "max_tokens" | "max_completion_tokens" => less(value, said),
            _ => None,
        };
        fields.extend(value.map(|value| (name.to_owned(), value)));
    })
    .ok()?;
    let fields = fields.iter().map(|(name, value)| (name.clone(), &**value));
    let raw: Bytes = Fields(fields.collect()).splice_into(call.raw()).ok()?;
    let head = scan(&raw).ok()?;
    let rest = Call::new(call.operation(), call.dialect(), raw, head);
    Some(rest.with_model(Arc::clone(call.model_handle())))
}

/// Messages, and after them the assistant's words.
fn with_words(messages: &str, text: &str) -> Option<String> {
    let end = messages.rfind(']')?;
    let text = serde_json::to_string(text).ok()?;
    let (before, after) = messages.split_at(end);
    Some(format!(
        "{before},{{\"role\":\"assistant\",\"content\":{text}}}{after}"
    ))
}

fn less(limit: &str, said: u64) -> Option<String> {
    let limit: u64 = limit.parse().ok()?;
    Some(limit.saturating_sub(said).max(1).to_string())
}
