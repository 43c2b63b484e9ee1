//! What stands for something that a provider has no word for. It is the same for all of them: where a conversation
//! goes on with another provider, nothing else is in it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use super::ToolInput;
use crate::json::{self, Fields, Text};

/// Stands for a turn in which nothing is said, which providers refuse.
pub(crate) const PLACEHOLDER: &str = ".";

/// Begins what the application says in the middle of a conversation, in the user's name.
pub(crate) const NOTE: &str = "[operator note] ";

/// Stands for a result that nobody has given.
pub(crate) const NO_RESULT: &str = "No result provided.";

pub(crate) const JSON_HINT: &str = "Reply with a single JSON object and nothing else.";

/// The tool that stands for an answer in a form.
pub(crate) const JSON_TOOL: &str = "json_tool_call";
pub(crate) const JSON_TOOL_DESCRIPTION: &str =
    "Return the final answer as the arguments of this tool.";

/// The tool of a call that has none, and has tools in its history.
pub(crate) const NO_TOOL: &str = "noop";
pub(crate) const NO_TOOL_DESCRIPTION: &str = "Placeholder; never call.";

/// The field in which an answer is that is no object.
pub(crate) const WRAPPER: &str = "values";

/// A tool that the model calls to give an answer that conforms to a schema.
#[derive(Debug)]
pub(crate) struct JsonTool {
    pub(crate) name: Box<str>,
    /// Whether the answer is in the field [`WRAPPER`] of the input, as it is no object.
    pub(crate) is_wrapped: bool,
}

/// What a tool was given. It has to be an object, whatever the model wrote.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Input<'a> {
    Empty {},
    Free { input: &'a str },
    NoJson { _raw: &'a str },
    NoObject { value: &'a RawValue },
    Object(&'a RawValue),
}

/// The input of a tool that takes free text.
#[derive(Deserialize)]
struct FreeText<'a> {
    #[serde(borrow)]
    input: Text<'a>,
}

/// The input of a tool that stands for an answer that is no object.
#[derive(Deserialize)]
struct Wrapped<'a> {
    // The field is called `WRAPPER`.
    #[serde(borrow)]
    values: &'a RawValue,
}

/// The schema of a tool that takes nothing.
pub(crate) fn empty_schema() -> Fields {
    let mut schema = Fields::new();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), Fields::new().into());
    schema
}

/// For a tool that takes free text: an object with the text in it.
pub(crate) fn free_text_schema() -> Fields {
    let mut schema = Fields::new();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), json!({"input": {"type": "string"}}));
    schema.insert("required".into(), json!(["input"]));
    schema
}

/// The text in what the model gave to a tool that takes free text.
pub(crate) fn free_text(input: &str) -> Cow<'_, str> {
    match serde_json::from_str::<FreeText<'_>>(input) {
        Ok(free) => free.input.into_inner(),
        // The model did not keep to the schema: what it gave is better than nothing.
        Err(_) => Cow::Borrowed(input),
    }
}

/// The answer in what the model gave to the tool that stands for it.
pub(crate) fn unwrapped(input: &str, is_wrapped: bool) -> String {
    if is_wrapped && let Ok(wrapped) = serde_json::from_str::<Wrapped<'_>>(input) {
        return json::compact(wrapped.values.get());
    }
    json::compact(input)
}

// ===== impl Input =====

impl<'a> Input<'a> {
    pub(crate) fn of(input: &'a ToolInput) -> Self {
        let text = match input {
            ToolInput::Custom(input) => return Self::Free { input },
            ToolInput::Function(arguments) => arguments.as_str(),
        };
        if text.trim().is_empty() {
            return Self::Empty {};
        }
        match serde_json::from_str::<&RawValue>(text) {
            Ok(raw) if raw.get().starts_with('{') => Self::Object(raw),
            Ok(value) => Self::NoObject { value },
            Err(_) => Self::NoJson { _raw: text },
        }
    }
}
