//! Refuses conversations that Gemini would refuse.
//!
//! ```text
//! user ─► model: functionCall a, functionCall b ─► user: functionResponse a, functionResponse b ─► …
//!                  └── as many, with the same names, in the very next turn ──┘
//! ```

use serde_json::{Map, Value};

use super::dialect::Gemini;
use super::family;
use crate::refusal::Refusal;

/// What a part may be. It is one of them.
const DATA: [&str; 9] = [
    "text",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
];

/// Where AI Studio fetches files from. Vertex AI does from everywhere.
const FILES: [&str; 4] = [
    "https://generativelanguage.googleapis.com/",
    "https://www.youtube.com/",
    "https://youtube.com/",
    "https://youtu.be/",
];

/// Checks the contents. Returns whether the last of them is the user's own.
pub(super) fn check(
    body: &Map<String, Value>,
    model: &str,
    service: &Gemini,
) -> Result<bool, Refusal> {
    let contents = body.get("contents").and_then(Value::as_array);
    let contents = contents.map_or(&[][..], Vec::as_slice);
    if contents.is_empty() {
        return Err(Refusal::bad(
            "* GenerateContentRequest.contents: contents is not specified\n",
        ));
    }
    for (number, content) in contents.iter().enumerate() {
        let place = format!("GenerateContentRequest.contents[{number}]");
        role(content, service)?;
        parts(content, &place, model, service)?;
    }
    if let Some(system) = body.get("systemInstruction") {
        parts(
            system,
            "GenerateContentRequest.system_instruction",
            model,
            service,
        )?;
    }
    let turns = Turn::all(contents);
    order(&turns)?;
    if family::generation(model) >= 3 {
        signatures(&turns)?;
    }
    let last = turns.last();
    Ok(last.is_some_and(|last| !last.model && last.names("functionResponse").is_empty()))
}

fn role(content: &Value, service: &Gemini) -> Result<(), Refusal> {
    match content["role"].as_str() {
        Some("user" | "model" | "function") => Ok(()),
        None if !service.is_vertex() => Ok(()),
        _ => Err(Refusal::bad("Please use a valid role: user, model.")),
    }
}

fn parts(content: &Value, place: &str, model: &str, service: &Gemini) -> Result<(), Refusal> {
    let parts = content["parts"].as_array();
    let parts = parts.filter(|parts| !parts.is_empty());
    let Some(parts) = parts else {
        let message = format!("* {place}.parts: contents.parts must not be empty.\n");
        return Err(Refusal::bad(message));
    };
    for (number, part) in parts.iter().enumerate() {
        let place = format!("{place}.parts[{number}]");
        match DATA.iter().filter(|field| !part[**field].is_null()).count() {
            1 => {}
            0 => {
                let message = format!(
                    "* {place}.data: required oneof field 'data' must have one initialized field\n"
                );
                return Err(Refusal::bad(message));
            }
            _ => {
                let message = format!("* {place}: oneof field 'data' is already set.\n");
                return Err(Refusal::bad(message));
            }
        }
        part_of(part, &place, is_model(content), model, service)?;
    }
    Ok(())
}

fn part_of(
    part: &Value,
    place: &str,
    of_model: bool,
    model: &str,
    service: &Gemini,
) -> Result<(), Refusal> {
    let wrong = |what: &str| Err(Refusal::bad(format!("* {place}{what}\n")));
    if part["text"] == "" && part["thoughtSignature"].is_null() && service.is_vertex() {
        let message = "Unable to submit request because it must have a text parameter.";
        return Err(Refusal::bad(message));
    }
    for (field, belongs) in [("functionCall", of_model), ("functionResponse", !of_model)] {
        let function = &part[field];
        if function.is_null() {
            continue;
        }
        if !belongs {
            return wrong(&format!(": {field} is not of this role."));
        }
        if function["name"].as_str().is_none_or(str::is_empty) {
            let field = crate::shape::snake(field);
            return wrong(&format!(".{field}.name: Name cannot be empty."));
        }
        if !function["id"].is_null() && family::generation(model) < 3 {
            return Err(Refusal::bad(format!(
                "Invalid JSON payload received. Unknown name \"id\" at '{}.{}': Cannot find field.",
                place.trim_start_matches("GenerateContentRequest."),
                crate::shape::snake(field)
            )));
        }
    }
    if !part["functionResponse"].is_null() && part["functionResponse"]["response"].is_null() {
        return wrong(".function_response.response: required field is missing");
    }
    if part["inlineData"].is_object() && part["inlineData"]["mimeType"].is_null() {
        return wrong(".inline_data.mime_type: must be specified");
    }
    if let Some(uri) = part["fileData"]["fileUri"].as_str() {
        if service.is_vertex() && part["fileData"]["mimeType"].is_null() {
            return wrong(".file_data.mime_type: must be specified");
        }
        if !service.is_vertex() && !FILES.iter().any(|start| uri.starts_with(start)) {
            return Err(Refusal::bad(format!(
                "Invalid or unsupported file uri: {uri}"
            )));
        }
    }
    Ok(())
}

