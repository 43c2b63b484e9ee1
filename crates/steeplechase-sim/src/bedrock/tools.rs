//! The tools of a conversation.

use serde_json::{Map, Value};

use super::check::constrained;
use crate::refusal::Refusal;
use crate::reply::{Tool, ToolChoice};

/// The families of models that can be made to call a tool.
const FORCEABLE: [&str; 5] = ["claude", "nova", "mistral", "gpt", "inference-profile"];

/// Reads the tools that the model may call.
pub(super) fn read(body: &Map<String, Value>) -> Result<Vec<Tool>, Refusal> {
    let Some(config) = body.get("toolConfig").filter(|config| !config.is_null()) else {
        return Ok(Vec::new());
    };
    let tools = config["tools"].as_array();
    let tools = tools.map_or(&[][..], Vec::as_slice);
    if tools.is_empty() {
        let constraint = "Member must have length greater than or equal to 1";
        return Err(constrained(
            &config["tools"],
            "toolConfig.tools",
            constraint,
        ));
    }
    let mut read: Vec<Tool> = Vec::new();
    for (number, tool) in tools.iter().enumerate() {
        let spec = &tool["toolSpec"];
        if spec.is_null() {
            continue;
        }
        let place = format!("toolConfig.tools.{}.member.toolSpec", number + 1);
        let name = spec["name"].as_str().unwrap_or_default();
        if !is_name(name, "_-") {
            let constraint = "Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+";
            return Err(constrained(
                &spec["name"],
                &format!("{place}.name"),
                constraint,
            ));
        }
        if spec["description"] == "" {
            let constraint = "Member must have length greater than or equal to 1";
            return Err(constrained(
                &"".into(),
                &format!("{place}.description"),
                constraint,
            ));
        }
        let schema = &spec["inputSchema"]["json"];
        if schema["type"] != "object" {
            return Err(Refusal::bad(format!(
                "The value at toolConfig.tools.{number}.toolSpec.inputSchema.json.type must be one of \
                 the following: object."
            )));
        }
        if read.iter().any(|known| known.name == name) {
            return Err(Refusal::bad(format!(
                "The tool name {name} is already defined at toolConfig.tools.{number}."
            )));
        }
        read.push(Tool {
            name: name.to_owned(),
            schema: schema.clone(),
        });
    }
    Ok(read)
}

/// Reads which of them to call.
pub(super) fn choice(
    body: &Map<String, Value>,
    model: &str,
    tools: &[Tool],
    own: &Value,
) -> Result<ToolChoice, Refusal> {
    let config = body.get("toolConfig").unwrap_or(&Value::Null);
    let Some(choice) = config["toolChoice"].as_object() else {
        return Ok(ToolChoice::Auto);
    };
    if !own["tool_choice"]["type"].is_null() {
        return Err(Refusal::bad(
            "The additional field tool_choice.type conflicts with toolConfig.toolChoice. Remove one \
             of them and try again.",
        ));
    }
    let field = choice.keys().next().map(String::as_str).unwrap_or_default();
    if field != "auto" && !FORCEABLE.iter().any(|family| model.contains(family)) {
        return Err(Refusal::bad(format!(
            "This model doesn't support the toolConfig.toolChoice.{field} field. Remove \
             toolConfig.toolChoice.{field} and try again."
        )));
    }
    match field {
        "any" => Ok(ToolChoice::Any),
        "tool" => {
            let name = choice["tool"]["name"].as_str().unwrap_or_default();
            if tools.iter().any(|tool| tool.name == name) {
                Ok(ToolChoice::Named(name.to_owned()))
            } else {
                Err(Refusal::bad(format!(
                    "The tool {name} of toolConfig.toolChoice is not in toolConfig.tools."
                )))
            }
        }
        _ => Ok(ToolChoice::Auto),
    }
}

/// Whether a name has 1 to 64 letters, digits, and characters that are allowed besides.
pub(super) fn is_name(name: &str, besides: &str) -> bool {
    let within = |c: char| c.is_ascii_alphanumeric() || besides.contains(c);
    (1..=64).contains(&name.len()) && name.chars().all(within)
}
