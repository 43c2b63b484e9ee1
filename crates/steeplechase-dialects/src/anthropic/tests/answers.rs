use bytes::BytesMut;
use serde_json::Value;
use serde_json::json;
use steeplechase_core::Class;
use steeplechase_core::Usage;
use steeplechase_core::price::Service;

use super::SONNET_35;
use super::SONNET_45;
use super::call_with;
use super::parse;
use super::write;
use crate::anthropic::AnswerContext;
use crate::anthropic::read_answer;
use crate::chat::ChunkWriter;
use crate::chat::ReadAnswer;
use crate::chat::Translator;

/// What is known of a call when its answer comes.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) context: AnswerContext,
    pub(super) include_usage: bool,
    pub(super) legacy_functions: bool,
}

impl Known {
    /// What makes chunks of a stream.
    pub(super) fn translator(&self) -> Translator {
        let chunks = ChunkWriter::new(self.include_usage).legacy_functions(self.legacy_functions);
        Translator::new(self.context.decoder(), Box::new(chunks))
    }
}

/// What is known of a call with some fields.
pub(super) fn context_of(model: &str, fields: &Value) -> Known {
    let call = call_with(fields);
    let chat = parse(&call);
    Known {
        context: write(model, &call).unwrap().context,
        include_usage: chat.include_usage,
        legacy_functions: chat.legacy_functions,
    }
}

fn message(content: &Value, stop_reason: &str) -> Value {
    json!({
        "id": "msg_5", "type": "message", "role": "assistant", "model": "claude-z",
        "content": content, "stop_reason": stop_reason, "stop_sequence": null,
        "usage": {"input_tokens": 6, "output_tokens": 4},
    })
}

fn read(known: &Known, message: &Value) -> Value {
    let mut answer = read_answer(message.to_string().as_bytes(), &known.context).unwrap();
    answer.legacy_functions(known.legacy_functions);
    let mut out = BytesMut::new();
    answer.write(&mut out);
    serde_json::from_slice(&out).unwrap()
}

/// The message and the reason of the first choice.
fn choice(known: &Known, message: &Value) -> (Value, Value) {
    let answer = read(known, message);
    let choice = &answer["choices"][0];
    (choice["message"].clone(), choice["finish_reason"].clone())
}

#[test]
fn texts_thoughts_and_calls_have_their_places() {
    let content = json!([
        {"type": "thinking", "thinking": "let me ", "signature": "S1"},
        {"type": "thinking", "thinking": "see", "signature": "S2"},
        {"type": "redacted_thinking", "data": "D"},
        {"type": "text", "text": "Looking"},
        {"type": "text", "text": " it up."},
        {"type": "tool_use", "id": "toolu_8", "name": "look", "input": {"z": 1.0, "a": "ü \"q\""}},
        {"type": "tool_use", "id": "toolu_9", "name": "look", "input": {}},
    ]);
    let answer = read(&Known::default(), &message(&content, "tool_use"));
    assert_eq!(
        (&answer["id"], &answer["model"]),
        (&json!("msg_5"), &json!("claude-z"))
    );
    let wanted = json!({
        "role": "assistant", "content": "Looking it up.", "refusal": null,
        "reasoning_content": "let me see",
        "thinking_blocks": [
            {"type": "thinking", "thinking": "let me ", "signature": "S1"},
            {"type": "thinking", "thinking": "see", "signature": "S2"},
            {"type": "redacted_thinking", "data": "D"},
        ],
        "tool_calls": [
            {"id": "toolu_8", "type": "function",
             "function": {"name": "look", "arguments": "{\"z\":1.0,\"a\":\"ü \\\"q\\\"\"}"}},
            {"id": "toolu_9", "type": "function", "function": {"name": "look", "arguments": "{}"}},
        ],
    });
    let choice = &answer["choices"][0];
    assert_eq!(choice["message"], wanted);
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["native_finish_reason"], "tool_use");
}

#[test]
fn white_space_in_arguments_goes_and_their_digits_stay() {
    let body = br#"{"id":"i","type":"message","content":[{"type":"tool_use","id":"t","name":"f",
        "input": { "big" : 123456789012345678901234567890, "e": 1e3 , "s":"a b" } }],
        "stop_reason":"tool_use","usage":null}"#;
    let answer = read_answer(body, &AnswerContext::default()).unwrap();
    let crate::chat::ToolInput::Function(arguments) = &answer.choices[0].tool_calls[0].input else {
        panic!("it is a function");
    };
    assert_eq!(
        arguments,
        r#"{"big":123456789012345678901234567890,"e":1e3,"s":"a b"}"#
    );
}

