//! Claude on Vertex AI.

use super::*;

const MODEL: &str = "/v1/projects/p1/locations/us-east5/publishers/anthropic/models";

fn to(model: &str, body: &Value) -> Request<Full<Bytes>> {
    post(&format!("{MODEL}/{model}"), body)
}

fn ask(stream: bool) -> Value {
    json!({
        "anthropic_version": "vertex-2023-10-16",
        "stream": stream,
        "max_tokens": 2048,
        "messages": [{"role": "user", "content": "Where to?"}],
    })
}

#[tokio::test(start_paused = true)]
async fn the_model_is_in_the_path_and_its_date_not_in_the_answer() {
    let sim = Sim::new("v").tokens(1);
    for model in ["claude-x@20260101", "claude-x%4020260101", "claude-x"] {
        let answer = whole(&sim, to(&format!("{model}:rawPredict"), &ask(false))).await;
        assert_eq!(answer["model"], "claude-x");
        assert!(answer["id"].as_str().unwrap().starts_with("msg_vrtx_"));
        assert_eq!(answer["content"][0]["type"], "text");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_that_of_anthropic_with_an_event_of_its_own() {
    let sim = Sim::new("v").always(Behaviour::answer().use_tool());
    let tools = json!({"tools": [{"name": "f", "input_schema": {"type": "object"}}]});
    let body = with(ask(true), &tools);
    let events = stream(&sim, to("claude-x:streamRawPredict", &body)).await;
    let names = names(&events);
    assert_eq!(names[..3], ["message_start", "ping", "vertex_event"]);
    assert_eq!(names.last(), Some(&"message_stop"));
    let block = &events[3].1["content_block"];
    assert!(block["id"].as_str().unwrap().starts_with("toolu_vrtx_"));
}

#[tokio::test(start_paused = true)]
async fn the_body_has_a_version_and_no_model() {
    let sim = Sim::new("v");
    let image = json!({"type": "image", "source": {"type": "url", "url": "https://x.test/i.png"}});
    for (change, text) in [
        (json!({"model": "claude-x"}), "model: Extra inputs"),
        (
            json!({"service_tier": "auto"}),
            "service_tier: Extra inputs",
        ),
        (
            json!({"anthropic_version": "bedrock-2023-05-31"}),
            "anthropic_version: Input should be",
        ),
        (
            json!({"messages": [{"role": "user", "content": [image]}]}),
            "URL sources are not supported",
        ),
        (json!({"max_tokens": null}), "max_tokens: Field required"),
    ] {
        let body = with(ask(false), &change);
        let (status, body) = answered(&sim, to("claude-x:rawPredict", &body)).await;
        assert_eq!((status, &body["type"]), (400, &"error".into()), "{change}");
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.contains(text), "{change}: {message}");
    }
    let (status, body) = answered(&sim, to("claude-x:rawPredict", &message(false))).await;
    assert_eq!(status, 400, "{body}");
    let beta = json!({"anthropic_beta": ["a-2026-01-01"], "anthropic_version": "2026-10-21"});
    let beta = with(ask(false), &beta);
    assert_eq!(
        answered(&sim, to("claude-x:rawPredict", &beta)).await.0,
        200
    );
}

#[tokio::test(start_paused = true)]
async fn errors_are_of_google_about_the_call_and_of_anthropic_about_the_request() {
    for (status, name) in [
        (401, "UNAUTHENTICATED"),
        (404, "NOT_FOUND"),
        (429, "RESOURCE_EXHAUSTED"),
    ] {
        let sim = Sim::new("v").always(Behaviour::error(status));
        let (given, body) = answered(&sim, to("claude-x:rawPredict", &ask(false))).await;
        assert_eq!((given, &body["error"]["status"]), (status, &name.into()));
    }
    let sim = Sim::new("v").always(Behaviour::overloaded());
    let (status, body) = answered(&sim, to("claude-x:rawPredict", &ask(false))).await;
    assert_eq!(
        (status, &body["error"]["type"]),
        (529, &"overloaded_error".into())
    );
}

#[tokio::test(start_paused = true)]
async fn only_the_token_opens_it() {
    let sim = Sim::new("v").require_key("K").require_google_token("T");
    for (token, status) in [("Bearer T", 200), ("Bearer K", 401)] {
        let mut request = to("claude-x:rawPredict", &ask(false));
        request
            .headers_mut()
            .insert("authorization", token.parse().unwrap());
        let (given, body) = answered(&sim, request).await;
        assert_eq!(given, status);
        if status == 401 {
            assert_eq!(
                body["error"]["details"][0]["reason"],
                "ACCESS_TOKEN_EXPIRED"
            );
        }
    }
    let (status, _) = answered(&sim, to("claude-x:rawPredict", &ask(false))).await;
    assert_eq!(status, 401);
}

#[tokio::test(start_paused = true)]
async fn tokens_are_counted_with_the_model_in_the_body() {
    let body = json!({
        "anthropic_version": "vertex-2023-10-16",
        "model": "claude-x",
        "messages": [{"role": "user", "content": "x".repeat(400)}],
    });
    let counted = whole(&Sim::new("v"), to("count-tokens:rawPredict", &body)).await;
    assert!(counted["input_tokens"].as_u64().unwrap() >= 100);
}
