//! Reads a call in this dialect into the neutral form.
//!
//! ```text
//! instructions ──────────► a message of the system's ─┐
//! input ──items, parts───► messages ──────────────────┼─► ChatRequest
//! tools, tool_choice ────► tools ─────────────────────┤     └─ Terms: what the answer repeats,
//! everything else ───────► parameters ────────────────┘               and what nobody is told
//! ```

mod echo;
mod items;
mod parts;
mod strict;
mod tools;

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;
use steeplechase_core::Error;

use self::items::Walk;
use super::Terms;
use crate::chat::notes::unsupported;
use crate::chat::{ChatRequest, Effort, JsonSchema, Message, ResponseFormat, Role};
use crate::fields::{Object, Path, wrong};
use crate::intake::is_own;

/// Reads the bytes of a call in this dialect, for a provider that does not speak it.
///
/// The parameters of a chat are known by their names there too, as the settings of a deployment have
/// them; what this dialect says goes before them.
///
/// # Errors
///
/// * [`Class::InvalidRequest`](steeplechase_core::Class) if the bytes are not JSON, or if a field is not
///   what it has to be. [`Error::param`] names the field: `input[2].content[0].image_url`.
/// * [`Class::Unsupported`](steeplechase_core::Class) if the call needs what a provider of this dialect
///   keeps or runs: earlier responses, conversations, prompts, tools of its own.
pub(crate) fn parse(raw: &Bytes) -> Result<ChatRequest, Error> {
    let mut body = Object::parse(raw)?;
    needs_no_memory(&body)?;
    let mut terms = Terms {
        repeated: echo::fields(&body),
        ..Terms::default()
    };
    let mut chat = ChatRequest {
        model: body.string("model")?.unwrap_or_default(),
        ..ChatRequest::default()
    };
    for stateful in [
        "background",
        "conversation",
        "previous_response_id",
        "prompt",
    ] {
        body.take(stateful);
    }
    let limit = body.count("max_output_tokens")?;
    chat.read_shape(&mut body)?;
    chat.read_sampling(&mut body)?;
    chat.read_hints(&mut body)?;
    chat.max_tokens = limit.or(chat.max_tokens);
    chat.n = None;
    read_text(&mut chat, &mut body)?;
    read_reasoning(&mut chat, &mut body)?;
    read_hints(&mut chat, &mut body, &mut terms)?;
    let repeated = tools::read(&mut chat, &mut body, &mut terms)?;
    terms.repeated = format!("{},\"tools\":[{repeated}]", terms.repeated).into();
    if let Some(instructions) = body.string("instructions")? {
        let said = Message::text(Role::System, instructions);
        chat.messages.push(said);
    }
    let input = body.required("input")?;
    let mut walk = Walk::new(&mut terms);
    walk.read(input, &body.at("input"))?;
    let (messages, late) = walk.finish();
    chat.messages.extend(messages);
    tools::add_late(&mut chat, late, &mut terms)?;
    chat.extra = body.rest();
    chat.extra.retain(|name, _| !is_own(name));
    chat.responses = Some(Arc::new(terms));
    Ok(chat)
}

/// Refuses what is about responses that somebody would have to keep.
fn needs_no_memory(body: &Object<'_>) -> Result<(), Error> {
    const WHY: [(&str, &str); 3] = [
        (
            "previous_response_id",
            "this model's responses are not kept; send the whole conversation as `input`",
        ),
        (
            "conversation",
            "this model's conversations are not kept; send the whole conversation as `input`",
        ),
        (
            "prompt",
            "there are no stored prompts for this model; send its text as `instructions` and `input`",
        ),
    ];
    if let Some((field, why)) = WHY.iter().find(|(field, _)| body.has(field)) {
        return Err(unsupported(field, why));
    }
    match body.get("background") {
        Some(Value::Bool(true)) => Err(unsupported(
            "background",
            "this model answers at once or as a stream; send `stream: true`",
        )),
        None | Some(Value::Bool(false)) => Ok(()),
        Some(_) => Err(wrong(&body.at("background"), "must be true or false")),
    }
}

/// `text`: the form that the answer is to have, and how much it is to say.
fn read_text(chat: &mut ChatRequest, body: &mut Object<'_>) -> Result<(), Error> {
    let Some(text) = body.take("text") else {
        return Ok(());
    };
    let path = body.at("text");
    let mut text = Object::new(text, &path)?;
    chat.verbosity = text.string("verbosity")?.or(chat.verbosity.take());
    let Some(format) = text.take("format") else {
        return Ok(());
    };
    let path = text.at("format");
    let mut format = Object::new(format, &path)?;
    chat.response_format = Some(match format.required_string("type")?.as_str() {
        "text" => ResponseFormat::Text,
        "json_object" => ResponseFormat::JsonObject,
        "json_schema" => {
            let Some(nested) = format.take("json_schema") else {
                chat.response_format = Some(schema(&mut format)?);
                return Ok(());
            };
            // As a chat has it.
            schema(&mut Object::new(nested, &format.at("json_schema"))?)?
        }
        _ => {
            let wanted = "must be text, json_object or json_schema";
            return Err(wrong(&format.at("type"), wanted));
        }
    });
    Ok(())
}

fn schema(format: &mut Object<'_>) -> Result<ResponseFormat, Error> {
    let Some(schema) = format.object("schema")? else {
        return Err(wrong(&format.at("schema"), "is required"));
    };
    Ok(ResponseFormat::JsonSchema(JsonSchema {
        name: format.string("name")?.unwrap_or_default(),
        description: format.string("description")?,
        schema,
        strict: format.boolean("strict")?,
    }))
}

/// `reasoning`: how hard to think. What is thought is always told, as far as the provider tells it.
fn read_reasoning(chat: &mut ChatRequest, body: &mut Object<'_>) -> Result<(), Error> {
    let Some(reasoning) = body.take("reasoning") else {
        return Ok(());
    };
    let path = body.at("reasoning");
    let mut reasoning = Object::new(reasoning, &path)?;
    let Some(name) = reasoning.string("effort")? else {
        return Ok(());
    };
    let effort = Effort::from_name(&name).ok_or_else(|| {
        let wanted = "must be none, minimal, low, medium, high, xhigh or max";
        wrong(&reasoning.at("effort"), wanted)
    })?;
    chat.reasoning_effort = Some(effort);
    Ok(())
}

fn read_hints(
    chat: &mut ChatRequest,
    body: &mut Object<'_>,
    terms: &mut Terms,
) -> Result<(), Error> {
    let include = body.strings("include")?.unwrap_or_default();
    terms.sealed = include.iter().any(|it| it == "reasoning.encrypted_content");
    let asks_logprobs = include
        .iter()
        .any(|it| it == "message.output_text.logprobs");
    chat.top_logprobs = chat.top_logprobs.filter(|count| *count > 0);
    if asks_logprobs || chat.top_logprobs.is_some() {
        chat.logprobs = Some(true);
    }
    terms.service_tier = chat.service_tier.as_deref().map(Box::from);
    match body.string("truncation")?.as_deref() {
        None | Some("disabled") => {}
        Some("auto") => terms.note("truncation"),
        Some(_) => return Err(wrong(&body.at("truncation"), "must be auto or disabled")),
    }
    if chat.store == Some(true) {
        terms.note("store");
    }
    chat.store = None;
    for unknown in ["context_management", "max_tool_calls"] {
        if body.take(unknown).is_some() {
            terms.note(unknown);
        }
    }
    Ok(())
}

/// Where a field of an item is, for a note.
fn noted(path: &Path<'_>) -> Box<str> {
    path.to_string().into()
}
