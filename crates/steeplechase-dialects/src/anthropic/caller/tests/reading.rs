use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;
use steeplechase_core::Operation;

use super::call_with;
use super::read;
use crate::anthropic::RequestOptions;
use crate::anthropic::caller::parse;
use crate::anthropic::write_request;
use crate::chat::Effort;
use crate::chat::Role;

/// A call by way of the neutral form to a provider of the same dialect.
fn through(model: &str, call: &Value) -> Value {
    let mut options = RequestOptions::new(model);
    options.drop_params = true;
    let written = write_request(&read(call).unwrap(), &options).unwrap();
    serde_json::from_slice(&written.body).unwrap()
}

#[test]
fn nothing_is_lost_on_the_way_to_a_provider_of_the_same_dialect() {
    let mark = json!({"type": "ephemeral", "ttl": "1h"});
    let mut call = json!({
        "model": "claude-opus-4-8",
        "max_tokens": 4000,
        "system": [{"type": "text", "text": "Be brief.", "cache_control": mark}],
        "messages": [
            {"role": "user", "content": [
                {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
                 "title": "a.pdf", "context": "of 1952", "citations": {"enabled": true}},
                {"type": "image", "source": {"type": "file", "file_id": "file_7"}},
                {"type": "search_result", "source": "https://s.test", "title": "S",
                 "content": [{"type": "text", "text": "found"}], "citations": {"enabled": true}},
                {"type": "text", "text": "sum up", "cache_control": {"type": "ephemeral"}}]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "S1"},
                {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {"query": "q"}},
                {"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": [
                    {"type": "web_search_result", "url": "https://w.test", "title": "W", "encrypted_content": "E"}]},
                {"type": "thinking", "thinking": "", "signature": "S2"},
                {"type": "redacted_thinking", "data": "R"},
                {"type": "text", "text": "So:", "citations": [{"type": "web_search_result_location",
                    "url": "https://w.test", "title": "W", "cited_text": "c", "encrypted_index": "I"}]},
                {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {"at": [1.5, "é"]}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "is_error": true, "content": [
                    {"type": "text", "text": "no"},
                    {"type": "image", "source": {"type": "url", "url": "https://x.test/a.png"}},
                    {"type": "tool_reference", "tool_name": "find"}]},
                {"type": "text", "text": "go on"}]},
        ],
        "tools": [
            {"name": "find", "description": "d", "input_schema": {"type": "object", "properties": {"at": {}}},
             "strict": true, "defer_loading": true, "cache_control": {"type": "ephemeral"}},
            {"type": "code_execution_20250825", "name": "code_execution"},
            {"type": "web_search_20260209", "name": "web_search", "max_uses": 3,
             "allowed_domains": ["w.test"], "user_location": {"type": "approximate", "city": "Bergen"}}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": true},
        "stop_sequences": ["END"],
        "stream": true,
        "thinking": {"type": "adaptive", "display": "omitted"},
        "output_config": {"effort": "low"},
        "metadata": {"user_id": "{\"device\":\"d\"}"},
        "service_tier": "standard_only",
        "context_management": {"edits": []},
        "container": "c_1",
        "mcp_servers": [{"type": "url", "url": "https://m.test", "name": "m"}],
        "inference_geo": "eu",
        "speed": "fast",
    });
    let sent = through("claude-opus-4-8", &call);
    // The default of a block that is not said.
    call["messages"][0]["content"][0]["source"]["media_type"] = json!("application/pdf");
    assert_eq!(sent, call);
}

#[test]
fn names_and_seals_of_other_providers_are_taken_apart_again() {
    let call = read(&call_with(&json!({"messages": [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "from elsewhere", "signature": ""},
            {"type": "tool_use", "id": "call_1__thought__a-b", "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1__thought__a-b"}]},
    ]})))
    .unwrap();
    let call_made = &call.messages[1].tool_calls[0];
    assert_eq!(
        (&*call_made.id, call_made.signature.as_deref()),
        ("call_1", Some("a-b"))
    );
    assert_eq!(call.messages[2].tool_call_id.as_deref(), Some("call_1"));
    assert_eq!(call.messages[2].role, Role::Tool);
    let sent = through(
        "claude-sonnet-4-5",
        &call_with(&json!({"messages": [
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "from elsewhere", "signature": ""},
                {"type": "text", "text": "a"}]},
            {"role": "user", "content": "r"},
        ]})),
    );
    let wanted = json!([{"type": "text", "text": "a"}]);
    assert_eq!(
        sent["messages"][1]["content"], wanted,
        "a thought of another's has no seal"
    );
}

