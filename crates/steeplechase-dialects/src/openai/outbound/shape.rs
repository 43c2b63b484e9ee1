//! Schemas.

use std::borrow::Cow;

use crate::json::Fields;
use serde_json::Value;

/// A schema of what a tool is given, which is an object in any case.
pub(super) fn object(schema: &Fields) -> Cow<'_, Fields> {
    if schema.contains_key("type") {
        return Cow::Borrowed(schema);
    }
    let mut typed = Fields::new();
    typed.insert("type".into(), "object".into());
    typed.extend(schema.clone());
    typed
        .entry("properties")
        .or_insert_with(|| Fields::new().into());
    Cow::Owned(typed)
}

/// Whether a model can be held to a schema: all of its objects have just the fields that they have to have.
pub(super) fn is_strict(schema: &Fields) -> bool {
    let mut inner = schema.iter().filter(|(name, _)| *name != "properties");
    if !inner.all(|(_, value)| are_strict(value)) {
        return false;
    }
    let Some(Value::Object(properties)) = schema.get("properties") else {
        // An object of which nothing is known is an open one.
        return schema.get("type") != Some(&"object".into()) || schema.contains_key("$ref");
    };
    let required = schema.get("required").and_then(Value::as_array);
    let is_required =
        |name: &String| required.is_some_and(|names| names.iter().any(|known| known == name));
    schema.get("additionalProperties") == Some(&false.into())
        && properties.keys().all(is_required)
        && properties.values().all(are_strict)
}

fn are_strict(value: &Value) -> bool {
    match value {
        Value::Object(schema) => is_strict(schema),
        Value::Array(values) => values.iter().all(are_strict),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_model_is_held_to_a_schema_without_loose_ends() {
        for (schema, is_held) in [
            (
                json!({"type": "object", "properties": {"a": {"type": "string"}},
                    "required": ["a"], "additionalProperties": false}),
                true,
            ),
            (
                json!({"type": "object", "properties": {}, "additionalProperties": false}),
                true,
            ),
            (
                json!({"type": "object", "properties": {"a": {}}, "required": ["a"]}),
                false,
            ),
            (
                json!({"type": "object", "properties": {"a": {}}, "required": [],
                    "additionalProperties": false}),
                false,
            ),
            (
                json!({"type": "object", "properties": {"a": {"type": "object"}},
                    "required": ["a"], "additionalProperties": false}),
                false,
            ),
            (
                json!({"type": "object", "properties": {"a": {"anyOf": [{"type": "null"},
                    {"type": "array", "items": {"type": "object", "properties": {"b": {}}}}]}},
                    "required": ["a"], "additionalProperties": false}),
                false,
            ),
        ] {
            assert_eq!(is_strict(schema.as_object().unwrap()), is_held, "{schema}");
        }
    }
}
