//! Refuses what OpenAI would refuse of a request for a response.

use serde_json::{Map, Value};

use super::{input, tools};
use crate::openai::{flag, invalid, missing, object, range};
use crate::refusal::Refusal;
use crate::reply::{Ask, input_tokens};

/// All that may be at the top of a request.
const FIELDS: [&str; 31] = [
    "model",
    "input",
    "background",
    "context_management",
    "conversation",
    "include",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "moderation",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];

/// The least that may be asked for.
const LEAST_TOKENS: u64 = 16;

/// A request that has passed.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) body: Map<String, Value>,
    pub(super) ask: Ask,
    /// Whether the thoughts are to be seen.
    pub(super) summary: bool,
    /// Whether they are to come sealed as well.
    pub(super) encrypted: bool,
}

/// Reads the body of a request.
pub(super) fn response(body: &[u8]) -> Result<Checked, Refusal> {
    let body = object(body)?;
    let model = match body.get("model") {
        Some(Value::String(model)) if !model.is_empty() => model.clone(),
        Some(Value::String(_) | Value::Null) | None => return Err(missing("model")),
        Some(_) => return Err(invalid("model", "a string")),
    };
    if let Some(field) = body.keys().find(|field| !FIELDS.contains(&field.as_str())) {
        let refusal = Refusal::bad(format!("Unknown parameter: '{field}'."));
        return Err(refusal.param(field).code("unknown_parameter"));
    }
    stored(&body)?;
    let user_turn = input::check(body.get("input"))?;
    let tools = tools::read(&body)?;
    let tool_choice = tools::choice(&body, &tools)?;
    let stream = flag(&body, "stream")?;
    range(&body, "temperature", 2.0)?;
    range(&body, "top_p", 1.0)?;
    format(&body)?;
    let reasoning = body.get("reasoning").unwrap_or(&Value::Null);
    let include = body.get("include").and_then(Value::as_array);
    let ask = Ask {
        model,
        stream,
        choices: 1,
        max_tokens: max_tokens(&body)?,
        input_tokens: input_tokens(&body["input"])
            + body.get("instructions").map_or(0, input_tokens),
        thinking: reasoning.is_object() && reasoning["effort"] != "none",
        tools,
        tool_choice,
        user_turn,
        ..Ask::default()
    };
    Ok(Checked {
        summary: !reasoning["summary"].is_null(),
        encrypted: include.is_some_and(|i| i.contains(&"reasoning.encrypted_content".into())),
        body,
        ask,
    })
}

/// Nothing is stored here, so that nothing can be found.
fn stored(body: &Map<String, Value>) -> Result<(), Refusal> {
    let named = |field| body.get(field).filter(|value: &&Value| !value.is_null());
    if let Some(id) = named("previous_response_id") {
        let id = id.as_str().unwrap_or_default();
        let message = format!("Previous response with id '{id}' not found.");
        let refusal = Refusal::bad(message).code("previous_response_not_found");
        return Err(refusal.param("previous_response_id"));
    }
    if named("conversation").is_some() {
        let refusal = Refusal::bad("Conversation not found.");
        return Err(refusal.param("conversation").code("conversation_not_found"));
    }
    if flag(body, "background")? {
        let message = "Background mode is not available for this model.";
        return Err(Refusal::bad(message).param("background"));
    }
    Ok(())
}

fn max_tokens(body: &Map<String, Value>) -> Result<Option<usize>, Refusal> {
    let param = "max_output_tokens";
    match body.get(param) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(count) if count >= LEAST_TOKENS => Ok(usize::try_from(count).ok()),
            Some(count) => {
                let message = format!(
                    "Invalid '{param}': integer below minimum value. Expected a value >= \
                     {LEAST_TOKENS}, but got {count} instead."
                );
                let refusal = Refusal::bad(message).param(param);
                Err(refusal.code("integer_below_min_value"))
            }
            None => Err(invalid(param, "an integer")),
        },
    }
}

fn format(body: &Map<String, Value>) -> Result<(), Refusal> {
    let format = body
        .get("text")
        .map_or(&Value::Null, |text| &text["format"]);
    match format["type"].as_str() {
        None if format.is_null() => Ok(()),
        Some("json_schema") if format["name"].is_null() => Err(missing("text.format.name")),
        Some("json_schema") if format["schema"].is_null() => Err(missing("text.format.schema")),
        Some("text" | "json_object" | "json_schema") => Ok(()),
        _ => Err(invalid(
            "text.format.type",
            "text, json_object or json_schema",
        )),
    }
}
