use bytes::Bytes;
use serde_json::Value;
use serde_json::json;
use steeplechase_core::Class;
use steeplechase_core::Error;

use crate::chat::ChatRequest;
use crate::chat::Effort;
use crate::chat::PartKind;
use crate::chat::ResponseFormat;
use crate::chat::Role;
use crate::chat::ThinkingBlock;
use crate::chat::ToolChoice;
use crate::chat::ToolInput;
use crate::chat::ToolKind;

pub(super) fn parse(body: &Value) -> Result<ChatRequest, Error> {
    ChatRequest::parse(&Bytes::from(body.to_string()))
}

/// A call with one harmless message and some more fields.
fn with(fields: &Value) -> ChatRequest {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hello"}]});
    let target = body.as_object_mut().unwrap();
    target.extend(fields.as_object().unwrap().clone());
    parse(&body).unwrap()
}

/// Checks that calls are refused, which field is named, and what is said of it.
fn refused(cases: impl IntoIterator<Item = (Value, Option<&'static str>, &'static str)>) {
    for (body, param, text) in cases {
        let error = parse(&body).unwrap_err();
        assert_eq!(error.class(), Class::InvalidRequest, "{body}");
        assert_eq!(error.param(), param, "{body}");
        assert!(error.message().contains(text), "{body}: {error}");
    }
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    let cases = [
        (json!([]), None, "the body must be an object, not an array"),
        (
            json!({"model": "m"}),
            Some("messages"),
            "messages is required",
        ),
        (json!({"messages": []}), Some("messages"), "at least one"),
        (
            json!({"messages": ["hi"]}),
            Some("messages[0]"),
            "must be an object, not a string",
        ),
        (
            json!({"messages": [{"content": "a"}]}),
            Some("messages[0].role"),
            "is required",
        ),
        (
            json!({"messages": [{"role": "robot", "content": "a"}]}),
            Some("messages[0].role"),
            "must be system, developer, user, assistant or tool",
        ),
        (
            json!({"messages": [{"role": "user"}]}),
            Some("messages[0].content"),
            "is required",
        ),
        (
            json!({"messages": [{"role": "user", "content": 7}]}),
            Some("messages[0].content"),
            "must be a string or an array, not a number",
        ),
    ];
    refused(cases);
}

#[test]
fn what_is_wrong_in_a_part_or_a_call_is_named_by_its_path() {
    let cases = [
        (
            json!({"messages": [
                {"role": "user", "content": "a"},
                {"role": "user", "content": [{"type": "text", "text": "b"}, {"type": "image_url"}]},
            ]}),
            Some("messages[1].content[1].image_url"),
            "is required",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "file", "file": {}}]}]}),
            Some("messages[0].content[0].file"),
            "must have a file_id or file_data",
        ),
        (
            json!({"messages": [{"role": "tool", "content": "x"}]}),
            Some("messages[0].tool_call_id"),
            "is required",
        ),
        (
            json!({"messages": [{"role": "assistant", "tool_calls": [{"id": "c", "function": {}}]}]}),
            Some("messages[0].tool_calls[0].function.name"),
            "is required",
        ),
    ];
    refused(cases);
}

