//! Refuses what OpenAI would refuse.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::Form;
use crate::refusal::Refusal;
use crate::reply::{Ask, Tool, ToolChoice, input_tokens};

const ROLES: [&str; 6] = [
    "system",
    "developer",
    "user",
    "assistant",
    "tool",
    "function",
];

/// The most answers to one request.
const MAX_CHOICES: u64 = 128;

/// Reads the body of a chat completion.
pub(super) fn chat(body: &[u8], form: &Form<'_>) -> Result<Ask, Refusal> {
    let body = object(body)?;
    let model = model(&body, form)?;
    let messages = messages(&body)?;
    pairing(messages)?;

    let stream = flag(&body, "stream")?;
    let include_usage = include_usage(&body, stream)?;
    let tools = tools(&body)?;
    let choice = tool_choice(&body, &tools)?;
    let longest = count(&body, "max_completion_tokens")?;
    let max_tokens = longest.or(count(&body, "max_tokens")?);
    let choices = count(&body, "n")?.unwrap_or(1);
    if choices as u64 > MAX_CHOICES {
        return Err(Refusal::bad(format!("n must be at most {MAX_CHOICES}.")).param("n"));
    }
    range(&body, "temperature", 2.0)?;
    range(&body, "top_p", 1.0)?;

    Ok(Ask {
        model,
        stream,
        include_usage,
        choices,
        max_tokens,
        input_tokens: input_tokens(&body["messages"]),
        thinking: form.quirks.reasoning.is_some()
            && body.get("reasoning_effort") != Some(&"none".into()),
        tools,
        tool_choice: choice,
        user_turn: messages.last().is_some_and(|last| last["role"] == "user"),
    })
}

pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(Refusal::bad("The body must be a JSON object.")),
        Err(error) => Err(Refusal::bad(format!(
            "The body could not be read as JSON: {error}"
        ))),
    }
}

/// The model: of the body, unless the path names it.
pub(super) fn model(body: &Map<String, Value>, form: &Form<'_>) -> Result<String, Refusal> {
    if let Some(model) = form.model {
        return Ok(model.to_owned());
    }
    match body.get("model") {
        Some(Value::String(model)) if !model.is_empty() => Ok(model.clone()),
        Some(Value::String(_) | Value::Null) | None => Err(missing("model")),
        Some(_) => Err(invalid("model", "a string")),
    }
}

/// Whether a stream is to end with its usage.
pub(super) fn include_usage(body: &Map<String, Value>, stream: bool) -> Result<bool, Refusal> {
    let options = body.get("stream_options").filter(|value| !value.is_null());
    if options.is_some() && !stream {
        let message = "stream_options is only allowed when stream is true.";
        return Err(Refusal::bad(message).param("stream_options"));
    }
    Ok(options.is_some_and(|options| options["include_usage"] == true))
}

fn messages(body: &Map<String, Value>) -> Result<&[Value], Refusal> {
    let messages = match body.get("messages") {
        None | Some(Value::Null) => return Err(missing("messages")),
        Some(Value::Array(messages)) => messages,
        Some(_) => return Err(invalid("messages", "an array")),
    };
    if messages.is_empty() {
        let message = "messages must have at least one element.";
        return Err(Refusal::bad(message).param("messages").code("empty_array"));
    }
    for (number, message) in messages.iter().enumerate() {
        let role = message["role"].as_str();
        let param = format!("messages[{number}].role");
        let role = role.ok_or_else(|| missing(&param))?;
        if !ROLES.contains(&role) {
            let expected = format!("one of {}", ROLES.join(", "));
            return Err(invalid(&param, &expected));
        }
        let calls = !message["tool_calls"].is_null() || !message["function_call"].is_null();
        if message["content"].is_null() && !(role == "assistant" && calls) && role != "function" {
            return Err(missing(&format!("messages[{number}].content")));
        }
        images(&message["content"], number)?;
    }
    Ok(messages)
}

/// An image is an object with an address.
fn images(content: &Value, message: usize) -> Result<(), Refusal> {
    for (number, part) in content.as_array().into_iter().flatten().enumerate() {
        if part["type"] == "image_url" && !part["image_url"]["url"].is_string() {
            let param = format!("messages[{message}].content[{number}].image_url");
            return Err(invalid(&param, "an object with a url"));
        }
    }
    Ok(())
}

