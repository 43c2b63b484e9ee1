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
    order(contents)?;
    if family::generation(model) >= 3 {
        signatures(contents)?;
    }
    Ok(contents
        .last()
        .is_some_and(|last| !is_model(last) && count(last, "functionResponse") == 0))
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

/// Who speaks after whom.
fn order(contents: &[Value]) -> Result<(), Refusal> {
    let mut before: Option<&Value> = None;
    for content in contents {
        let calls = count(content, "functionCall");
        let answers = count(content, "functionResponse");
        let open = before.map_or(0, |before| count(before, "functionCall"));
        if calls > 0 && before.is_none_or(is_model) {
            return Err(Refusal::bad(
                "Please ensure that function call turn comes immediately after a user turn or \
                 after a function response turn.",
            ));
        }
        if answers > 0 && open == 0 {
            return Err(Refusal::bad(
                "Please ensure that function response turn comes immediately after a function call \
                 turn.",
            ));
        }
        if answers != open {
            return Err(unequal());
        }
        if let Some(before) = before.filter(|_| answers > 0)
            && names(before, "functionCall") != names(content, "functionResponse")
        {
            return Err(Refusal::bad(
                "Please ensure that the names of the function responses are those of the function \
                 calls.",
            ));
        }
        let after_results = before.is_some_and(|before| count(before, "functionResponse") > 0);
        let same = before.is_some_and(|before| is_model(before) == is_model(content));
        if same && !after_results || before.is_none() && is_model(content) {
            return Err(Refusal::bad(
                "Please ensure that multiturn requests alternate between user and model.",
            ));
        }
        before = Some(content);
    }
    let last = before.unwrap_or(&Value::Null);
    if count(last, "functionCall") > 0 {
        return Err(unequal());
    }
    if is_model(last) {
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

/// In the present turn, which begins with what the user last said, each step's first call is signed.
fn signatures(contents: &[Value]) -> Result<(), Refusal> {
    let own = |content: &Value| !is_model(content) && count(content, "functionResponse") == 0;
    let start = contents.iter().rposition(own).unwrap_or_default();
    for (number, content) in contents.iter().enumerate().skip(start) {
        let parts = content["parts"].as_array().into_iter().flatten();
        let first = parts
            .into_iter()
            .find(|part| !part["functionCall"].is_null());
        let Some(call) = first else {
            continue;
        };
        if call["thoughtSignature"].is_null() {
            let name = call["functionCall"]["name"].as_str().unwrap_or_default();
            return Err(Refusal::bad(format!(
                "Function call is missing a thought_signature in functionCall parts. This is \
                 required for tools to work correctly. Additional data, function call \
                 `default_api:{name}` , position {}.",
                number + 1
            )));
        }
    }
    Ok(())
}

fn is_model(content: &Value) -> bool {
    content["role"] == "model"
}

fn count(content: &Value, field: &str) -> usize {
    let parts = content["parts"].as_array().into_iter().flatten();
    parts.filter(|part| !part[field].is_null()).count()
}

/// The names of the functions, in any order.
fn names<'a>(content: &'a Value, field: &str) -> Vec<&'a str> {
    let parts = content["parts"].as_array().into_iter().flatten();
    let mut names: Vec<_> = parts
        .filter_map(|part| part[field]["name"].as_str())
        .collect();
    names.sort_unstable();
    names
}
