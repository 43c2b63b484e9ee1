//! What is refused.

use super::*;

#[tokio::test(start_paused = true)]
async fn openai_names_the_field_that_is_at_fault() {
    let call = json!({"id": "c1", "function": {"name": "f", "arguments": "{}"}});
    let asked = json!({"role": "assistant", "tool_calls": [call]});
    let user = json!({"role": "user", "content": "hi"});
    let cases = [
        (json!({"model": null}), "model"),
        (json!({"model": 5}), "model"),
        (json!({"messages": null}), "messages"),
        (json!({"messages": []}), "messages"),
        (json!({"messages": "hi"}), "messages"),
        (
            json!({"messages": [{"role": "robot", "content": "hi"}]}),
            "messages[0].role",
        ),
        (
            json!({"messages": [{"role": "user"}]}),
            "messages[0].content",
        ),
        (json!({"messages": [user, asked]}), "messages"),
        (json!({"messages": [user, asked, user]}), "messages[2]"),
        (
            json!({"messages": [user, {"role": "tool", "tool_call_id": "c1", "content": "x"}]}),
            "messages[1]",
        ),
        (json!({"tools": []}), "tools"),
        (json!({"tool_choice": "auto"}), "tool_choice"),
        (json!({"max_tokens": 0}), "max_tokens"),
        (
            json!({"max_completion_tokens": "9"}),
            "max_completion_tokens",
        ),
        (json!({"n": 1000}), "n"),
        (json!({"temperature": 3}), "temperature"),
        (json!({"stream": "yes"}), "stream"),
        (
            json!({"stream_options": {"include_usage": true}}),
            "stream_options",
        ),
    ];
    let sim = Sim::new("north");
    for (change, param) in cases {
        let (status, body) = answered(&sim, openai(&with(chat(false), &change))).await;
        assert_eq!(status, 400, "{change}");
        assert_eq!(body["error"]["type"], "invalid_request_error", "{change}");
        assert_eq!(body["error"]["param"], param, "{change}");
    }
}

#[tokio::test(start_paused = true)]
async fn anthropic_names_the_field_that_is_at_fault() {
    let call = json!({"role": "assistant", "content": [
        {"type": "tool_use", "id": "t1", "name": "f", "input": {}}]});
    let result = json!({"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": "t2", "content": "x"}]});
    let user = json!({"role": "user", "content": "hi"});
    let cases = [
        (json!({"model": null}), "model: Field required"),
        (json!({"max_tokens": null}), "max_tokens: Field required"),
        (json!({"max_tokens": -1}), "max_tokens"),
        (json!({"messages": null}), "messages: Field required"),
        (json!({"messages": []}), "messages: at least one"),
        (
            json!({"messages": [{"role": "system", "content": "hi"}]}),
            "messages.0: Unexpected role",
        ),
        (
            json!({"messages": [{"role": "assistant", "content": "hi"}]}),
            "first message",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"type": "text", "text": " "}]}]}),
            "non-empty",
        ),
        (
            json!({"messages": [user, call, result]}),
            "unexpected `tool_use_id`",
        ),
        (
            json!({"messages": [user, result]}),
            "unexpected `tool_use_id`",
        ),
        (
            json!({"messages": [user, call, user]}),
            "messages.2: `tool_use` ids without",
        ),
        (json!({"messages": [user, call]}), "`tool_use` ids without"),
        (
            json!({"frequency_penalty": 0}),
            "frequency_penalty: Extra inputs",
        ),
        (json!({"temperature": 1.5}), "temperature"),
        (json!({"tool_choice": {"type": "any"}}), "tool_choice"),
        (json!({"tools": [{"name": "f"}]}), "tools.0.input_schema"),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": 5}}),
            "budget_tokens",
        ),
        (
            json!({"thinking": {"type": "enabled", "budget_tokens": 4096}}),
            "max_tokens must be greater",
        ),
    ];
    let sim = Sim::new("south");
    for (change, text) in cases {
        let (status, body) = answered(&sim, anthropic(&with(message(false), &change))).await;
        assert_eq!(status, 400, "{change}");
        assert_eq!(body["error"]["type"], "invalid_request_error");
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.contains(text), "{change}: {message}");
    }
}

#[tokio::test(start_paused = true)]
async fn anthropic_needs_its_version() {
    let mut request = anthropic(&message(false));
    request.headers_mut().remove("anthropic-version");
    let (status, body) = answered(&Sim::new("south"), request).await;
    assert_eq!(status, 400);
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.contains("anthropic-version"));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_json_is_refused_in_both_dialects() {
    let sim = Sim::new("north");
    for text in ["", "{", "[]", "\u{0}", "{\"model\": \"\\ud83d\"}"] {
        for mut request in [openai(&chat(false)), anthropic(&message(false))] {
            *request.body_mut() = Full::from(text);
            assert_eq!(answered(&sim, request).await.0, 400, "{text:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_is_needed_if_there_is_one() {
    let sim = Sim::new("north").require_key("sk-1");
    let with_key = |name: &'static str, value: &str| {
        let mut request = openai(&chat(false));
        request.headers_mut().insert(name, value.parse().unwrap());
        request
    };
    let (status, body) = answered(&sim, openai(&chat(false))).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (401, &"invalid_api_key".into())
    );
    let wrong = with_key("authorization", "Bearer sk-2");
    assert_eq!(answered(&sim, wrong).await.0, 401);
    for request in [
        with_key("authorization", "Bearer sk-1"),
        with_key("x-api-key", "sk-1"),
    ] {
        assert_eq!(answered(&sim, request).await.0, 200);
    }
    let (_, body) = answered(&sim, anthropic(&message(false))).await;
    assert_eq!(body["error"]["type"], "authentication_error");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_address_or_method_is_refused() {
    let sim = Sim::new("north");
    let unknown = Request::post("/v1/nowhere").body(Full::default()).unwrap();
    assert_eq!(answered(&sim, unknown).await.0, 404);
    let get = Request::get("/v1/messages").body(Full::default()).unwrap();
    let (status, body) = answered(&sim, get).await;
    assert_eq!((status, &body["type"]), (405, &"error".into()));
}

#[tokio::test(start_paused = true)]
async fn an_endless_request_is_too_large() {
    let sim = Sim::new("north");
    let mut request = openai(&chat(false));
    *request.body_mut() = Full::from(vec![b' '; 32 * 1024 * 1024 + 1]);
    assert_eq!(answered(&sim, request).await.0, 413);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_whole_whatever_the_script_says() {
    let sim = Sim::new("north").always(Behaviour::answer().cut_after_tokens(0));
    let (status, _) = answered(&sim, openai(&json!({}))).await;
    assert_eq!(status, 400);
}
