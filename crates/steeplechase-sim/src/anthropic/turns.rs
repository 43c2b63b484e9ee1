//! Refuses conversations that Anthropic would refuse.
//!
//! ```text
//! user ─► assistant: tool_use a, tool_use b ─► user: tool_result a, tool_result b, text ─► …
//!                          └── each has its result in the very next message ──┘
//! ```

use std::collections::HashSet;

use serde_json::Value;

use super::check::required;
use crate::refusal::Refusal;

/// Checks the messages of a request.
pub(super) fn check(messages: &[Value]) -> Result<(), Refusal> {
    if messages.is_empty() {
        return Err(Refusal::bad("messages: at least one message is required"));
    }
    let mut open = HashSet::new();
    for (number, message) in messages.iter().enumerate() {
        let place = format!("messages.{number}");
        let role = message["role"].as_str();
        let role = role.ok_or_else(|| required(&format!("{place}.role")))?;
        match role {
            "user" => {}
            "assistant" if number > 0 => {}
            "assistant" => {
                let text = "messages: first message must use the \"user\" role";
                return Err(Refusal::bad(text));
            }
            _ => {
                let text = format!(
                    "{place}: Unexpected role {role:?}. Allowed are \"user\" and \"assistant\"; \
                     a system prompt goes to the top-level `system`."
                );
                return Err(Refusal::bad(text));
            }
        }
        let content = &message["content"];
        match content {
            Value::String(_) | Value::Array(_) => {}
            Value::Null => return Err(required(&format!("{place}.content"))),
            _ => {
                let text = format!("{place}.content: Input should be a string or a list");
                return Err(Refusal::bad(text));
            }
        }
        // Prefill may be empty in the last place only; the provider is strict about all others.
        if content.as_array().is_some_and(Vec::is_empty) && number + 1 < messages.len() {
            let text = format!("{place}: all messages must have non-empty content");
            return Err(Refusal::bad(text));
        }
        check_text(content, &format!("{place}.content"))?;
        pairing(content, role, &place, &mut open)?;
    }
    unanswered(&open, "messages")
}

/// Texts may not be empty.
pub(super) fn check_text(content: &Value, place: &str) -> Result<(), Refusal> {
    let empty = match content {
        Value::Array(blocks) => blocks.iter().any(|block| {
            let text = block["text"].as_str();
            block["type"] == "text" && text.is_none_or(|text| text.trim().is_empty())
        }),
        _ => false,
    };
    if empty {
        let text = format!("{place}: text content blocks must be non-empty");
        return Err(Refusal::bad(text));
    }
    Ok(())
}

/// Whether a message is the user's own, and no tool result.
pub(super) fn is_users_own(message: &Value) -> bool {
    message["role"] == "user" && !blocks(&message["content"]).any(|b| b["type"] == "tool_result")
}

fn pairing<'a>(
    content: &'a Value,
    role: &str,
    place: &str,
    open: &mut HashSet<&'a str>,
) -> Result<(), Refusal> {
    let mut used = HashSet::new();
    for (number, block) in blocks(content).enumerate() {
        let place = format!("{place}.content.{number}");
        match (block["type"].as_str(), role) {
            (Some("tool_result"), "user") => {
                let id = block["tool_use_id"].as_str();
                let id = id.ok_or_else(|| required(&format!("{place}.tool_use_id")))?;
                if !open.remove(id) {
                    let text = format!(
                        "{place}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. \
                         Each must have a `tool_use` block in the previous message."
                    );
                    return Err(Refusal::bad(text));
                }
            }
            (Some("tool_use"), "assistant") => {
                let id = block["id"].as_str();
                let id = id.ok_or_else(|| required(&format!("{place}.id")))?;
                if !id
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
                {
                    let text = format!("{place}.id: should match pattern '^[a-zA-Z0-9_-]+$'");
                    return Err(Refusal::bad(text));
                }
                if !block["input"].is_object() {
                    let text = format!("{place}.input: Input should be a valid dictionary");
                    return Err(Refusal::bad(text));
                }
                if !used.insert(id) {
                    let text = format!("{place}: `tool_use` ids must be unique");
                    return Err(Refusal::bad(text));
                }
            }
            (Some(kind @ ("tool_result" | "tool_use")), _) => {
                let text = format!("{place}: `{kind}` blocks may not be in {role} messages");
                return Err(Refusal::bad(text));
            }
            (Some(_), _) => {}
            (None, _) => return Err(required(&format!("{place}.type"))),
        }
    }
    unanswered(open, place)?;
    *open = used;
    Ok(())
}

fn unanswered(open: &HashSet<&str>, place: &str) -> Result<(), Refusal> {
    let Some(id) = open.iter().min() else {
        return Ok(());
    };
    let text = format!("{place}: `tool_use` ids without `tool_result` blocks right after: {id}");
    Err(Refusal::bad(text))
}

fn blocks(content: &Value) -> impl Iterator<Item = &Value> {
    content.as_array().into_iter().flatten()
}
