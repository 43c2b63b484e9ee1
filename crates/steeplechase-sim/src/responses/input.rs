//! The input: a text, or items.
//!
//! ```text
//! message · reasoning · function_call a · function_call b · function_call_output a · … b · message
//!                              └── each has its output, somewhere after it ──┘
//! ```

use std::collections::HashSet;

use serde_json::Value;

use crate::openai::{invalid, missing};
use crate::refusal::Refusal;

const ROLES: [&str; 4] = ["assistant", "system", "developer", "user"];

/// The parts of the messages of a caller, and of the model.
const INPUT_PARTS: [&str; 4] = ["input_text", "input_image", "input_file", "input_audio"];
const OUTPUT_PARTS: [&str; 2] = ["output_text", "refusal"];

/// Items that are not looked into.
const OTHERS: [&str; 18] = [
    "apply_patch_call",
    "apply_patch_call_output",
    "code_interpreter_call",
    "compaction",
    "computer_call",
    "computer_call_output",
    "file_search_call",
    "image_generation_call",
    "item_reference",
    "local_shell_call",
    "local_shell_call_output",
    "mcp_approval_request",
    "mcp_approval_response",
    "mcp_call",
    "mcp_list_tools",
    "shell_call",
    "shell_call_output",
    "web_search_call",
];

/// Checks the input. Returns whether its last item is the user's own.
pub(super) fn check(input: Option<&Value>) -> Result<bool, Refusal> {
    let items = match input {
        None | Some(Value::Null) => return Err(missing("input")),
        Some(Value::String(_)) => return Ok(true),
        Some(Value::Array(items)) if items.is_empty() => return Err(missing("input")),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(invalid("input", "a string or an array of items")),
    };
    let mut calls = HashSet::new();
    let mut answered = HashSet::new();
    for (number, item) in items.iter().enumerate() {
        let place = format!("input[{number}]");
        match item["type"].as_str().unwrap_or("message") {
            "message" => message(item, &place)?,
            "reasoning" if item["summary"].is_array() => {}
            "reasoning" => return Err(missing(&format!("{place}.summary"))),
            "function_call" => {
                calls.insert(text(item, &place, "call_id")?);
                text(item, &place, "name")?;
                text(item, &place, "arguments")?;
            }
            "custom_tool_call" => {
                calls.insert(text(item, &place, "call_id")?);
                text(item, &place, "name")?;
                text(item, &place, "input")?;
            }
            "function_call_output" | "custom_tool_call_output" => {
                let id = text(item, &place, "call_id")?;
                output(item, &place)?;
                if !calls.contains(id) {
                    let message =
                        format!("No tool call found for function call output with call_id {id}.");
                    return Err(Refusal::bad(message).param("input"));
                }
                answered.insert(id);
            }
            other if OTHERS.contains(&other) => {}
            other => {
                let message = format!("Invalid value: '{other}'.");
                let refusal = Refusal::bad(message).param(place).code("invalid_value");
                return Err(refusal);
            }
        }
    }
    if let Some(id) = calls.difference(&answered).min() {
        let message = format!("No tool output found for function call {id}.");
        return Err(Refusal::bad(message).param("input"));
    }
    Ok(items.last().is_some_and(|item| item["role"] == "user"))
}

fn message(item: &Value, place: &str) -> Result<(), Refusal> {
    let role = text(item, place, "role")?;
    if !ROLES.contains(&role) {
        let expected = format!("one of {}", ROLES.join(", "));
        return Err(invalid(&format!("{place}.role"), &expected));
    }
    let parts: &[&str] = if role == "assistant" {
        &OUTPUT_PARTS
    } else {
        &INPUT_PARTS
    };
    match &item["content"] {
        Value::String(_) => Ok(()),
        Value::Array(content) => check_parts(content, &format!("{place}.content"), parts),
        Value::Null => Err(missing(&format!("{place}.content"))),
        _ => Err(invalid(&format!("{place}.content"), "a string or an array")),
    }
}

fn output(item: &Value, place: &str) -> Result<(), Refusal> {
    match &item["output"] {
        Value::String(_) => Ok(()),
        Value::Array(parts) => check_parts(parts, &format!("{place}.output"), &INPUT_PARTS),
        Value::Null => Err(missing(&format!("{place}.output"))),
        _ => Err(invalid(&format!("{place}.output"), "a string or an array")),
    }
}

fn check_parts(parts: &[Value], place: &str, allowed: &[&str]) -> Result<(), Refusal> {
    for (number, part) in parts.iter().enumerate() {
        let place = format!("{place}[{number}]");
        let kind = text(part, &place, "type")?;
        if !allowed.contains(&kind) {
            let message = format!(
                "Invalid value: '{kind}'. Supported values are: '{}'.",
                allowed.join("', '")
            );
            let refusal = Refusal::bad(message).param(place);
            return Err(refusal.code("invalid_value"));
        }
        let image = &part["image_url"];
        if kind == "input_image" && !image.is_string() && part["file_id"].is_null() {
            return Err(invalid(&format!("{place}.image_url"), "an image URL"));
        }
    }
    Ok(())
}

fn text<'a>(item: &'a Value, place: &str, field: &str) -> Result<&'a str, Refusal> {
    match &item[field] {
        Value::String(text) => Ok(text),
        Value::Null => Err(missing(&format!("{place}.{field}"))),
        _ => Err(invalid(&format!("{place}.{field}"), "a string")),
    }
}
