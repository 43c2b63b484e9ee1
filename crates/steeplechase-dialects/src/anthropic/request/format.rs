use serde_json::Value;

use super::schema;
use crate::anthropic::Capabilities;
use crate::chat::ChatRequest;
use crate::chat::ResponseFormat;
use crate::chat::stand_in::WRAPPER;
use crate::json::Fields;

/// How the model is brought to answer in the form that the caller wants.
pub(crate) enum Format {
    /// It has no form.
    Free,
    /// It is asked to.
    Hint,
    /// It is held to a schema.
    Native(Fields),
    /// It calls a tool, and what it gives to the tool is the answer.
    Tool {
        schema: Fields,
        /// Whether the answer is in a field of the input, as it is no object.
        is_wrapped: bool,
    },
}

impl Format {
    pub(crate) fn new(chat: &ChatRequest, capabilities: Capabilities, thinks: bool) -> Self {
        let schema = match &chat.response_format {
            None | Some(ResponseFormat::Text) => return Self::Free,
            Some(ResponseFormat::JsonObject) => return Self::Hint,
            Some(ResponseFormat::JsonSchema(format)) => &format.schema,
        };
        // Being held to a schema closes its objects. A tool leaves them open.
        let can_force = capabilities.forced_tool && !thinks;
        if capabilities.json_schema && (schema::keeps_its_meaning(schema) || !can_force) {
            return Self::Native(schema::closed(schema));
        }
        if schema::is_object(schema) {
            let mut schema = schema.clone();
            schema.insert("type".into(), "object".into());
            return Self::Tool {
                schema,
                is_wrapped: false,
            };
        }
        Self::Tool {
            schema: wrapped(schema),
            is_wrapped: true,
        }
    }

    pub(crate) fn write(&self, output_config: &mut Fields) {
        if let Self::Native(schema) = self {
            let mut format = Fields::new();
            format.insert("type".into(), "json_schema".into());
            format.insert("schema".into(), Value::Object(schema.clone()));
            output_config.insert("format".into(), Value::Object(format));
        }
    }
}

/// An object with one field of the schema. Definitions stay at the root, where references find them.
fn wrapped(schema: &Fields) -> Fields {
    let mut inner = schema.clone();
    let mut outer = Fields::new();
    outer.insert("type".into(), "object".into());
    for definitions in ["$defs", "definitions"] {
        if let Some(value) = inner.shift_remove(definitions) {
            outer.insert(definitions.into(), value);
        }
    }
    let mut properties = Fields::new();
    properties.insert(WRAPPER.into(), Value::Object(inner));
    outer.insert("properties".into(), Value::Object(properties));
    outer.insert("required".into(), Value::Array(vec![WRAPPER.into()]));
    outer
}
