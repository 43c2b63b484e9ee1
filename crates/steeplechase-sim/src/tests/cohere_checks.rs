//! Cohere's dialect: what it refuses.

use super::cohere::{CHAT, ask, tools};
use super::*;

async fn refused(change: &Value, expected: u16, text: &str) {
    let body = with(ask(false), change);
    let (status, body) = answered(&Sim::new("c"), post(CHAT, &body)).await;
    assert_eq!(status, expected, "{change}: {body}");
    assert_eq!(body.as_object().unwrap().len(), 2, "an id and a message");
    let message = body["message"].as_str().unwrap();
    assert!(message.contains(text), "{change}: {message}");
}

#[tokio::test(start_paused = true)]
async fn fields_that_cohere_does_not_know_or_values_that_it_does_not_take() {
    let mut strict = tools();
    strict["tools"][0]["function"]["strict"] = true.into();
    let cases = [
        (json!({"model": null}), 400, "model is required"),
        (
            json!({"max_completion_tokens": 5}),
            422,
            "parameter 'max_completion_tokens' is not a valid",
        ),
        (strict, 422, "parameter 'strict' is not a valid field"),
        (
            json!({"max_tokens": "5"}),
            400,
            "parameter max_tokens is of type string but should be of type",
        ),
        (json!({"p": 1}), 400, "p must be between"),
        (json!({"presence_penalty": -1}), 400, "presence_penalty"),
        (
            json!({"stop_sequences": ["a", "b", "c", "d", "e", "f"]}),
            400,
            "stop_sequences",
        ),
        (json!({"tool_choice": "REQUIRED"}), 400, "with tools"),
        (
            json!({"tool_choice": "auto"}),
            400,
            "tool_choice must be one of",
        ),
        (
            json!({"tools": [{"type": "function", "function": {"name": "f"}}]}),
            400,
            "function parameters",
        ),
        (
            with(
                tools(),
                &json!({"response_format": {"type": "json_object"}}),
            ),
            400,
            "response_format",
        ),
    ];
    for (change, expected, text) in cases {
        refused(&change, expected, text).await;
    }
}

fn call(arguments: &str) -> Value {
    json!([{"id": "t1", "type": "function", "function": {"name": "f", "arguments": arguments}}])
}

fn messages(messages: &Value) -> Value {
    json!({ "messages": messages })
}

#[tokio::test(start_paused = true)]
async fn turns_have_content_and_calls_their_results() {
    let user = json!({"role": "user", "content": "a"});
    let called = json!({"role": "assistant", "tool_calls": call("{}")});
    let result = json!({"role": "tool", "tool_call_id": "t1", "content": "x"});
    let cases = [
        (messages(&json!([])), "at least one element"),
        (
            messages(&json!([{"role": "developer", "content": "x"}])),
            "messages[0].role",
        ),
        (
            messages(&json!([{"role": "user", "content": ""}])),
            "not empty",
        ),
        (
            messages(&json!([{"role": "user", "content": [{"type": "file"}]}])),
            "content of type \"file\"",
        ),
        (
            messages(&json!([user, {"role": "assistant", "content": "b"}])),
            "role user or tool",
        ),
        (messages(&json!([user, called, user])), "has no tool result"),
        (messages(&json!([user, result])), "not of a call before it"),
        (
            messages(&json!([user, {"role": "assistant", "tool_calls": call("")}, result])),
            "not a JSON object",
        ),
        (
            messages(
                &json!([user, {"role": "assistant", "content": "x", "tool_calls": call("{}")}, result]),
            ),
            "use tool_plan",
        ),
    ];
    for (change, text) in cases {
        refused(&change, 400, text).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_images_and_documents_are_accepted() {
    let plan = json!({"role": "assistant", "tool_plan": "I will", "tool_calls": call("{}")});
    let image =
        json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}});
    let good = messages(&json!([
        {"role": "system", "content": "s"},
        {"role": "user", "content": [{"type": "text", "text": "see"}, image]},
        plan,
        {"role": "tool", "tool_call_id": "t1", "content": [
            {"type": "document", "document": {"data": {"a": 1}}}]},
    ]));
    let (status, body) = answered(&Sim::new("c"), post(CHAT, &with(ask(false), &good))).await;
    assert_eq!(status, 200, "{body}");
}