#[test]
fn every_reason_to_stop_has_a_name() {
    let table = [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("pause_turn", "length"),
        ("model_context_window_exceeded", "length"),
        ("compaction", "length"),
        ("refusal", "content_filter"),
        ("tool_use", "tool_calls"),
        ("bored", "stop"),
    ];
    for (native, wanted) in table {
        let message = message(&json!([{"type": "text", "text": "x"}]), native);
        let answer = read(&Known::default(), &message);
        assert_eq!(answer["choices"][0]["finish_reason"], wanted, "{native}");
        assert_eq!(answer["choices"][0]["native_finish_reason"], native);
    }
    // A client has to run its tools whatever the provider says.
    let call = json!([{"type": "tool_use", "id": "t", "name": "f", "input": {}}]);
    assert_eq!(
        choice(&Known::default(), &message(&call, "end_turn")).1,
        "tool_calls"
    );
    assert_eq!(
        choice(&Known::default(), &message(&call, "max_tokens")).1,
        "length"
    );
}

#[test]
fn a_refusal_says_why() {
    let mut refused = message(&json!([]), "refusal");
    refused["stop_details"] =
        json!({"type": "refusal", "category": "cyber", "explanation": "not that"});
    let (message_of, finish) = choice(&Known::default(), &refused);
    let wanted = json!({"role": "assistant", "content": null, "refusal": "not that"});
    assert_eq!((message_of, finish), (wanted, json!("content_filter")));
    let bare = message(&json!([]), "refusal");
    assert_eq!(choice(&Known::default(), &bare).0["refusal"], Value::Null);
}

#[test]
fn cached_tokens_are_tokens_too() {
    let usage = |usage: Value| {
        let mut message = message(&json!([]), "end_turn");
        message["usage"] = usage;
        let body = message.to_string();
        read_answer(body.as_bytes(), &AnswerContext::default())
            .unwrap()
            .usage
    };
    let counted = usage(json!({
        "input_tokens": 11, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 3000,
        "output_tokens": 40, "output_tokens_details": {"thinking_tokens": 15},
        "cache_creation": {"ephemeral_5m_input_tokens": 150, "ephemeral_1h_input_tokens": 50},
        "server_tool_use": {"web_search_requests": 2}, "service_tier": "batch",
    }));
    let wanted = Usage {
        prompt: 3211,
        completion: 40,
        cache_read: 3000,
        cache_write: 200,
        cache_write_1h: 50,
        reasoning: 15,
        searches: 2,
        service: Service::Batch,
        ..Usage::ZERO
    };
    assert_eq!(counted, wanted);
    assert_eq!(counted.total(), 3251);
    // Making the conversation shorter is not in the totals; the messages are.
    let compacted = usage(
        json!({"input_tokens": 5, "output_tokens": 2, "iterations": [
            {"type": "compaction", "input_tokens": 70, "output_tokens": 8, "cache_read_input_tokens": 1},
            {"type": "message", "input_tokens": 5, "output_tokens": 2},
        ]}),
    );
    assert_eq!(
        (compacted.prompt, compacted.completion, compacted.cache_read),
        (76, 10, 1)
    );
    assert_eq!(usage(json!({"input_tokens": null})), Usage::default());
    let written = usage(json!({
        "input_tokens": 7, "cache_creation_input_tokens": 1_000, "cache_read_input_tokens": null,
        "output_tokens": 20, "server_tool_use": null,
    }));
    assert_eq!((written.prompt, written.total()), (1_007, 1_027));
    assert_eq!((written.cache_read, written.searches), (0, 0));
    let lying = usage(json!({"output_tokens": 3, "output_tokens_details": {"thinking_tokens": 9}}));
    assert_eq!(lying.reasoning, 3);
}

#[test]
fn a_model_that_has_stood_in_for_another_is_named() {
    let mut other = message(&json!([]), "end_turn");
    other["usage"] = json!({"service_tier": "priority",
                            "iterations": [{"type": "fallback_message", "model": "claude-y"}]});
    let answer = read(&Known::default(), &other);
    assert_eq!(
        (&answer["model"], &answer["service_tier"]),
        (&json!("claude-y"), &json!("priority"))
    );
}

#[test]
fn an_answer_without_a_name_gets_one() {
    let mut nameless = message(&json!([]), "end_turn");
    for id in [json!(""), Value::Null] {
        nameless["id"] = id;
        let answer = read(&Known::default(), &nameless);
        assert!(answer["id"].as_str().unwrap().starts_with("chatcmpl-"));
        assert!(answer["created"].as_u64().unwrap() > 0);
    }
}

