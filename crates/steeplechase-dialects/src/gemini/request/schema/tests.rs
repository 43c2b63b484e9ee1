//! Whatever the schema, it becomes one that the provider takes, and in time.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{ordered_subset, subset};

fn written(schema: Value) -> Value {
    let Value::Object(schema) = schema else {
        panic!("a schema is an object");
    };
    Value::Object(subset(&schema))
}

#[test]
fn what_the_provider_does_not_have_becomes_what_it_has() {
    for (schema, wanted) in [
        (json!({}), json!({"type": "STRING"})),
        (
            json!({"type": "null"}),
            json!({"type": "STRING", "nullable": true}),
        ),
        (json!({"const": 7}), json!({"type": "INTEGER"})),
        (
            json!({"enum": ["a", null]}),
            json!({"type": "STRING", "enum": ["a"], "nullable": true}),
        ),
        (json!({"enum": ["a", 1]}), json!({"type": "STRING"})),
        (
            json!({"type": "number", "format": "float", "multipleOf": 2}),
            json!({"type": "NUMBER", "format": "float"}),
        ),
        (
            json!({"type": "string", "format": "uri", "maxLength": 3}),
            json!({"type": "STRING", "maxLength": 3}),
        ),
        (
            json!({"type": ["object", "array", "null"], "description": "d", "properties": {"a": true}, "items": {"type": "number"}, "minItems": 2}),
            json!({"anyOf": [
                {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "description": "d", "nullable": true},
                {"type": "ARRAY", "items": {"type": "NUMBER"}, "minItems": 2, "description": "d", "nullable": true},
            ]}),
        ),
        (
            json!({"anyOf": [{"type": "null"}, {"type": "string", "description": "b"}], "description": "a"}),
            json!({"type": "STRING", "description": "a", "nullable": true}),
        ),
        (
            json!({"allOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"$ref": "#/$defs/b"}],
                   "$defs": {"b": {"properties": {"b": {"type": "boolean"}}, "required": ["b", "c"]}}}),
            json!({"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "BOOLEAN"}}, "required": ["a", "b"]}),
        ),
        (
            json!({"type": "array", "items": [{"type": "integer"}, {"type": "string"}]}),
            json!({"type": "ARRAY", "items": {"type": "INTEGER"}}),
        ),
        (json!({"$ref": "#/nowhere"}), json!({"type": "OBJECT"})),
        (
            json!({"$ref": "https://a.test/schema"}),
            json!({"type": "OBJECT"}),
        ),
        (json!({"$ref": "#"}), json!({"type": "OBJECT"})),
    ] {
        assert_eq!(written(schema.clone()), wanted, "{schema}");
    }
}

#[test]
fn the_order_of_the_fields_is_said_where_it_counts() {
    let schema = json!({"properties": {"z": {}, "a": {"properties": {"y": {}, "b": {}}}}});
    let ordered = ordered_subset(schema.as_object().unwrap());
    assert_eq!(ordered["propertyOrdering"], json!(["z", "a"]));
    assert_eq!(
        ordered["properties"]["a"]["propertyOrdering"],
        json!(["y", "b"])
    );
}

#[test]
fn definitions_that_double_with_each_step_come_to_an_end() {
    let mut definitions = Map::new();
    for step in 0..40 {
        let next = json!({"$ref": format!("#/$defs/d{}", step + 1)});
        let schema =
            json!({"type": "object", "properties": {"a": next, "b": next}, "allOf": [next]});
        definitions.insert(format!("d{step}"), schema);
    }
    let schema = json!({"$ref": "#/$defs/d0", "$defs": definitions});
    assert!(written(schema).to_string().len() < 1_000_000);
}

#[test]
fn a_chain_of_definitions_is_not_followed_for_ever() {
    let links = |keyword: &str| {
        let links = (0..20_000).map(|link| {
            let next = json!({"$ref": format!("#/$defs/d{}", link + 1)});
            let next = if keyword == "allOf" {
                json!([next])
            } else {
                next
            };
            (format!("d{link}"), json!({"type": "array", keyword: next}))
        });
        links.collect::<Map<_, _>>()
    };
    for keyword in ["items", "allOf"] {
        let schema = json!({"$ref": "#/$defs/d0", "$defs": links(keyword)});
        assert_eq!(written(schema)["type"], "ARRAY");
    }
}

fn any_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        Just(json!({"type": "string", "format": "email"})),
        Just(json!({"type": ["integer", "null"], "enum": [1]})),
        Just(json!({"enum": ["", "a", null]})),
        Just(json!({"$ref": "#/$defs/x"})),
        Just(json!({"$ref": "#"})),
        Just(json!({"const": {"a": 1}})),
        Just(
            json!({"type": ["string", "object"], "properties": {"q": {}}, "required": ["q", "r"]})
        ),
        Just(json!({"type": 7, "required": "a", "properties": [], "anyOf": {}})),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = || prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            list().prop_map(|all| json!({"allOf": all, "additionalProperties": false})),
            list().prop_map(|any| json!({"anyOf": any, "description": "d", "not": {}})),
            list().prop_map(|one| json!({"oneOf": one, "$defs": {"x": {"$ref": "#/$defs/x"}}})),
            inner
                .clone()
                .prop_map(|items| json!({"type": "array", "items": items})),
            list().prop_map(|all| {
                let named = all.into_iter().enumerate();
                let fields: Map<_, _> = named.map(|(at, it)| (format!("p{at}"), it)).collect();
                json!({"type": "object", "properties": fields, "required": ["p0", "p9"], "if": {}})
            }),
        ]
    })
}

/// Asserts that a schema is in the subset.
fn assert_subset(schema: &Value) {
    let fields = schema.as_object().unwrap();
    for banned in [
        "$ref",
        "$defs",
        "allOf",
        "oneOf",
        "const",
        "not",
        "if",
        "additionalProperties",
    ] {
        assert!(!fields.contains_key(banned), "{banned} in {schema}");
    }
    if let Some(any_of) = fields.get("anyOf") {
        assert_eq!(fields.len(), 1, "nothing is beside alternatives: {schema}");
        let any_of = any_of.as_array().unwrap();
        assert!(any_of.len() > 1);
        any_of.iter().for_each(assert_subset);
        return;
    }
    let kind = fields["type"].as_str().unwrap();
    assert_eq!(kind, kind.to_ascii_uppercase());
    let values = fields.get("enum").and_then(Value::as_array);
    assert!(values.is_none_or(|values| {
        values
            .iter()
            .all(|it| it.as_str().is_some_and(|it| !it.is_empty()))
    }));
    let properties = fields.get("properties").and_then(Value::as_object);
    assert!(
        properties.is_none_or(|it| !it.is_empty() && kind == "OBJECT"),
        "{schema}"
    );
    properties
        .into_iter()
        .flat_map(Map::values)
        .for_each(assert_subset);
    let required = fields.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten() {
        assert!(
            properties.unwrap().contains_key(name.as_str().unwrap()),
            "{schema}"
        );
    }
    assert_eq!(kind == "ARRAY", fields.contains_key("items"), "{schema}");
    fields.get("items").into_iter().for_each(assert_subset);
}

proptest! {
    #[test]
    fn any_schema_becomes_one_of_the_subset(schema in any_schema()) {
        if let Value::Object(fields) = &schema {
            assert_subset(&Value::Object(subset(fields)));
        }
    }
}
