//! Refuses conversations that Cohere would refuse.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::check::invalid;
use crate::refusal::Refusal;

/// What the content of a message may have in it, by role.
const PARTS: [(&str, &[&str]); 4] = [
    ("system", &["text"]),
    ("user", &["text", "image_url", "document"]),
    ("assistant", &["text", "thinking"]),
    ("tool", &["text", "document"]),
];

/// Checks the messages. Returns whether the last of them is the user's own.
pub(super) fn check(body: &Map<String, Value>) -> Result<bool, Refusal> {
    let messages = body.get("messages").and_then(Value::as_array);
    let messages = messages.map_or(&[][..], Vec::as_slice);
    if messages.is_empty() {
        return Err(invalid("messages must have at least one element"));
    }
    let mut open = HashSet::new();
    for (number, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        let allowed = PARTS.iter().find(|(name, _)| *name == role);
        let (_, allowed) =
            allowed.ok_or_else(|| invalid(&format!("messages[{number}] must have a role")))?;
        content(message, role, allowed, number)?;
        if role == "tool" {
            let id = message["tool_call_id"].as_str().unwrap_or_default();
            if !open.remove(id) {
                return Err(invalid(&format!(
                    "tool_call_id {id:?} is not of a call before it"
                )));
            }
            continue;
        }
        unanswered(&open)?;
        let calls = message["tool_calls"].as_array();
        for call in calls.into_iter().flatten() {
            open.insert(self::call(call, number)?);
        }
    }
    unanswered(&open)?;
    let last = &messages[messages.len() - 1]["role"];
    if last != "user" && last != "tool" {
        return Err(invalid("the last message must have the role user or tool"));
    }
    Ok(last == "user")
}

fn content(message: &Value, role: &str, allowed: &[&str], number: usize) -> Result<(), Refusal> {
    let has_calls = message["tool_calls"]
        .as_array()
        .is_some_and(|calls| !calls.is_empty());
    match &message["content"] {
        Value::Null if has_calls => Ok(()),
        Value::Null => Err(invalid(&format!("messages[{number}] must have content"))),
        // What is said beside calls has a place of its own.
        _ if has_calls => Err(invalid(&format!(
            "messages[{number}] must not have content beside tool_calls, use tool_plan"
        ))),
        Value::String(text) if text.is_empty() && role == "user" => Err(invalid(&format!(
            "messages[{number}] must have content that is not empty"
        ))),
        Value::String(_) => Ok(()),
        Value::Array(parts) => parts.iter().try_for_each(|part| {
            let kind = part["type"].as_str().unwrap_or_default();
            if !allowed.contains(&kind) {
                return Err(invalid(&format!(
                    "messages[{number}] must not have content of type {kind:?}"
                )));
            }
            if kind == "image_url" && !part["image_url"]["url"].is_string() {
                return Err(invalid(&format!(
                    "messages[{number}] has an image without a url"
                )));
            }
            Ok(())
        }),
        _ => Err(invalid(&format!(
            "messages[{number}] has content of a wrong type"
        ))),
    }
}

fn call(call: &Value, number: usize) -> Result<&str, Refusal> {
    let id = call["id"].as_str().filter(|id| !id.is_empty());
    let id =
        id.ok_or_else(|| invalid(&format!("messages[{number}] has a tool call without an id")))?;
    let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
    match serde_json::from_str(arguments) {
        Ok(Value::Object(_)) => Ok(id),
        _ => Err(invalid(&format!(
            "messages[{number}] has a tool call whose arguments are not a JSON object"
        ))),
    }
}

fn unanswered(open: &HashSet<&str>) -> Result<(), Refusal> {
    let Some(id) = open.iter().min() else {
        return Ok(());
    };
    Err(invalid(&format!(
        "tool call id {id:?} has no tool result after it"
    )))
}