#[test]
fn an_effort_is_known_in_all_the_words_for_it() {
    for (fields, effort) in [
        (json!({}), None),
        (
            json!({"thinking": {"type": "disabled"}}),
            Some(Effort::None),
        ),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}),
            Some(Effort::Low),
        ),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": 2048}}),
            Some(Effort::Medium),
        ),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": 4096}}),
            Some(Effort::High),
        ),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": 8192}}),
            Some(Effort::Xhigh),
        ),
        (
            json!({"thinking": {"type": "adaptive"}}),
            Some(Effort::Medium),
        ),
        (
            json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}}),
            Some(Effort::Max),
        ),
        (
            json!({"output_config": {"effort": "low"}, "reasoning_effort": "high"}),
            Some(Effort::Low),
        ),
        (json!({"reasoning_effort": "high"}), Some(Effort::High)),
        (
            json!({"thinking": {"type": "adaptive"}, "reasoning_effort": "high"}),
            Some(Effort::Medium),
        ),
    ] {
        assert_eq!(
            read(&call_with(&fields)).unwrap().effort(),
            effort,
            "{fields}"
        );
    }
}

#[test]
fn a_count_of_tokens_needs_no_limit() {
    let call = Bytes::from_static(br#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#);
    assert!(parse(&call, Operation::CountTokens).is_ok());
    let error = parse(&call, Operation::Chat).unwrap_err();
    assert_eq!(error.param(), Some("max_tokens"));
}

#[test]
fn what_is_wrong_is_named_by_its_place() {
    for (fields, param) in [
        (json!({"system": 7}), "system"),
        (
            json!({"system": [{"type": "image", "source": {"type": "url", "url": "u"}}]}),
            "system[0]",
        ),
        (json!({"messages": "hi"}), "messages"),
        (json!({"messages": [{"content": "hi"}]}), "messages[0].role"),
        (
            json!({"messages": [{"role": "user"}]}),
            "messages[0].content",
        ),
        (
            json!({"messages": [{"role": "user", "content": 7}]}),
            "messages[0].content",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"text": "x"}]}]}),
            "messages[0].content[0].type",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "text"}]}]}),
            "messages[0].content[0].text",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "tool_use", "id": "a", "name": "b"}]}]}),
            "messages[0].content[0]",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "tool_result"}]}]}),
            "messages[0].content[0].tool_use_id",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "document", "source": {"type": "x"}}]}]}),
            "messages[0].content[0].source.type",
        ),
        (json!({"tools": [{"input_schema": {}}]}), "tools[0].name"),
        (
            json!({"tools": [{"name": "a", "input_schema": []}]}),
            "tools[0].input_schema",
        ),
        (json!({"tool_choice": {"type": "some"}}), "tool_choice.type"),
        (json!({"tool_choice": {"type": "tool"}}), "tool_choice.name"),
        (json!({"tool_choice": {}}), "tool_choice.type"),
        (json!({"stop_sequences": [1]}), "stop_sequences[0]"),
        (
            json!({"output_config": {"format": {"type": "xml"}}}),
            "output_config.format.type",
        ),
        (
            json!({"output_format": {"type": "json_schema"}}),
            "output_format.schema",
        ),
        (json!({"max_tokens": -1}), "max_tokens"),
        (json!({"thinking": true}), "thinking"),
    ] {
        let error = read(&call_with(&fields)).unwrap_err();
        assert_eq!(error.param(), Some(param), "{fields}");
        assert_eq!(error.status(), 400);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop_oneof![
            Just("text"),
            Just("tool_use"),
            Just("tool_result"),
            Just("image"),
            Just("document"),
            Just("thinking"),
            Just("user"),
            Just("assistant"),
            Just("base64"),
            Just("content"),
            Just("x"),
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 32, 4, |inner| {
        let key = prop_oneof![
            Just("role"),
            Just("content"),
            Just("type"),
            Just("text"),
            Just("source"),
            Just("input"),
            Just("name"),
            Just("id"),
            Just("tool_use_id"),
            Just("cache_control"),
            Just("data"),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..5).prop_map(|fields| {
                let fields = fields
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value));
                Value::Object(fields.collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_call_makes_it_panic(
        messages in any_json(), tools in any_json(), choice in any_json(), system in any_json(),
    ) {
        let _ = read(&json!({"max_tokens": 1, "messages": messages, "tools": tools,
                             "tool_choice": choice, "system": system}));
        let _ = read(&json!({"max_tokens": 1, "output_config": choice, "metadata": tools,
                             "messages": [{"role": "assistant", "content": messages},
                                          {"role": "user", "content": system}]}));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&Bytes::from(bytes), Operation::Chat);
    }
}
