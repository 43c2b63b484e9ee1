//! Azure's dialect.

use super::*;

const CLASSIC: &str =
    "/openai/deployments/prod-chat/chat/completions?api-version=2025-01-01-preview";
const V1: &str = "/openai/v1/chat/completions";

fn classic(stream: bool) -> Value {
    let mut body = chat(stream);
    body.as_object_mut().unwrap().remove("model");
    body
}

#[tokio::test(start_paused = true)]
async fn the_deployment_is_in_the_path_or_in_the_body() {
    let sim = Sim::new("azure").tokens(2);
    let answer = whole(&sim, post(CLASSIC, &classic(false))).await;
    assert_eq!(answer["model"], "prod-chat");
    for path in [
        V1,
        "/models/chat/completions?api-version=2024-05-01-preview",
    ] {
        let answer = whole(&sim, post(path, &chat(false))).await;
        assert_eq!(answer["model"], "gpt-x");
        let (status, body) = answered(&sim, post(path, &classic(false))).await;
        assert_eq!((status, &body["error"]["param"]), (400, &"model".into()));
    }
    let path = "/openai/deployments/e/embeddings?api-version=2024-10-21";
    let answer = whole(&sim, post(path, &json!({"input": ["a", "b"]}))).await;
    assert_eq!(answer["data"][1]["object"], "embedding");
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer_says_what_the_filter_says() {
    let sim = Sim::new("azure").tokens(2);
    let answer = whole(&sim, post(V1, &chat(false))).await;
    let safe = json!({"filtered": false, "severity": "safe"});
    let prompt = &answer["prompt_filter_results"][0];
    assert_eq!(prompt["prompt_index"], 0);
    assert_eq!(prompt["content_filter_results"]["hate"], safe);
    let choice = &answer["choices"][0];
    assert_eq!(choice["content_filter_results"]["violence"], safe);
    assert!(choice["message"]["content"].is_string());
}

#[tokio::test(start_paused = true)]
async fn a_stream_begins_with_a_chunk_without_choices_and_filters_each_piece() {
    let sim = Sim::new("azure").tokens(2);
    let events = stream(&sim, post(CLASSIC, &classic(true))).await;
    let data: Vec<_> = events.iter().map(|(_, data)| data).collect();
    assert_eq!(data.len(), 6);
    assert_eq!(data[0]["choices"], json!([]));
    for field in ["id", "model", "object"] {
        assert_eq!(data[0][field], "");
    }
    assert!(data[0]["prompt_filter_results"][0].is_object());
    assert_eq!(data[1]["choices"][0]["delta"]["role"], "assistant");
    for chunk in &data[1..5] {
        let verdict = &chunk["choices"][0]["content_filter_results"];
        assert_eq!(verdict["hate"]["filtered"], false);
    }
    assert_eq!(data[4]["choices"][0]["finish_reason"], "stop");
    assert_eq!(data[5], "[DONE]");
}

#[tokio::test(start_paused = true)]
async fn the_filter_stops_an_answer_at_its_end() {
    let sim = Sim::new("azure").always(Behaviour::answer().tokens(2).filtered());
    let answer = whole(&sim, post(V1, &chat(false))).await;
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "content_filter");
    assert_eq!(choice["content_filter_results"]["hate"]["filtered"], true);
    let events = stream(&sim, post(V1, &chat(true))).await;
    let last = &events[events.len() - 2].1["choices"][0];
    assert_eq!(last["finish_reason"], "content_filter");
    assert_eq!(last["content_filter_results"]["hate"]["severity"], "medium");
}

#[tokio::test(start_paused = true)]
async fn errors_are_in_the_form_of_azure() {
    let golden = [
        (
            Behaviour::error(404),
            json!({"error": {"code": "DeploymentNotFound", "message": ""}}),
        ),
        (
            Behaviour::error(429),
            json!({"error": {"code": "429", "message": ""}}),
        ),
        (
            Behaviour::error(500),
            json!({"error": {"code": "InternalServerError", "message": ""}}),
        ),
        (
            Behaviour::context_too_long(),
            json!({"error": {"message": "", "type": "invalid_request_error", "param": "messages",
                             "code": "context_length_exceeded"}}),
        ),
    ];
    for (behaviour, mut expected) in golden {
        let sim = Sim::new("azure").always(behaviour);
        let (_, body) = answered(&sim, post(V1, &chat(true))).await;
        expected["error"]["message"] = body["error"]["message"].clone();
        assert_eq!(body, expected);
        assert!(body["error"]["message"].is_string());
    }
}

