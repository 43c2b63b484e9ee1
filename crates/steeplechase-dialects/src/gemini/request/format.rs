use std::borrow::Cow;

use super::native::Config;
use super::schema;
use crate::chat::notes::Notes;
use crate::chat::stand_in::JSON_HINT;
use crate::chat::{ChatRequest, ResponseFormat};
use crate::gemini::Capabilities;
use crate::json::Fields;

const SCHEMA_HINT: &str = "Reply with JSON that conforms to this JSON schema, and nothing else:";
const JSON: &str = "application/json";

/// How the model is brought to answer in the form that the caller wants.
pub(super) enum Format<'a> {
    /// It has no form.
    Free,
    /// It is asked to, in words.
    Hint(Cow<'static, str>),
    /// It is held to JSON.
    Json,
    /// It is held to a schema.
    Schema(&'a Fields),
    /// It is held to a schema in the provider's subset.
    Subset(Fields),
}

impl<'a> Format<'a> {
    pub(super) fn new(chat: &'a ChatRequest, capabilities: Capabilities, has_tools: bool) -> Self {
        let schema = match &chat.response_format {
            None | Some(ResponseFormat::Text) => return Self::Free,
            Some(ResponseFormat::JsonObject) => None,
            Some(ResponseFormat::JsonSchema(format)) => Some(&format.schema),
        };
        let can_hold = capabilities.json_with_tools || !has_tools;
        match schema {
            None if can_hold => Self::Json,
            None => Self::Hint(JSON_HINT.into()),
            Some(schema) if !can_hold => {
                let schema = serde_json::Value::Object(schema.clone());
                Self::Hint(format!("{SCHEMA_HINT} {schema}").into())
            }
            Some(schema) if capabilities.answer_schema => Self::Schema(schema),
            Some(schema) => Self::Subset(schema::ordered_subset(schema)),
        }
    }

    pub(super) fn write(&self, config: &mut Config<'a>, notes: &mut Notes) {
        match self {
            Self::Free => return,
            // It may still answer in another form.
            Self::Hint(_) => return notes.note("response_format"),
            Self::Json => {}
            Self::Schema(schema) => config.response_json_schema = Some(schema),
            Self::Subset(schema) => config.response_schema = Some(schema.clone()),
        }
        config.response_mime_type = Some(JSON);
    }

    /// What the model is told, if it is only told.
    pub(super) fn hint(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Hint(text) => Some(text.clone()),
            _ => None,
        }
    }
}
