use serde_json::Value;
use serde_json::json;

use super::OPUS_47;
use super::SONNET_35;
use super::SONNET_45;
use super::body;
use super::call_with;
use super::dropped;
use super::write;

fn schema(schema: Value) -> Value {
    json!({"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}})
}

fn closed(given: Value) -> Value {
    let body = body(SONNET_45, &call_with(&schema(given)));
    assert_eq!(
        body["output_config"]["format"]["type"], "json_schema",
        "{body}"
    );
    body["output_config"]["format"]["schema"].clone()
}

#[test]
fn a_schema_is_closed_and_its_constraints_are_said_in_words() {
    let given = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "age": {"type": "integer", "exclusiveMinimum": 17, "description": "In years"},
            "minimum": {"type": "string", "minLength": 2, "format": "zip", "pattern": "^(?=x)"},
            "mail": {"type": "string", "format": "email", "pattern": "^x"},
            "list": {"type": "array", "minItems": 1, "uniqueItems": true,
                     "items": {"type": "object", "properties": {"k": {"type": "null"}}}},
            "kind": {"type": "string", "enum": ["a", null]},
            "one": {"oneOf": [{"type": "number", "multipleOf": 5}, {"type": "null"}]},
            "ref": {"$ref": "#/$defs/point"},
        },
        "$defs": {"point": {"type": "object", "properties": {"x": {"type": "number"}}}},
    });
    let wanted = json!({
        "type": "object",
        "properties": {
            "age": {"type": "integer", "description": "In years (constraints: exclusiveMinimum 17)"},
            "minimum": {"type": "string",
                        "description": "Constraints: minLength 2, format zip, pattern ^(?=x)."},
            "mail": {"type": "string", "format": "email", "pattern": "^x"},
            "list": {"type": "array", "minItems": 1,
                     "items": {"type": "object", "properties": {"k": {"type": "null"}},
                               "additionalProperties": false},
                     "description": "Constraints: uniqueItems true."},
            "kind": {"enum": ["a", null]},
            "one": {"anyOf": [{"type": "number", "description": "Constraints: multipleOf 5."},
                              {"type": "null"}]},
            "ref": {"$ref": "#/$defs/point"},
        },
        "$defs": {"point": {"type": "object", "properties": {"x": {"type": "number"}},
                            "additionalProperties": false}},
        "additionalProperties": false,
    });
    assert_eq!(closed(given), wanted);
}

#[test]
fn a_schema_that_would_change_its_meaning_becomes_a_tool() {
    let names = json!({"child": {"type": "string"}});
    let open = [
        json!({"type": "object"}),
        json!({"type": "object", "properties": names, "additionalProperties": true}),
        json!({"type": "object", "properties": names, "additionalProperties": {"type": "string"}}),
        json!({"type": "object", "properties": {"deep": {"type": "array", "items": {"type": "object"}}}}),
        json!({"type": "object", "properties": {"up": {"$ref": "#"}}}),
        json!({"type": "object", "properties": {"node": {"$ref": "#/$defs/node"}}, "$defs": {"node":
            {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}}}),
        json!({"type": "object", "properties": {"far": {"$ref": "https://schemas.test/x.json"}}}),
    ];
    for given in open {
        let body = body(SONNET_45, &call_with(&schema(given.clone())));
        assert_eq!(body["tools"][0]["input_schema"], given);
        assert_eq!(
            body["tool_choice"],
            json!({"type": "tool", "name": "json_tool_call"})
        );
        assert_eq!(body.get("output_config"), None);
    }
}

#[test]
fn a_model_that_thinks_is_held_to_the_schema_all_the_same() {
    let mut fields = schema(json!({"type": "object"}));
    fields["reasoning_effort"] = json!("high");
    let body = body(OPUS_47, &call_with(&fields));
    assert_eq!(body["output_config"]["effort"], "high");
    assert_eq!(
        body["output_config"]["format"]["schema"]["additionalProperties"],
        false
    );
}

#[test]
fn an_older_model_answers_by_a_tool() {
    let given = json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}});
    let call = call_with(&schema(given.clone()));
    let body_of = body(SONNET_35, &call);
    let tool = json!({
        "name": "json_tool_call",
        "description": "Return the final answer as the arguments of this tool.",
        "input_schema": given,
    });
    assert_eq!(body_of["tools"], json!([tool]));
    assert_eq!(
        body_of["tool_choice"],
        json!({"type": "tool", "name": "json_tool_call"})
    );
}

#[test]
fn an_answer_that_is_no_object_is_wrapped_in_one() {
    let given =
        json!({"type": "array", "items": {"$ref": "#/$defs/x"}, "$defs": {"x": {"type": "null"}}});
    let body = body(SONNET_35, &call_with(&schema(given)));
    let wanted = json!({
        "type": "object",
        "$defs": {"x": {"type": "null"}},
        "properties": {"values": {"type": "array", "items": {"$ref": "#/$defs/x"}}},
        "required": ["values"],
    });
    assert_eq!(body["tools"][0]["input_schema"], wanted);
}

#[test]
fn beside_other_tools_the_answer_is_one_of_them() {
    let tools = json!([{"type": "function", "function": {"name": "f"}},
                       {"type": "function", "function": {"name": "json_tool_call"}}]);
    let choice = |choice: Value, effort: Value| {
        let mut fields = schema(json!({"type": "object"}));
        fields["tools"] = tools.clone();
        fields["tool_choice"] = choice;
        fields["reasoning_effort"] = effort;
        let written = write("claude-sonnet-4", &call_with(&fields)).unwrap();
        let body: Value = serde_json::from_slice(&written.body).unwrap();
        assert_eq!(body["tools"][2]["name"], "json_tool_call_2");
        assert_eq!(dropped(&written), [""; 0]);
        (body["tool_choice"].clone(), body["system"].clone())
    };
    assert_eq!(choice(Value::Null, Value::Null).0, json!({"type": "any"}));
    assert_eq!(choice("auto".into(), Value::Null).0, json!({"type": "any"}));
    assert_eq!(
        choice("none".into(), Value::Null).0,
        json!({"type": "tool", "name": "json_tool_call_2"})
    );
    let named = json!({"type": "function", "function": {"name": "f"}});
    assert_eq!(
        choice(named, Value::Null).0,
        json!({"type": "tool", "name": "f"})
    );
    let (auto, hint) = choice("none".into(), "low".into());
    assert_eq!(auto, json!({"type": "auto"}));
    assert_eq!(
        hint[0]["text"],
        "You must call the tool json_tool_call_2 in this reply."
    );
}

#[test]
fn any_object_is_asked_for_in_words() {
    let fields = json!({"response_format": {"type": "json_object"}});
    let body_of = body(SONNET_45, &call_with(&fields));
    let hint =
        json!([{"type": "text", "text": "Reply with a single JSON object and nothing else."}]);
    assert_eq!(body_of["system"], hint);
    let text = body(
        SONNET_45,
        &call_with(&json!({"response_format": {"type": "text"}})),
    );
    assert_eq!(text.get("system"), None);
}
