use super::*;

async fn world(general: &str) -> World {
    let settings = format!("general_settings: {{master_key: sk-1234, {general}}}\n");
    World::new("openai/x", ", api_key: up", &settings).await
}

#[tokio::test]
async fn a_call_that_is_larger_than_the_operator_allows_is_refused() {
    let world = world("max_request_size_mb: 0.001").await;
    assert_eq!(
        world.ask(chat("fast", false)).await.status(),
        StatusCode::OK
    );
    let mut large = chat("fast", false);
    large["messages"][0]["content"] = "x".repeat(1100).into();
    let answer = world.ask(large).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(value(answer).await["error"]["code"], "request_too_large");
}

#[tokio::test]
async fn the_key_is_shown_in_the_header_that_is_named_and_in_no_other() {
    let world = world("litellm_key_header_name: X-Litellm-Key").await;
    let refused = world.ask(chat("fast", false)).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let banner = world.program.banner();
    assert!(banner.contains("-H 'x-litellm-key: Bearer"), "{banner}");
    let told = text(refused).await;
    assert!(told.contains("x-litellm-key"), "{told}");
    let request = Request::post(world.program.url(CHAT))
        .header("X-Litellm-Key", "Bearer sk-1234")
        .header("authorization", "Bearer for-somebody-else")
        .body(Full::from(chat("fast", false).to_string()));
    assert_eq!(send(request.unwrap()).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn calls_that_name_no_model_get_that_of_the_operator() {
    let world = world("completion_model: fast, embedding_model: fast").await;
    let mut call = chat("fast", false);
    call.as_object_mut().unwrap().remove("model");
    assert_eq!(world.ask(call).await.status(), StatusCode::OK);
    assert_eq!(world.asked()["model"], "x");
    let answer = post(&world.program, "/v1/embeddings", &json!({"input": "a"})).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let other = world.ask(chat("other", false)).await;
    assert_eq!(other.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn with_litellms_rules_that_model_is_the_one_of_all_calls() {
    let settings = "general_settings: {master_key: sk-1234, completion_model: fast}\n\
                    router_settings: {compat: litellm}\n";
    let world = World::new("openai/x", ", api_key: up", settings).await;
    let answer = world.ask(chat("other", false)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["x-steeplechase-model"], "fast");
}

#[tokio::test]
async fn streams_end_with_their_usage_if_the_operator_says_so() {
    let world = world("always_include_stream_usage: true").await;
    let stream = text(world.ask(chat("fast", true)).await).await;
    assert!(stream.contains(r#""usage":{"#), "{stream}");
    assert_eq!(
        world.asked()["stream_options"],
        json!({"include_usage": true})
    );
    let mut call = chat("fast", true);
    call["stream_options"] = json!({"include_usage": false});
    world.ask(call).await;
    assert_eq!(
        world.asked()["stream_options"],
        json!({"include_usage": false})
    );
}
