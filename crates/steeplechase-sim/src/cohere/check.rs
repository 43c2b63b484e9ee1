//! Refuses what Cohere would refuse.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{fields, messages};
use crate::refusal::Refusal;
use crate::reply::{Ask, Tool, ToolChoice, input_tokens};
use crate::shape::{self, Shape, Style, Violation, Wrong};

/// The most stop sequences.
const MAX_STOPS: usize = 5;

/// The ranges of numbers.
const RANGES: [(&str, f64, f64); 5] = [
    ("temperature", 0.0, f64::INFINITY),
    ("p", 0.01, 0.99),
    ("k", 0.0, 500.0),
    ("frequency_penalty", 0.0, 1.0),
    ("presence_penalty", 0.0, 1.0),
];

/// Reads the body of a request for a chat.
pub(super) fn chat(body: &[u8]) -> Result<Ask, Refusal> {
    let body = object(body, &fields::CHAT)?;
    let model = text(&body, "model")?.to_owned();
    let user_turn = messages::check(&body)?;
    let tools = tools(&body)?;
    for (field, least, most) in RANGES {
        let number = body.get(field).and_then(Value::as_f64);
        if number.is_some_and(|number| !(least..=most).contains(&number)) {
            return Err(invalid(&format!(
                "{field} must be between {least} and {most}"
            )));
        }
    }
    let stops = body.get("stop_sequences").and_then(Value::as_array);
    if stops.is_some_and(|stops| stops.len() > MAX_STOPS) {
        return Err(invalid("at most 5 stop_sequences are allowed"));
    }
    let formatted = body
        .get("response_format")
        .is_some_and(|format| format["type"] == "json_object");
    if formatted && (!tools.is_empty() || body.contains_key("documents")) {
        return Err(invalid(
            "response_format is not supported together with tools or documents",
        ));
    }
    let choice = body.get("tool_choice").and_then(Value::as_str);
    if choice.is_some() && tools.is_empty() {
        return Err(invalid("tool_choice may only be specified with tools"));
    }
    let max_tokens = match body.get("max_tokens").and_then(Value::as_i64) {
        Some(most) if most < 1 => return Err(invalid("max_tokens must be greater than 0")),
        most => most.and_then(|most| usize::try_from(most).ok()),
    };
    Ok(Ask {
        model,
        stream: body.get("stream") == Some(&true.into()),
        choices: 1,
        max_tokens,
        input_tokens: input_tokens(&body["messages"]),
        thinking: body
            .get("thinking")
            .is_some_and(|thinking| thinking["type"] == "enabled"),
        tools,
        tool_choice: match choice {
            Some("REQUIRED") => ToolChoice::Any,
            Some(_) => ToolChoice::Never,
            None => ToolChoice::Auto,
        },
        user_turn,
        ..Ask::default()
    })
}

fn tools(body: &Map<String, Value>) -> Result<Vec<Tool>, Refusal> {
    let tools = body.get("tools").and_then(Value::as_array);
    let read = tools
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(number, tool)| {
            let function = &tool["function"];
            let name = function["name"].as_str().filter(|name| !name.is_empty());
            let name =
                name.ok_or_else(|| invalid(&format!("tools[{number}] must have a function name")))?;
            if function["parameters"].is_null() {
                return Err(invalid(&format!(
                    "tools[{number}] must have function parameters"
                )));
            }
            Ok(Tool {
                name: name.to_owned(),
                schema: function["parameters"].clone(),
            })
        });
    read.collect()
}

/// Reads an object that has no fields but those of `shape`.
pub(super) fn object(body: &[u8], shape: &'static Shape) -> Result<Map<String, Value>, Refusal> {
    let Ok(Value::Object(mut body)) = serde_json::from_slice(body) else {
        return Err(invalid("the body is not a valid JSON object"));
    };
    let found = shape::check(&mut body, shape, Style::Exact, &[]);
    found
        .first()
        .map_or(Ok(body), |first| Err(violation(first)))
}

fn violation(violation: &Violation) -> Refusal {
    match &violation.wrong {
        Wrong::Unknown(name) => {
            let message = format!("unknown field: parameter '{name}' is not a valid field");
            Refusal::bad(message).status(StatusCode::UNPROCESSABLE_ENTITY)
        }
        Wrong::Kind(value, kind) => {
            let given = match value {
                Value::String(_) => "string",
                Value::Bool(_) => "bool",
                Value::Number(_) => "number",
                Value::Array(_) => "array",
                Value::Object(_) | Value::Null => "object",
            };
            Refusal::bad(format!(
                "invalid type: parameter {violation} is of type {given} but should be of type {kind}."
            ))
        }
        Wrong::Word(value, words) => {
            let words = words.join(", ");
            invalid(&format!("{violation} must be one of {words}, not {value}"))
        }
        Wrong::Missing(name) => invalid(&format!("{violation}.{name} is required")),
        Wrong::Union(_) => invalid(&format!("{violation} must have exactly one field")),
    }
}

/// A text that has to be there.
pub(super) fn text<'a>(body: &'a Map<String, Value>, field: &str) -> Result<&'a str, Refusal> {
    let text = body.get(field).and_then(Value::as_str);
    let text = text.filter(|text| !text.is_empty());
    text.ok_or_else(|| invalid(&format!("{field} is required")))
}

pub(super) fn invalid(what: &str) -> Refusal {
    Refusal::bad(format!("invalid request: {what}."))
}
