//! Answers that nobody is asked for, and failures that do not happen.

use super::*;

#[tokio::test]
async fn a_mock_is_answered_whole_and_streamed_and_nobody_is_asked() {
    let world = World::new("").await;
    let fields = json!({"mock_response": "It is only me"});
    let answer = world.ask(fields, &[]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let whole = value(answer).await;
    assert_eq!(whole["choices"][0]["message"]["content"], "It is only me");
    assert_eq!(whole["object"], "chat.completion");

    let fields = json!({"mock_response": "It is only me", "stream": true});
    let answer = world.ask(fields, &[]).await;
    assert_eq!(header(&answer, "content-type"), "text/event-stream");
    let stream = text(answer).await;
    assert!(stream.ends_with("data: [DONE]\n\n"), "{stream}");
    let events = stream
        .trim_end()
        .split("\n\n")
        .filter(|it| !it.contains("[DONE]"));
    let events = events.map(|it| it.strip_prefix("data: ").unwrap());
    let said: String = events
        .filter_map(|event| {
            let event: Value = serde_json::from_str(event).unwrap();
            let said = event["choices"][0]["delta"]["content"].as_str();
            said.map(str::to_owned)
        })
        .collect();
    assert_eq!(said, "It is only me");

    let fields = json!({"mock_response": "It is only me"});
    let answer = world.ask_at("/v1/messages", fields, &[]).await;
    let whole = value(answer).await;
    assert_eq!(whole["content"][0]["text"], "It is only me");
    assert_eq!(world.asked(), [0; 3]);
}

#[tokio::test]
async fn a_mock_can_be_a_failure() {
    let world = World::new("").await;
    for (mock, status) in [
        ("litellm.RateLimitError", StatusCode::TOO_MANY_REQUESTS),
        (
            "litellm.ContextWindowExceededError",
            StatusCode::BAD_REQUEST,
        ),
    ] {
        let answer = world.ask(json!({"mock_response": mock}), &[]).await;
        assert_eq!(answer.status(), status, "{mock}");
        assert_eq!(value(answer).await["error"]["code"], "mock_response");
    }
    assert_eq!(world.asked(), [0; 3]);
    assert_eq!(
        world.who(json!({}), &[]).await,
        "one",
        "nobody is left alone"
    );
}

#[tokio::test]
async fn a_call_can_try_out_where_it_falls_back_to() {
    let settings = "router_settings: {fallbacks: [{fast: [spare]}]}";
    let world = World::new(settings).await;
    let answer = world
        .ask(json!({"mock_testing_fallbacks": true}), &[])
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(header(&answer, "x-steeplechase-deployment"), "three");
    assert_eq!(header(&answer, "x-steeplechase-fallback-reason"), "server");
    assert_eq!(world.asked(), [0, 0, 1]);
    assert_eq!(world.who(json!({}), &[]).await, "one");
}
