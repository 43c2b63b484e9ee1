//! Refuses what Anthropic would refuse.

use serde_json::{Map, Value};

use super::{Host, turns};
use crate::refusal::Refusal;
use crate::reply::{Ask, Tool, ToolChoice, input_tokens};

/// All that may be at the top of a request.
const FIELDS: [&str; 21] = [
    "model",
    "messages",
    "max_tokens",
    "cache_control",
    "container",
    "context_management",
    "inference_geo",
    "mcp_servers",
    "metadata",
    "output_config",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
];

/// The least that may be thought.
const LEAST_BUDGET: u64 = 1024;

/// Reads the body of a request for a message.
pub(super) fn message(body: &[u8], host: &Host<'_>) -> Result<Ask, Refusal> {
    let body = object(body, host)?;
    let max_tokens = match body.get("max_tokens") {
        None | Some(Value::Null) => return Err(required("max_tokens")),
        Some(count) => count.as_u64().and_then(|count| usize::try_from(count).ok()),
    };
    let max_tokens = max_tokens
        .ok_or_else(|| Refusal::bad("max_tokens: Input should be a valid integer, at least 0"))?;
    let stream = match body.get("stream") {
        None => false,
        Some(Value::Bool(stream)) => *stream,
        Some(_) => return Err(Refusal::bad("stream: Input should be a valid boolean")),
    };
    let mut ask = prompt(&body, host)?;
    ask.max_tokens = Some(max_tokens);
    ask.stream = host.streams.unwrap_or(stream);
    ask.thinking = thinking(&body, max_tokens as u64, &ask.tool_choice)?;
    unit_range(&body, "temperature")?;
    unit_range(&body, "top_p")?;
    Ok(ask)
}

/// Reads the body of a request for a count of tokens.
pub(super) fn count(body: &[u8], host: &Host<'_>) -> Result<u64, Refusal> {
    Ok(prompt(&object(body, host)?, host)?.input_tokens)
}

fn object(body: &[u8], host: &Host<'_>) -> Result<Map<String, Value>, Refusal> {
    let body = match serde_json::from_slice(body) {
        Ok(Value::Object(body)) => body,
        Ok(_) => return Err(Refusal::bad("Input should be a valid dictionary")),
        Err(error) => {
            let message = format!("The request body is not valid JSON: {error}");
            return Err(Refusal::bad(message));
        }
    };
    let known = |field: &&String| host.knows(field, FIELDS.contains(&field.as_str()));
    if let Some(field) = body.keys().find(|field| !known(field)) {
        let message = format!("{field}: Extra inputs are not permitted");
        return Err(Refusal::bad(message));
    }
    host.check_version(&body)?;
    host.check_sources(body.get("messages").unwrap_or(&Value::Null))?;
    Ok(body)
}

/// What a message and a count of tokens have in common.
fn prompt(body: &Map<String, Value>, host: &Host<'_>) -> Result<Ask, Refusal> {
    let model = match body.get("model") {
        _ if host.model.is_some() => host.model.unwrap_or_default().to_owned(),
        Some(Value::String(model)) if !model.is_empty() => model.clone(),
        Some(Value::String(_) | Value::Null) | None => return Err(required("model")),
        Some(_) => return Err(Refusal::bad("model: Input should be a valid string")),
    };
    let messages = match body.get("messages") {
        None | Some(Value::Null) => return Err(required("messages")),
        Some(Value::Array(messages)) => messages,
        Some(_) => return Err(Refusal::bad("messages: Input should be a valid list")),
    };
    turns::check(messages)?;
    if let Some(system) = body.get("system") {
        turns::check_text(system, "system")?;
    }
    let tools = tools(body)?;
    let tool_choice = tool_choice(body, &tools)?;
    let system = body.get("system").map_or(0, input_tokens);
    Ok(Ask {
        model,
        choices: 1,
        input_tokens: input_tokens(&body["messages"]) + system,
        tools,
        tool_choice,
        user_turn: messages.last().is_some_and(turns::is_users_own),
        ..Ask::default()
    })
}