/// Each tool call needs its result before anything else is said, and each result needs its call.
fn pairing(messages: &[Value]) -> Result<(), Refusal> {
    let mut open = HashSet::new();
    for (number, message) in messages.iter().enumerate() {
        let param = format!("messages[{number}]");
        if message["role"] == "tool" {
            let id = message["tool_call_id"].as_str();
            let id = id.ok_or_else(|| missing(&format!("{param}.tool_call_id")))?;
            if !open.remove(id) {
                let text = format!("{param}: a tool result must follow the call {id:?} it is for.");
                return Err(Refusal::bad(text).param(param));
            }
            continue;
        }
        unanswered(&open, &param)?;
        let calls = message["tool_calls"].as_array();
        open.extend(calls.into_iter().flatten().filter_map(|c| c["id"].as_str()));
    }
    unanswered(&open, "messages")
}

fn unanswered(open: &HashSet<&str>, param: &str) -> Result<(), Refusal> {
    let Some(id) = open.iter().min() else {
        return Ok(());
    };
    let text = format!("{param}: tool_call_ids did not have response messages: {id:?}.");
    Err(Refusal::bad(text).param(param))
}

fn tools(body: &Map<String, Value>) -> Result<Vec<Tool>, Refusal> {
    let tools = match body.get("tools") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(tools)) if tools.is_empty() => {
            let refusal = Refusal::bad("tools: [] is too short.");
            return Err(refusal.param("tools").code("empty_array"));
        }
        Some(Value::Array(tools)) => tools,
        Some(_) => return Err(invalid("tools", "an array")),
    };
    let read = tools.iter().enumerate().map(|(number, tool)| {
        let (name, schema) = match tool["type"].as_str() {
            Some("custom") => (&tool["custom"]["name"], &Value::Null),
            _ => (&tool["function"]["name"], &tool["function"]["parameters"]),
        };
        let name = name.as_str();
        let name = name.ok_or_else(|| missing(&format!("tools[{number}].function.name")))?;
        Ok(Tool {
            name: name.to_owned(),
            schema: schema.clone(),
        })
    });
    read.collect()
}

fn tool_choice(body: &Map<String, Value>, tools: &[Tool]) -> Result<ToolChoice, Refusal> {
    let choice = body.get("tool_choice").unwrap_or(&Value::Null);
    if !choice.is_null() && tools.is_empty() {
        let message = "tool_choice is only allowed when tools are specified.";
        return Err(Refusal::bad(message).param("tool_choice"));
    }
    match choice {
        Value::Null => Ok(ToolChoice::Auto),
        Value::String(choice) => match choice.as_str() {
            "auto" => Ok(ToolChoice::Auto),
            "none" => Ok(ToolChoice::Never),
            "required" => Ok(ToolChoice::Any),
            _ => Err(invalid("tool_choice", "one of auto, none, required")),
        },
        choice if choice["type"] == "allowed_tools" => {
            let required = choice["allowed_tools"]["mode"] == "required";
            Ok(if required {
                ToolChoice::Any
            } else {
                ToolChoice::Auto
            })
        }
        choice => {
            let named = choice["function"]["name"].as_str();
            let name = named.or(choice["custom"]["name"].as_str());
            let name = name.ok_or_else(|| missing("tool_choice.function.name"))?;
            if tools.iter().any(|tool| tool.name == name) {
                Ok(ToolChoice::Named(name.to_owned()))
            } else {
                Err(invalid("tool_choice", "the name of one of the tools"))
            }
        }
    }
}

pub(crate) fn flag(body: &Map<String, Value>, name: &str) -> Result<bool, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(invalid(name, "a boolean")),
    }
}

pub(super) fn count(body: &Map<String, Value>, name: &str) -> Result<Option<usize>, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let count = value.as_u64().filter(|count| *count > 0);
            let count = count.and_then(|count| usize::try_from(count).ok());
            let wrong = || invalid(name, "an integer of at least 1");
            count.map(Some).ok_or_else(wrong)
        }
    }
}

pub(crate) fn range(body: &Map<String, Value>, name: &str, most: f64) -> Result<(), Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(()),
        Some(value) if value.as_f64().is_some_and(|n| (0.0..=most).contains(&n)) => Ok(()),
        Some(_) => Err(invalid(name, &format!("a number from 0 to {most}"))),
    }
}

pub(crate) fn missing(param: &str) -> Refusal {
    Refusal::bad(format!("Missing required parameter: '{param}'."))
        .param(param)
        .code("missing_required_parameter")
}

pub(crate) fn invalid(param: &str, expected: &str) -> Refusal {
    Refusal::bad(format!("Invalid value for '{param}': expected {expected}."))
        .param(param)
        .code("invalid_value")
}