#[tokio::test(start_paused = true)]
async fn a_blocked_prompt_is_a_400_with_an_inner_error() {
    let sim = Sim::new("azure").always(Behaviour::answer().prompt_blocked());
    let (status, body) = answered(&sim, post(V1, &chat(true))).await;
    let error = &body["error"];
    assert_eq!((status, &error["code"]), (400, &"content_filter".into()));
    assert_eq!(error["type"], Value::Null);
    assert_eq!(error["param"], "prompt");
    assert_eq!(error["innererror"]["code"], "ResponsibleAIPolicyViolation");
    let verdict = &error["innererror"]["content_filter_result"];
    assert_eq!(verdict["hate"]["filtered"], true);
}

#[tokio::test(start_paused = true)]
async fn a_key_or_a_token_is_needed_in_its_place() {
    let sim = Sim::new("azure").require_key("K");
    let with_header = |name: &'static str, value: &'static str| {
        let mut request = post(V1, &chat(false));
        let value = http::HeaderValue::from_static(value);
        request.headers_mut().insert(name, value);
        request
    };
    for (name, value, expected) in [
        ("api-key", "K", 200),
        ("authorization", "Bearer K", 200),
        ("api-key", "L", 401),
        ("x-api-key", "K", 401),
    ] {
        let (status, body) = answered(&sim, with_header(name, value)).await;
        assert_eq!(status, expected, "{name}: {value}");
        if status == 401 {
            assert_eq!(body["error"]["code"], "401");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_classic_address_needs_a_version() {
    let sim = Sim::new("azure");
    for query in [
        "",
        "?api-version=",
        "?api-version=latest",
        "?api-version=2024-1-1",
    ] {
        let path = format!("/openai/deployments/d/chat/completions{query}");
        let (status, body) = answered(&sim, post(&path, &classic(false))).await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (404, &"404".into()),
            "{query}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn fields_that_azure_does_not_know_are_refused() {
    let sim = Sim::new("azure");
    let usage = json!({"stream_options": {"include_usage": true}});
    let old = "/openai/deployments/d/chat/completions?api-version=2024-06-01";
    let part = json!([{"type": "image_url", "image_url": "https://x.test/i.png"}]);
    for (path, change, text) in [
        (V1, json!({"top_k": 3}), "supplied: top_k"),
        (
            old,
            with(usage.clone(), &json!({"stream": true})),
            "supplied: stream_options",
        ),
        (
            V1,
            json!({"messages": [{"role": "user", "content": "x", "cache_control": {}}]}),
            "cache_control",
        ),
        (
            V1,
            json!({"messages": [{"role": "user", "content": part}]}),
            "image_url",
        ),
    ] {
        let (status, body) = answered(&sim, post(path, &with(chat(false), &change))).await;
        assert_eq!(status, 400, "{change}");
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.contains(text), "{change}: {message}");
    }
    let body = with(chat(true), &usage);
    assert_eq!(
        send(&sim, post(CLASSIC, &body)).await.unwrap().status(),
        200
    );
}

#[tokio::test(start_paused = true)]
async fn responses_are_of_the_resource_and_not_in_every_version() {
    let sim = Sim::new("azure").tokens(2).require_key("K");
    let asked = |path: &str| {
        let mut request = post(path, &json!({"model": "prod", "input": "hi"}));
        let key = http::HeaderValue::from_static("K");
        request.headers_mut().insert("api-key", key);
        request
    };
    for path in [
        "/openai/responses?api-version=2025-03-01-preview",
        "/openai/v1/responses",
    ] {
        let answer = whole(&sim, asked(path)).await;
        assert_eq!(
            (&answer["object"], &answer["model"]),
            (&"response".into(), &"prod".into())
        );
    }
    for path in [
        "/openai/responses",
        "/openai/responses?api-version=2025-02-01-preview",
    ] {
        let (status, _) = answered(&sim, asked(path)).await;
        assert_eq!(status, 404, "{path}");
    }
    let without_key = post("/openai/v1/responses", &json!({"model": "m", "input": "x"}));
    let (status, body) = answered(&sim, without_key).await;
    assert_eq!((status, &body["error"]["code"]), (401, &"401".into()));
}

#[tokio::test(start_paused = true)]
async fn an_image_is_of_a_deployment_and_a_file_of_the_resource() {
    let sim = Sim::new("azure");
    let images = "/openai/deployments/dall-e/images/generations?api-version=2024-10-21";
    let answer = whole(&sim, post(images, &json!({"prompt": "a hedge"}))).await;
    assert_eq!(
        answer["data"][0]["url"],
        "https://sim.example.com/dall-e.png"
    );
    let (status, body) = answered(&sim, post(images, &json!({}))).await;
    assert_eq!((status, &body["error"]["param"]), (400, &"prompt".into()));
    for (query, expected) in [("?api-version=2024-10-21", 200), ("", 404)] {
        let request = Request::get(format!("/openai/files{query}"));
        let request = request.body(Full::default()).unwrap();
        let (status, _) = answered(&sim, request).await;
        assert_eq!(status, expected, "{query}");
    }
}
