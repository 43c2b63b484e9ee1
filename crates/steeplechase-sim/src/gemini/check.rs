//! Refuses what Gemini would refuse.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::dialect::Gemini;
use super::fields::{self, STUDIO_ONLY, VERTEX_ONLY};
use super::{config, tools, turns};
use crate::dialect::Asked;
use crate::refusal::Refusal;
use crate::reply::{Ask, input_tokens};
use crate::shape::{self, Shape, Step, Style, Violation, Wrong, snake};

/// A request that has passed.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) ask: Ask,
    pub(super) service: &'static Gemini,
    /// Whether the thoughts are to be seen.
    pub(super) shows_thoughts: bool,
}

/// Reads the body of a request to generate.
pub(super) fn generate(asked: &Asked<'_>) -> Result<Checked, Refusal> {
    let service = Gemini::of(asked);
    let body = object(asked, &fields::GENERATE)?;
    let user_turn = turns::check(&body, asked.name, service)?;
    let declared = tools::read(&body, asked.name)?;
    let config = config::read(&body, asked.name, !declared.is_empty())?;
    let tool_choice = tools::choice(&body, &declared)?;
    let cached = body.get("cachedContent").is_some_and(Value::is_string);
    let beside = ["systemInstruction", "tools", "toolConfig"];
    if cached && beside.iter().any(|field| body.contains_key(*field)) {
        return Err(Refusal::bad(
            "CachedContent can not be used with GenerateContent request setting \
             system_instruction, tools or tool_config.",
        ));
    }
    Ok(Checked {
        service,
        shows_thoughts: config.shows_thoughts,
        ask: Ask {
            model: asked.name.to_owned(),
            choices: config.candidates,
            max_tokens: config.max_tokens,
            input_tokens: tokens(&body),
            thinking: config.thinks,
            tools: declared,
            tool_choice,
            user_turn,
            ..Ask::default()
        },
    })
}

/// Reads the body of a request to count tokens.
pub(super) fn count(asked: &Asked<'_>) -> Result<u64, Refusal> {
    let mut body = object(asked, &fields::COUNT)?;
    if let Some(Value::Object(inner)) = body.remove("generateContentRequest") {
        if !inner.get("model").is_some_and(Value::is_string) {
            return Err(Refusal::bad(
                "* CountTokensRequest.generate_content_request.model: unexpected model name format\n",
            ));
        }
        body = inner;
    }
    turns::check(&body, asked.name, Gemini::of(asked))?;
    Ok(tokens(&body))
}

fn tokens(body: &Map<String, Value>) -> u64 {
    let system = body.get("systemInstruction").map_or(0, input_tokens);
    input_tokens(body.get("contents").unwrap_or(&Value::Null)) + system
}

/// Reads an object that has no fields but those of `shape`, with their names in camel case.
pub(super) fn object(
    asked: &Asked<'_>,
    shape: &'static Shape,
) -> Result<Map<String, Value>, Refusal> {
    let mut body = match serde_json::from_slice(asked.body) {
        Ok(Value::Object(body)) => body,
        Ok(_) => {
            return Err(Refusal::bad(
                "Invalid JSON payload received. Root element must be a message.",
            ));
        }
        Err(error) => {
            let message = format!("Invalid JSON payload received. {error}");
            return Err(Refusal::bad(message));
        }
    };
    let hidden: &[&str] = if Gemini::of(asked).is_vertex() {
        &STUDIO_ONLY
    } else {
        &VERTEX_ONLY
    };
    let found = shape::check(&mut body, shape, Style::Proto, hidden);
    if found.is_empty() {
        Ok(body)
    } else {
        Err(violations(&found))
    }
}

/// All that is wrong, in words and for programs.
fn violations(found: &[Violation]) -> Refusal {
    let described: Vec<_> = found
        .iter()
        .map(|violation| {
            let field = path(&violation.place);
            (field.clone(), describe(&violation.wrong, &field))
        })
        .collect();
    let details = described.iter().map(|(field, description)| {
        if field.is_empty() {
            json!({"description": description})
        } else {
            json!({"field": field, "description": description})
        }
    });
    let details: Vec<_> = details.collect();
    let message: Vec<_> = described.into_iter().map(|(_, words)| words).collect();
    Refusal::bad(message.join("\n")).details(json!([{
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": details,
    }]))
}

/// A place, as Google writes it: in snakes, and with numbers for the entries of maps.
fn path(place: &[Step]) -> String {
    let mut path = String::new();
    for step in place {
        // Writing to a text cannot fail.
        let _ = match step {
            Step::Index(index) => write!(path, "[{index}]"),
            Step::Entry(index, _) => write!(path, "[{index}].value"),
            Step::Field(name) if path.is_empty() => write!(path, "{}", snake(name)),
            Step::Field(name) => write!(path, ".{}", snake(name)),
        };
    }
    path
}

fn describe(wrong: &Wrong, path: &str) -> String {
    match wrong {
        Wrong::Unknown(name) => {
            let at = if path.is_empty() {
                String::new()
            } else {
                format!(" at '{path}'")
            };
            format!(
                "Invalid JSON payload received. Unknown name \"{name}\"{at}: Cannot find field."
            )
        }
        Wrong::Missing(name) => format!("* {path}.{}: required field is missing", snake(name)),
        Wrong::Word(value, _) => format!("Invalid value at '{path}' (TYPE_ENUM), {value}"),
        Wrong::Kind(Value::String(text), "bytes") => {
            format!("Invalid value at '{path}' (TYPE_BYTES), Base64 decoding failed for \"{text}\"")
        }
        Wrong::Kind(value, kind) => {
            let kind = match *kind {
                "string" => "TYPE_STRING",
                "boolean" => "TYPE_BOOL",
                "number" => "TYPE_DOUBLE",
                "integer" => "TYPE_INT32",
                "bytes" => "TYPE_BYTES",
                _ => "TYPE_MESSAGE",
            };
            format!("Invalid value at '{path}' ({kind}), {value}")
        }
        Wrong::Union(count) => format!("Invalid value at '{path}' (oneof), {count} fields are set"),
    }
}
