//! The tools of a request.

use serde_json::{Map, Value};

use super::{family, schema};
use crate::refusal::Refusal;
use crate::reply::{Tool, ToolChoice};

/// The longest name of a function.
const MAX_NAME: usize = 128;

/// Reads the functions that are declared.
pub(super) fn read(body: &Map<String, Value>, model: &str) -> Result<Vec<Tool>, Refusal> {
    let tools = body.get("tools").and_then(Value::as_array);
    let tools = tools.map_or(&[][..], Vec::as_slice);
    let mut read: Vec<Tool> = Vec::new();
    let (mut with_functions, mut others) = (0, 0);
    for (number, tool) in tools.iter().enumerate() {
        let functions = tool["functionDeclarations"].as_array();
        with_functions += usize::from(functions.is_some());
        let fields = tool.as_object().into_iter().flatten();
        others += fields
            .filter(|(field, _)| *field != "functionDeclarations")
            .count();
        for (index, function) in functions.into_iter().flatten().enumerate() {
            let place =
                format!("* GenerateContentRequest.tools[{number}].function_declarations[{index}]");
            let function = declaration(function, &place)?;
            if read.iter().any(|known| known.name == function.name) {
                let message = format!(
                    "{place}.name: Duplicate function declaration found: {}\n",
                    function.name
                );
                return Err(Refusal::bad(message));
            }
            read.push(function);
        }
    }
    if with_functions > 1 {
        return Err(Refusal::bad(
            "Multiple tools are supported only when they are all search tools.",
        ));
    }
    if with_functions > 0 && others > 0 && family::generation(model) < 3 {
        return Err(Refusal::bad(
            "Tool use with function calling is unsupported",
        ));
    }
    Ok(read)
}

fn declaration(function: &Value, place: &str) -> Result<Tool, Refusal> {
    let name = function["name"].as_str().unwrap_or_default();
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let within = |c: char| c.is_ascii_alphanumeric() || "_.:-".contains(c);
    if !starts || !name.chars().all(within) || name.len() > MAX_NAME {
        return Err(Refusal::bad(format!(
            "{place}.name: Invalid function name. Must start with a letter or an underscore. Must \
             be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes \
             (-), with a maximum length of {MAX_NAME}.\n"
        )));
    }
    let (own, json) = (&function["parameters"], &function["parametersJsonSchema"]);
    if !own.is_null() && !json.is_null() {
        return Err(Refusal::bad(format!(
            "{place}: parameters and parameters_json_schema may not both be set.\n"
        )));
    }
    if !own.is_null() {
        schema::check(own, &format!("{place}.parameters"))?;
    }
    let schema = if own.is_null() {
        json.clone()
    } else {
        plain(own, 0)
    };
    Ok(Tool {
        name: name.to_owned(),
        schema,
    })
}

/// The schema with the names of types as JSON Schema has them.
fn plain(schema: &Value, depth: usize) -> Value {
    let mut schema = schema.clone();
    if let Some(kind) = schema["type"].as_str() {
        schema["type"] = kind.to_lowercase().into();
    }
    // Nobody looks deeper than this.
    if depth < 8
        && let Some(properties) = schema["properties"].as_object_mut()
    {
        for property in properties.values_mut() {
            *property = plain(property, depth + 1);
        }
    }
    schema
}

/// Reads which of them to call.
pub(super) fn choice(body: &Map<String, Value>, tools: &[Tool]) -> Result<ToolChoice, Refusal> {
    let config = body.get("toolConfig").unwrap_or(&Value::Null);
    let config = &config["functionCallingConfig"];
    if config.is_null() {
        return Ok(ToolChoice::Auto);
    }
    if tools.is_empty() {
        return Err(Refusal::bad(
            "Function calling config is set without function_declarations.",
        ));
    }
    let mode = config["mode"].as_str().unwrap_or("AUTO").to_uppercase();
    let names = config["allowedFunctionNames"].as_array();
    let names: Vec<_> = names
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if !names.is_empty() && !["ANY", "VALIDATED"].contains(&mode.as_str()) {
        return Err(Refusal::bad(
            "allowed_function_names should only be set when function calling mode is ANY.",
        ));
    }
    let unknown = names
        .iter()
        .find(|name| !tools.iter().any(|tool| tool.name == **name));
    if let Some(name) = unknown {
        return Err(Refusal::bad(format!(
            "`allowed_function_names` should be a subset of the declared functions: {name:?} is not."
        )));
    }
    Ok(match (mode.as_str(), names.first()) {
        ("NONE", _) => ToolChoice::Never,
        ("ANY", Some(name)) => ToolChoice::Named((*name).to_owned()),
        ("ANY", None) => ToolChoice::Any,
        _ => ToolChoice::Auto,
    })
}