/// What one side says until the other side does, in one or more contents.
struct Turn<'a> {
    model: bool,
    /// The number of its first content.
    number: usize,
    parts: Vec<&'a Value>,
}

impl<'a> Turn<'a> {
    fn all(contents: &'a [Value]) -> Vec<Self> {
        let mut turns: Vec<Self> = Vec::new();
        for (number, content) in contents.iter().enumerate() {
            let model = is_model(content);
            let parts = content["parts"].as_array().into_iter().flatten();
            let parts: Vec<_> = parts.collect();
            let results = parts.iter().any(|part| !part["functionResponse"].is_null());
            match turns.last_mut() {
                // All results are in one content.
                Some(turn) if turn.model == model && !results => turn.parts.extend(parts),
                _ => turns.push(Self {
                    model,
                    number,
                    parts,
                }),
            }
        }
        turns
    }

    /// The names of the functions that are called, or answered, in any order.
    fn names(&self, field: &str) -> Vec<&'a str> {
        let functions = self.parts.iter().filter(|part| !part[field].is_null());
        let names = functions.map(|part| part[field]["name"].as_str().unwrap_or_default());
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names
    }
}

/// Who speaks after whom.
fn order(turns: &[Turn<'_>]) -> Result<(), Refusal> {
    let mut open = Vec::new();
    for turn in turns {
        let calls = turn.names("functionCall");
        let answers = turn.names("functionResponse");
        if !calls.is_empty() && turn.number == 0 {
            return Err(Refusal::bad(
                "Please ensure that function call turn comes immediately after a user turn or \
                 after a function response turn.",
            ));
        }
        if !answers.is_empty() && open.is_empty() {
            return Err(Refusal::bad(
                "Please ensure that function response turn comes immediately after a function call \
                 turn.",
            ));
        }
        if answers.len() != open.len() {
            return Err(unequal());
        }
        if answers != open {
            return Err(Refusal::bad(
                "Please ensure that the names of the function responses are those of the function \
                 calls.",
            ));
        }
        open = calls;
    }
    if !open.is_empty() {
        return Err(unequal());
    }
    if turns.first().is_some_and(|first| first.model) {
        let message = "Please ensure that multiturn requests start with a user role.";
        return Err(Refusal::bad(message));
    }
    if turns.last().is_some_and(|last| last.model) {
        return Err(Refusal::bad(
            "Please ensure that multiturn requests end with a user role or a function response.",
        ));
    }
    Ok(())
}

fn unequal() -> Refusal {
    Refusal::bad(
        "Please ensure that the number of function response parts is equal to the number of function \
         call parts of the function call turn.",
    )
}

/// Since the user last said something, each step's first call is signed.
fn signatures(turns: &[Turn<'_>]) -> Result<(), Refusal> {
    let own = |turn: &Turn<'_>| !turn.model && turn.names("functionResponse").is_empty();
    let start = turns.iter().rposition(own).unwrap_or_default();
    for turn in &turns[start..] {
        let mut parts = turn.parts.iter();
        let Some(call) = parts.find(|part| !part["functionCall"].is_null()) else {
            continue;
        };
        if call["thoughtSignature"].is_null() {
            let name = call["functionCall"]["name"].as_str().unwrap_or_default();
            return Err(Refusal::bad(format!(
                "Function call is missing a thought_signature in functionCall parts. This is \
                 required for tools to work correctly. Additional data, function call \
                 `default_api:{name}` , position {}.",
                turn.number + 1
            )));
        }
    }
    Ok(())
}

fn is_model(content: &Value) -> bool {
    content["role"] == "model"
}
