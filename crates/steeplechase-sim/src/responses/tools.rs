//! The tools of a request for a response. They are flat: there is no `function` in a function.

use serde_json::{Map, Value};

use crate::openai::{invalid, missing};
use crate::refusal::Refusal;
use crate::reply::{Tool, ToolChoice};

pub(super) fn read(body: &Map<String, Value>) -> Result<Vec<Tool>, Refusal> {
    let tools = match body.get("tools") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(tools)) => tools,
        Some(_) => return Err(invalid("tools", "an array")),
    };
    let mut read = Vec::new();
    for (number, tool) in tools.iter().enumerate() {
        match tool["type"].as_str() {
            None => return Err(missing(&format!("tools[{number}].type"))),
            Some("function" | "custom") => {
                let name = tool["name"].as_str();
                let name = name.ok_or_else(|| missing(&format!("tools[{number}].name")))?;
                read.push(Tool {
                    name: name.to_owned(),
                    schema: tool["parameters"].clone(),
                });
            }
            // The provider's own are not called by the sim.
            Some(_) => {}
        }
    }
    Ok(read)
}

pub(super) fn choice(body: &Map<String, Value>, tools: &[Tool]) -> Result<ToolChoice, Refusal> {
    let choice = body.get("tool_choice").unwrap_or(&Value::Null);
    match choice {
        Value::Null => Ok(ToolChoice::Auto),
        Value::String(choice) => match choice.as_str() {
            "auto" => Ok(ToolChoice::Auto),
            "none" => Ok(ToolChoice::Never),
            "required" => Ok(ToolChoice::Any),
            _ => Err(invalid("tool_choice", "one of none, auto, required")),
        },
        choice => match choice["type"].as_str() {
            Some("allowed_tools") if choice["mode"] == "required" => Ok(ToolChoice::Any),
            Some("function" | "custom") => {
                let name = choice["name"].as_str();
                let name = name.ok_or_else(|| missing("tool_choice.name"))?;
                if tools.iter().any(|tool| tool.name == name) {
                    Ok(ToolChoice::Named(name.to_owned()))
                } else {
                    let message = format!("Tool choice '{name}' not found in 'tools' parameter.");
                    Err(Refusal::bad(message).param("tool_choice"))
                }
            }
            Some(_) => Ok(ToolChoice::Auto),
            None => Err(missing("tool_choice.type")),
        },
    }
}