#[test]
fn what_the_server_did_itself_is_no_call_of_the_clients() {
    let search =
        json!({"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"q": "x"}});
    let content = json!([
        {"type": "text", "text": "Så: "},
        search,
        {"type": "web_search_tool_result", "tool_use_id": "s1", "content": []},
        {"type": "text", "text": "it rains", "citations": [
            {"type": "web_search_result_location", "url": "https://sky.test", "title": "Sky"},
            {"type": "page_location", "document_title": "No address"},
            {"type": "search_result_location", "source": "https://two.test"},
        ]},
        {"type": "wormhole", "to": "elsewhere"},
    ]);
    let (message_of, finish) = choice(&Known::default(), &message(&content, "end_turn"));
    let citation = |url: &str, title: &str| {
        json!({"type": "url_citation", "url_citation":
            {"start_index": 4, "end_index": 12, "url": url, "title": title}})
    };
    assert_eq!(message_of["content"], "Så: it rains");
    assert_eq!(message_of.get("tool_calls"), None);
    assert_eq!(
        message_of["annotations"],
        json!([
            citation("https://sky.test", "Sky"),
            citation("https://two.test", "")
        ]),
    );
    let raw = &message_of["provider_specific_fields"]["content_blocks"];
    assert_eq!(raw.as_array().unwrap().len(), 3);
    assert_eq!((&raw[0], finish), (&search, json!("stop")));
}

pub(super) fn format(schema: Value) -> Value {
    json!({"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}})
}

#[test]
fn an_answer_by_a_tool_is_the_content() {
    let object = context_of(
        SONNET_35,
        &format(json!({"type": "object", "properties": {"a": {}}})),
    );
    let input = json!({"a": [1, "x"]});
    let content = json!([
        {"type": "text", "text": "Here you are:"},
        {"type": "tool_use", "id": "t", "name": "json_tool_call", "input": input},
    ]);
    let (message_of, finish) = choice(&object, &message(&content, "tool_use"));
    let wanted = json!({"role": "assistant", "content": "{\"a\":[1,\"x\"]}", "refusal": null});
    assert_eq!((message_of, finish), (wanted, json!("stop")));

    let list = context_of(SONNET_35, &format(json!({"type": "array"})));
    let content = json!([{"type": "tool_use", "id": "t", "name": "json_tool_call",
                          "input": {"values": [1, 2]}}]);
    assert_eq!(
        choice(&list, &message(&content, "tool_use")).0["content"],
        "[1,2]"
    );

    let both = json!([
        {"type": "tool_use", "id": "t", "name": "json_tool_call", "input": {"a": 1}},
        {"type": "tool_use", "id": "u", "name": "look", "input": {}},
    ]);
    let (message_of, finish) = choice(&object, &message(&both, "tool_use"));
    assert_eq!(
        (&message_of["content"], finish),
        (&json!("{\"a\":1}"), json!("tool_calls"))
    );
    assert_eq!(message_of["tool_calls"].as_array().unwrap().len(), 1);
}

#[test]
fn names_and_kinds_of_tools_are_the_callers_again() {
    let tools = json!({"tools": [
        {"type": "function", "function": {"name": "sky/look"}},
        {"type": "custom", "custom": {"name": "write"}},
    ]});
    let known = context_of(SONNET_45, &tools);
    let content = json!([
        {"type": "tool_use", "id": "t", "name": "sky_look", "input": {}},
        {"type": "tool_use", "id": "u", "name": "write", "input": {"input": "two\nlines"}},
        {"type": "tool_use", "id": "v", "name": "write", "input": {"odd": 1}},
    ]);
    let calls = choice(&known, &message(&content, "tool_use")).0["tool_calls"].clone();
    let wanted = json!([
        {"id": "t", "type": "function", "function": {"name": "sky/look", "arguments": "{}"}},
        {"id": "u", "type": "custom", "custom": {"name": "write", "input": "two\nlines"}},
        {"id": "v", "type": "custom", "custom": {"name": "write", "input": "{\"odd\":1}"}},
    ]);
    assert_eq!(calls, wanted);
}

#[test]
fn a_caller_of_functions_gets_a_function_call() {
    let known = context_of(SONNET_45, &json!({"functions": [{"name": "f"}]}));
    let content = json!([{"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}]);
    let (message_of, finish) = choice(&known, &message(&content, "tool_use"));
    assert_eq!(
        message_of["function_call"],
        json!({"name": "f", "arguments": "{\"a\":1}"})
    );
    assert_eq!(finish, "function_call");
}

#[test]
fn json_comes_out_of_its_fence() {
    let known = context_of(
        SONNET_45,
        &json!({"response_format": {"type": "json_object"}}),
    );
    let content = |text: &str| {
        let content = json!([{"type": "text", "text": text}]);
        choice(&known, &message(&content, "end_turn")).0["content"].clone()
    };
    assert_eq!(content("```json\n{\"a\": 1}\n```\n"), "{\"a\": 1}");
    assert_eq!(content("{\"a\": \"```\"}"), "{\"a\": \"```\"}");
    assert_eq!(content("```json\n{\"cut\": "), "```json\n{\"cut\": ");
}

#[test]
fn what_is_no_message_is_an_error() {
    let read = |body: &str| read_answer(body.as_bytes(), &AnswerContext::default());
    for body in ["", "{\"content\": [{"] {
        assert_eq!(read(body).unwrap_err().class(), Class::Truncated, "{body}");
    }
    for body in ["<html>", "[]", "{}", "{\"content\": 7}", "null"] {
        assert_eq!(read(body).unwrap_err().class(), Class::Server, "{body}");
    }
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"Busy"}}"#;
    assert_eq!(read(error).unwrap_err().class(), Class::Overloaded);
    let torn = r#"{"content":[{"type":"text","text":"a\ud800b"}],"stop_reason":"end_turn"}"#;
    let torn = read(torn).unwrap();
    assert_eq!(torn.choices[0].content.as_deref(), Some("a\u{fffd}b"));
}
