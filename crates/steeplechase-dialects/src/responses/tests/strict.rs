use serde_json::{Value, json};

use crate::responses::parse;

/// Whether a function with a schema is held to it, if the caller does not say.
fn is_held(schema: &Value) -> bool {
    let call = json!({
        "model": "m",
        "input": "hi",
        "tools": [{"type": "function", "name": "f", "parameters": schema}],
    });
    let chat = parse(&call.to_string().into()).unwrap();
    matches!(
        &chat.tools[0].kind,
        crate::chat::ToolKind::Function {
            strict: Some(true),
            ..
        }
    )
}

#[test]
fn a_model_is_held_to_a_schema_that_leaves_nothing_open() {
    let inner = json!({
        "type": ["object", "null"], "properties": {"b": {"enum": [{"type": "object"}]}},
        "required": ["b"], "additionalProperties": false,
    });
    for (schema, held) in [
        (
            json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false}),
            true,
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false}),
            true,
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": [], "additionalProperties": false}),
            false,
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}),
            false,
        ),
        (json!({"type": "object"}), false),
        (json!({"properties": {"a": {}}}), false),
        (
            json!({"type": "object", "properties": {"a": {"type": "array", "items": inner}}, "required": ["a"], "additionalProperties": false}),
            true,
        ),
        (
            json!({"type": "object", "properties": {"a": {"anyOf": [{"type": "object"}]}}, "required": ["a"], "additionalProperties": false}),
            false,
        ),
        (
            json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}}, "required": ["a"], "additionalProperties": false, "$defs": {"x": {"type": "object"}}}),
            false,
        ),
        (Value::Null, false),
    ] {
        assert_eq!(is_held(&schema), held, "{schema}");
    }
}