/// Checks that fields are refused, and which of them is named.
fn misfits(cases: impl IntoIterator<Item = (Value, &'static str)>) {
    for (fields, param) in cases {
        let mut body = json!({"messages": [{"role": "user", "content": "hello"}]});
        body.as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        let error = parse(&body).unwrap_err();
        assert_eq!(error.param(), Some(param), "{fields}: {error}");
        assert_eq!(error.status(), 400);
    }
}

#[test]
fn a_parameter_of_the_wrong_kind_is_an_error() {
    let cases = [
        (json!({"max_tokens": "12"}), "max_tokens"),
        (json!({"max_tokens": -1}), "max_tokens"),
        (
            json!({"max_completion_tokens": 1.5}),
            "max_completion_tokens",
        ),
        (json!({"temperature": 3}), "temperature"),
        (json!({"temperature": "0.5"}), "temperature"),
        (json!({"top_p": 1.01}), "top_p"),
        (json!({"n": 0}), "n"),
        (json!({"stream": "yes"}), "stream"),
        (json!({"stop": [1]}), "stop[0]"),
        (json!({"stop": {}}), "stop"),
        (
            json!({"stream_options": {"include_usage": 1}}),
            "stream_options.include_usage",
        ),
        (json!({"reasoning_effort": "gigantic"}), "reasoning_effort"),
        (
            json!({"response_format": {"properties": {}}}),
            "response_format.type",
        ),
        (
            json!({"response_format": {"type": "yaml"}}),
            "response_format.type",
        ),
        (
            json!({"response_format": {"type": "json_schema"}}),
            "response_format.json_schema",
        ),
    ];
    misfits(cases);
}

#[test]
fn a_tool_of_the_wrong_kind_is_an_error() {
    let cases = [
        (
            json!({"tools": [{"type": "function"}]}),
            "tools[0].function",
        ),
        (
            json!({"tools": [{"type": "function", "function": {}}]}),
            "tools[0].function.name",
        ),
        (
            json!({"tools": [
                {"type": "function", "function": {"name": "x"}},
                {"type": "custom", "custom": {"name": "x"}},
            ]}),
            "tools[1]",
        ),
        (json!({"tool_choice": "maybe"}), "tool_choice"),
        (json!({"tool_choice": 1}), "tool_choice"),
        (
            json!({"tool_choice": {"type": "function"}}),
            "tool_choice.function",
        ),
        (json!({"metadata": []}), "metadata"),
    ];
    misfits(cases);
}

#[test]
fn bytes_that_are_no_json_are_refused_without_repeating_them() {
    let error = ChatRequest::parse(&Bytes::from_static(b"{\"secret words")).unwrap_err();
    assert_eq!(error.code(), Some("invalid_json"));
    assert!(!error.message().contains("secret"));
    let deep = "[".repeat(100_000);
    assert!(ChatRequest::parse(&Bytes::from(deep)).is_err());
}

#[test]
fn null_is_the_same_as_nothing() {
    let nothing = with(&json!({}));
    let nulls = with(&json!({
        "max_tokens": null, "temperature": null, "stop": null, "tools": null, "tool_choice": null,
        "response_format": null, "stream_options": null, "reasoning_effort": null, "thinking": null,
        "logit_bias": null, "never_heard_of": null,
    }));
    assert_eq!(nothing, nulls);
}

#[test]
fn fields_that_are_not_known_are_kept_in_order() {
    let request = with(&json!({"zeta": 1, "temperature": 0.5, "alpha": {"b": [2]}}));
    let extra: Vec<_> = request.extra.keys().collect();
    assert_eq!(extra, ["zeta", "alpha"]);
    assert_eq!(request.extra["alpha"], json!({"b": [2]}));
}

#[test]
fn the_newer_limit_wins() {
    assert_eq!(with(&json!({"max_tokens": 5})).max_tokens, Some(5));
    let both = with(&json!({"max_tokens": 5, "max_completion_tokens": 9}));
    assert_eq!(both.max_tokens, Some(9));
    assert_eq!(with(&json!({"max_tokens": 4096.0})).max_tokens, Some(4096));
}

#[test]
fn an_effort_may_come_in_either_form() {
    let plain = with(&json!({"reasoning_effort": "xhigh"}));
    let object = with(&json!({"reasoning_effort": {"effort": "xhigh", "summary": "auto"}}));
    assert_eq!(plain.reasoning_effort, Some(Effort::Xhigh));
    assert_eq!(object.reasoning_effort, Some(Effort::Xhigh));
}

#[test]
fn a_schema_that_is_missing_asks_for_any_object() {
    let format = json!({"response_format": {"type": "json_schema", "json_schema": {"name": "n"}}});
    assert_eq!(
        with(&format).response_format,
        Some(ResponseFormat::JsonObject)
    );
}

#[test]
fn functions_become_tools() {
    let request = parse(&json!({
        "messages": [
            {"role": "user", "content": "weather?"},
            {"role": "assistant", "content": null,
             "function_call": {"name": "sky", "arguments": "{}"}},
            {"role": "function", "name": "sky", "content": "grey"},
        ],
        "functions": [{"name": "sky", "parameters": {"type": "object"}}],
        "function_call": {"name": "sky"},
    }))
    .unwrap();
    assert!(request.legacy_functions);
    assert_eq!(request.tools[0].name(), Some("sky"));
    assert_eq!(request.tool_choice, Some(ToolChoice::Named("sky".into())));
    let call = &request.messages[1].tool_calls[0];
    assert_eq!(request.messages[2].role, Role::Tool);
    assert_eq!(request.messages[2].tool_call_id.as_ref(), Some(&call.id));
    assert_eq!(request.messages[2].name, None);
}

#[test]
fn tools_and_choices_of_all_kinds_are_read() {
    let request = with(&json!({
        "tools": [
            {"type": "function", "function": {"name": "f", "strict": true},
             "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            {"type": "custom", "custom": {"name": "c", "format":
                {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: /x/"}}}},
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 2},
        ],
        "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [
            {"type": "function", "function": {"name": "f"}},
            {"type": "custom", "custom": {"name": "c"}},
        ]}},
    }));
    assert_eq!(request.tools[0].cache.as_ref().unwrap().0["ttl"], "1h");
    let ToolKind::Custom { grammar, .. } = &request.tools[1].kind else {
        panic!("it is custom");
    };
    assert!(grammar.is_some());
    let ToolKind::Other(fields) = &request.tools[2].kind else {
        panic!("it is somebody else's");
    };
    assert_eq!(fields["max_uses"], 2);
    let allowed = ToolChoice::Allowed {
        required: true,
        tools: vec!["f".into(), "c".into()],
    };
    assert_eq!(request.tool_choice, Some(allowed));
}