fn tools(body: &Map<String, Value>) -> Result<Vec<Tool>, Refusal> {
    let Some(tools) = body.get("tools") else {
        return Ok(Vec::new());
    };
    let tools = tools.as_array();
    let tools = tools.ok_or_else(|| Refusal::bad("tools: Input should be a valid list"))?;
    let read = tools.iter().enumerate().map(|(number, tool)| {
        let name = tool["name"].as_str();
        let name = name.ok_or_else(|| required(&format!("tools.{number}.name")))?;
        // The provider's own tools have a type, and no schema.
        let own = tool["type"].as_str().is_some_and(|kind| kind != "custom");
        if !own && tool["input_schema"]["type"] != "object" {
            let message = format!("tools.{number}.input_schema.type: Input should be 'object'");
            return Err(Refusal::bad(message));
        }
        Ok(Tool {
            name: name.to_owned(),
            schema: tool["input_schema"].clone(),
        })
    });
    read.collect()
}

fn tool_choice(body: &Map<String, Value>, tools: &[Tool]) -> Result<ToolChoice, Refusal> {
    let Some(choice) = body.get("tool_choice") else {
        return Ok(ToolChoice::Auto);
    };
    if tools.is_empty() {
        let message = "tool_choice: may only be specified while providing tools";
        return Err(Refusal::bad(message));
    }
    match choice["type"].as_str() {
        Some("auto") => Ok(ToolChoice::Auto),
        Some("none") => Ok(ToolChoice::Never),
        Some("any") => Ok(ToolChoice::Any),
        Some("tool") => {
            let name = choice["name"].as_str().unwrap_or_default();
            if tools.iter().any(|tool| tool.name == name) {
                Ok(ToolChoice::Named(name.to_owned()))
            } else {
                let message = format!("tool_choice.name: tool {name:?} not found in tools");
                Err(Refusal::bad(message))
            }
        }
        _ => Err(Refusal::bad(
            "tool_choice.type: Input should be 'auto', 'any', 'tool' or 'none'",
        )),
    }
}

fn thinking(
    body: &Map<String, Value>,
    max_tokens: u64,
    choice: &ToolChoice,
) -> Result<bool, Refusal> {
    let Some(thinking) = body.get("thinking") else {
        return Ok(false);
    };
    match thinking["type"].as_str() {
        Some("disabled") => return Ok(false),
        Some("adaptive") => {}
        Some("enabled") => {
            let budget = thinking["budget_tokens"].as_u64();
            let budget = budget.ok_or_else(|| required("thinking.enabled.budget_tokens"))?;
            if budget < LEAST_BUDGET {
                let message = format!(
                    "thinking.enabled.budget_tokens: Input should be at least {LEAST_BUDGET}"
                );
                return Err(Refusal::bad(message));
            }
            if budget >= max_tokens {
                let message = "max_tokens must be greater than thinking.budget_tokens";
                return Err(Refusal::bad(message));
            }
        }
        _ => {
            let message = "thinking.type: Input should be 'enabled', 'adaptive' or 'disabled'";
            return Err(Refusal::bad(message));
        }
    }
    if matches!(choice, ToolChoice::Any | ToolChoice::Named(_)) {
        let message = "tool_choice: tool use may not be forced while thinking is enabled";
        return Err(Refusal::bad(message));
    }
    Ok(true)
}

fn unit_range(body: &Map<String, Value>, name: &str) -> Result<(), Refusal> {
    match body.get(name) {
        None => Ok(()),
        Some(value) if value.as_f64().is_some_and(|n| (0.0..=1.0).contains(&n)) => Ok(()),
        Some(_) => Err(Refusal::bad(format!(
            "{name}: Input should be a number from 0 to 1"
        ))),
    }
}

pub(super) fn required(field: &str) -> Refusal {
    Refusal::bad(format!("{field}: Field required"))
}
