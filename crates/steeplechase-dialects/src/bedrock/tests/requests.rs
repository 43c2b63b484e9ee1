//! What goes into a request, where a golden case would be too large for it.

use std::fmt::Write;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::bedrock::{RequestOptions, write_request};
use crate::chat::ChatRequest;

fn sent(call: &Value, model: &str) -> Value {
    let call = Bytes::from(call.to_string());
    let chat = ChatRequest::parse(&call).unwrap();
    let written = write_request(&chat, &RequestOptions::new(model)).unwrap();
    serde_json::from_slice(&written.body).unwrap()
}

fn with_schema(parameters: &Value, model: &str) -> Value {
    let call = json!({
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": parameters}}],
    });
    sent(&call, model)["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"].take()
}

#[test]
fn references_are_put_in_their_places_but_for_anthropics_models() {
    let schema = json!({
        "type": "object",
        "properties": {
            "at": {"$ref": "#/$defs/At", "description": "Where"},
            "all": {"type": "array", "items": {"$ref": "#/$defs/At"}},
        },
        "$defs": {"At": {"type": "object", "properties": {"x": {"type": "number"}}}},
    });
    let at = json!({"type": "object", "properties": {"x": {"type": "number"}}});
    let mut described = at.clone();
    described["description"] = "Where".into();
    let expected = json!({
        "type": "object",
        "properties": {"at": described, "all": {"type": "array", "items": at}},
    });
    assert_eq!(with_schema(&schema, "amazon.nova-pro-v1:0"), expected);
    assert_eq!(with_schema(&schema, "anthropic.claude-opus-4-6-v1"), schema);
}

#[test]
fn a_schema_that_would_not_end_or_leads_nowhere_is_left_as_it_is() {
    // Each definition doubles the one before it.
    let mut definitions = json!({"D0": {"type": "string"}});
    for n in 1..40 {
        let inner = json!({"$ref": format!("#/$defs/D{}", n - 1)});
        definitions[format!("D{n}")] =
            json!({"type": "object", "properties": {"a": inner, "b": inner}});
    }
    let bomb = json!({
        "type": "object",
        "properties": {"x": {"$ref": "#/$defs/D39"}},
        "$defs": definitions,
    });
    assert_eq!(with_schema(&bomb, "amazon.nova-pro-v1:0"), bomb);
    for reference in ["#/$defs/Nobody", "https://example.com/x.json", "#nowhere"] {
        let schema = json!({
            "type": "object",
            "properties": {"x": {"$ref": reference}},
            "$defs": {},
        });
        assert_eq!(with_schema(&schema, "amazon.nova-pro-v1:0"), schema);
    }
}

#[test]
fn a_longer_conversation_begins_with_the_same_bytes() {
    let file = |name: &str| json!({"type": "file", "file": {"filename": name, "file_data": "data:text/plain;base64,YQ=="}});
    let first = json!({"role": "user", "content": [file("a.txt"), file("a.txt")]});
    let short = json!({"messages": [first]});
    let long = json!({"messages": [first, {"role": "assistant", "content": "ok"},
                                   {"role": "user", "content": [file("a.txt")]}]});
    let model = "anthropic.claude-opus-4-6-v1";
    let (short, long) = (sent(&short, model), sent(&long, model));
    assert_eq!(short["messages"][0], long["messages"][0]);
}

proptest! {
    #[test]
    fn documents_have_allowed_names_and_no_two_the_same(
        names in proptest::collection::vec("\\PC{0,12}|[a-b._ -]{0,6}|x{150,260}", 1..8),
    ) {
        let parts: Vec<_> = names
            .iter()
            .map(|name| json!({"type": "file", "file": {
                "filename": name, "file_data": "data:text/plain;base64,YQ==",
            }}))
            .collect();
        let call = json!({"messages": [{"role": "user", "content": parts}]});
        let body = sent(&call, "amazon.nova-pro-v1:0");
        let blocks = body["messages"][0]["content"].as_array().unwrap();
        let documents = blocks.iter().filter_map(|block| block["document"]["name"].as_str());
        let mut seen = std::collections::HashSet::new();
        for name in documents {
            let is_fine = |c: char| c.is_ascii_alphanumeric() || " -()[]".contains(c);
            prop_assert!(name.chars().all(is_fine), "{}", name);
            prop_assert!((1..=200).contains(&name.len()) && !name.contains("  "));
            prop_assert!(seen.insert(name.to_owned()), "{}", name);
        }
        prop_assert_eq!(seen.len(), names.len());
    }

    #[test]
    fn calls_have_allowed_names_by_which_their_results_find_them(
        ids in proptest::collection::vec("[a-c/]{1,3}|x{60,70}|\\PC{1,4}", 1..8),
    ) {
        let calls: Vec<_> = ids
            .iter()
            .map(|id| json!({"id": id, "type": "function",
                             "function": {"name": "f", "arguments": "{}"}}))
            .collect();
        let mut messages = vec![
            json!({"role": "user", "content": "q"}),
            json!({"role": "assistant", "content": null, "tool_calls": calls}),
        ];
        messages.extend(ids.iter().enumerate().map(|(n, id)| {
            json!({"role": "tool", "tool_call_id": id, "content": format!("r{n}")})
        }));
        let call = Bytes::from(json!({"messages": messages}).to_string());
        prop_assert!(ChatRequest::parse(&call).is_ok(), "no id is empty");
        let body = sent(&json!({"messages": messages}), "anthropic.claude-opus-4-6-v1");
        let names = |turn: usize, kind: &str| -> Vec<String> {
            let blocks = body["messages"][turn]["content"].as_array().unwrap();
            let ids = blocks.iter().filter_map(|it| it[kind]["toolUseId"].as_str());
            ids.map(str::to_owned).collect()
        };
        let calls = names(1, "toolUse");
        prop_assert_eq!(&calls, &names(2, "toolResult"));
        let mut unique = calls.clone();
        unique.sort();
        unique.dedup();
        prop_assert_eq!(unique.len(), ids.len());
        for id in calls {
            let is_fine = |b: u8| b.is_ascii_alphanumeric() || b"_.:-".contains(&b);
            prop_assert!((1..=64).contains(&id.len()) && id.bytes().all(is_fine), "{}", id);
        }
    }
}

#[test]
fn a_deep_schema_is_no_reason_to_overflow() {
    let mut text = String::new();
    for _ in 0..100 {
        write!(text, r#"{{"type":"object","properties":{{"x":"#).unwrap();
    }
    text.push_str(r#"{"type":"string"}"#);
    text.push_str(&"}}".repeat(100));
    let Ok(deep) = serde_json::from_str::<Value>(&text) else {
        // It is deeper than is read at all.
        return;
    };
    let schema = json!({"type": "object", "properties": {"x": deep}, "$defs": {}});
    assert_eq!(with_schema(&schema, "amazon.nova-pro-v1:0"), schema);
}