#[test]
fn sloppy_messages_are_understood() {
    let request = parse(&json!({"messages": [
        {"role": "user", "content": [
            "bare",
            {"type": "image_url", "image_url": "https://pics.test/a.png"},
            {"type": "text", "text": "b", "prompt_cache_breakpoint": {"mode": "explicit"}},
            {"type": "hologram", "depth": 3},
        ]},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "c1__thought__SEAL", "function": {"name": "f", "arguments": {"a": 1}}},
            {"id": "c2", "type": "custom", "custom": {"name": "g", "input": "raw"},
             "extra_content": {"google": {"thought_signature": "S2"}}},
        ], "function_call": null, "reasoning": "hm"},
        {"role": "tool", "tool_call_id": "c1__thought__SEAL", "content": {"answer": [1]}},
        {"role": "tool", "tool_call_id": "c2", "content": null, "is_error": true},
    ]}))
    .unwrap();
    let user = &request.messages[0].content;
    assert_eq!(user[0].kind, PartKind::Text("bare".into()));
    assert!(matches!(&user[1].kind, PartKind::Image { url, .. } if url.ends_with("a.png")));
    assert!(user[2].cache.is_some());
    assert!(matches!(&user[3].kind, PartKind::Other(fields) if fields["depth"] == 3));

    let assistant = &request.messages[1];
    assert_eq!(assistant.reasoning.as_deref(), Some("hm"));
    assert_eq!(assistant.tool_calls[0].id, "c1");
    assert_eq!(assistant.tool_calls[0].signature.as_deref(), Some("SEAL"));
    assert_eq!(
        assistant.tool_calls[0].input,
        ToolInput::Function("{\"a\":1}".into())
    );
    assert_eq!(assistant.tool_calls[1].signature.as_deref(), Some("S2"));

    assert_eq!(request.messages[2].tool_call_id.as_deref(), Some("c1"));
    assert_eq!(
        request.messages[2].content[0].kind,
        PartKind::Text("{\"answer\":[1]}".into())
    );
    assert!(request.messages[3].is_error && request.messages[3].content.is_empty());
}

#[test]
fn reasoning_by_both_of_its_names_is_taken_once() {
    let both = json!({"role": "assistant", "reasoning": "one", "reasoning_content": "one"});
    let request = parse(&json!({"messages": [both]})).unwrap();
    assert_eq!(request.messages[0].reasoning.as_deref(), Some("one"));
}

#[test]
fn thinking_is_kept_word_for_word() {
    let request = parse(&json!({"messages": [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "a", "reasoning_content": "r", "thinking_blocks": [
            {"index": 4, "type": "thinking", "thinking": " spaced ", "signature": "S"},
            {"type": "thinking", "thinking": "x", "signature": ""},
            {"type": "redacted_thinking", "data": "D"},
            {"type": "dreaming"},
        ]},
    ]}))
    .unwrap();
    let thinking = |text: &str, signature: Option<&str>| ThinkingBlock::Thinking {
        text: text.into(),
        signature: signature.map(Into::into),
    };
    let wanted = [
        thinking(" spaced ", Some("S")),
        thinking("x", None),
        ThinkingBlock::Redacted { data: "D".into() },
    ];
    assert_eq!(request.messages[1].thinking, wanted);
}

#[test]
fn half_a_surrogate_pair_does_not_lose_the_call() {
    let body = br#"{"messages":[{"role":"user","content":"x\ude00y\ud83d\ude00z\\ud83d\ud83d"}]}"#;
    let request = ChatRequest::parse(&Bytes::from_static(body)).unwrap();
    let text = "x\u{fffd}y\u{1f600}z\\ud83d\u{fffd}";
    assert_eq!(
        request.messages[0].content[0].kind,
        PartKind::Text(text.into())
    );
}

#[test]
fn the_log_never_sees_words_of_a_call() {
    let request = parse(&json!({
        "messages": [
            {"role": "user", "content": "hushhush"},
            {"role": "assistant", "tool_calls": [
                {"id": "c", "function": {"name": "f", "arguments": "hushhush"}}]},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "description": "hushhush"}}],
    }))
    .unwrap();
    assert!(!format!("{request:?} {:?} {:?}", request.messages, request.tools).contains("hush"));
}
