//! Cohere's dialect.

use super::*;

pub(super) const CHAT: &str = "/v2/chat";

pub(super) fn ask(stream: bool) -> Value {
    json!({
        "model": "command-x",
        "stream": stream,
        "messages": [{"role": "user", "content": "Where to?"}],
    })
}

pub(super) fn tools() -> Value {
    json!({"tools": [
        {"type": "function", "function": {"name": "weather", "parameters": {
            "type": "object", "properties": {"city": {"type": "string"}}}}},
        {"type": "function", "function": {"name": "clock", "parameters": {"type": "object"}}},
    ]})
}

fn two_calls() -> Behaviour {
    Behaviour::answer()
        .tool_call("weather", json!({"q": 1}))
        .tool_call("clock", json!({}))
}

#[tokio::test(start_paused = true)]
async fn thoughts_and_text_are_parts_of_the_content() {
    let sim = Sim::new("c").always(
        Behaviour::answer()
            .thinking("left right")
            .text("over there"),
    );
    let body = with(ask(false), &json!({"thinking": {"type": "enabled"}}));
    let answer = whole(&sim, post(CHAT, &body)).await;
    let golden = json!({
        "id": "c1",
        "message": {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "x"}]},
        "finish_reason": "COMPLETE",
        "usage": {"billed_units": {"input_tokens": 20, "output_tokens": 8},
            "tokens": {"input_tokens": 95, "output_tokens": 30}, "cached_tokens": 0},
    });
    assert_looks_like(&answer, &golden);
    assert_eq!(answer["finish_reason"], "COMPLETE");
    assert_eq!(answer["usage"]["tokens"]["output_tokens"], 4.0);
    let text = bytes(&sim, post(CHAT, &body)).await;
    assert!(String::from_utf8_lossy(&text).contains("\"output_tokens\":4.0"));
}

#[tokio::test(start_paused = true)]
async fn calls_come_with_a_plan_and_without_content() {
    let sim = Sim::new("c").always(two_calls());
    let answer = whole(&sim, post(CHAT, &with(ask(false), &tools()))).await;
    assert_eq!(answer["finish_reason"], "TOOL_CALL");
    let message = &answer["message"];
    assert!(message["tool_plan"].is_string());
    assert_eq!(message.get("content"), None);
    let call = &message["tool_calls"][0];
    assert!(call["id"].as_str().unwrap().starts_with("weather_"));
    assert_eq!(call["function"]["arguments"], "{\"q\":1}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_the_events_of_cohere_in_order() {
    let sim = Sim::new("c").always(Behaviour::answer().thinking("left right").text("there"));
    let body = with(
        ask(true),
        &json!({"thinking": {"type": "enabled", "token_budget": 9}}),
    );
    let events = stream(&sim, post(CHAT, &body)).await;
    assert_eq!(
        names(&events),
        [
            "message-start",
            "content-start",
            "content-delta",
            "content-delta",
            "content-end",
            "content-start",
            "content-delta",
            "content-end",
            "message-end",
            "",
        ]
    );
    for (name, data) in &events[..9] {
        assert_eq!(data["type"], name.as_str());
    }
    assert_eq!(events[9].1, "[DONE]");
    assert!(events[0].1["id"].is_string());
    let content = |number: usize| &events[number].1["delta"]["message"]["content"];
    assert_eq!(*content(1), json!({"type": "thinking", "thinking": ""}));
    assert_eq!(*content(2), json!({"thinking": "left "}));
    assert_eq!(*content(6), json!({"text": "there"}));
    assert_eq!(
        (&events[1].1["index"], &events[6].1["index"]),
        (&0.into(), &1.into())
    );
    assert_eq!(events[8].1["delta"]["finish_reason"], "COMPLETE");
    assert_eq!(
        events[8].1["delta"]["usage"]["tokens"]["output_tokens"],
        3.0
    );
}

#[tokio::test(start_paused = true)]
async fn streamed_calls_are_objects_after_a_plan() {
    let sim = Sim::new("c").always(two_calls());
    let events = stream(&sim, post(CHAT, &with(ask(true), &tools()))).await;
    let mut names = names(&events);
    names.dedup();
    assert_eq!(
        names,
        [
            "message-start",
            "tool-plan-delta",
            "tool-call-start",
            "tool-call-delta",
            "tool-call-end",
            "tool-call-start",
            "tool-call-delta",
            "tool-call-end",
            "message-end",
            "",
        ]
    );
    let calls = |event: &(String, Value)| event.1["delta"]["message"]["tool_calls"].clone();
    let starts = events.iter().filter(|(name, _)| name == "tool-call-start");
    let starts: Vec<_> = starts.map(calls).collect();
    assert_eq!(
        starts[0]["function"],
        json!({"name": "weather", "arguments": ""})
    );
    let arguments: String = events
        .iter()
        .filter(|(_, data)| data["index"] == 0)
        .filter_map(|event| Some(calls(event)["function"]["arguments"].as_str()?.to_owned()))
        .collect();
    assert_eq!(arguments, "{\"q\":1}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_fails_says_so_in_its_end() {
    let sim = Sim::new("c").always(Behaviour::answer().error_event_after_tokens(1, "server_error"));
    let events = stream(&sim, post(CHAT, &ask(true))).await;
    let (name, last) = events.last().unwrap();
    assert_eq!(name, "message-end");
    assert_eq!(last["delta"]["finish_reason"], "ERROR");
    assert!(last["delta"]["error"].is_string());
    assert_eq!(events.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn only_a_bearer_opens_it_and_a_filter_has_its_own_status() {
    let sim = Sim::new("c").require_key("K");
    let (status, body) = answered(&sim, post(CHAT, &ask(false))).await;
    assert_eq!(
        (status, &body["message"]),
        (401, &"no api key supplied".into())
    );
    for (token, expected) in [("Bearer K", 200), ("Bearer L", 401)] {
        let mut request = post(CHAT, &ask(false));
        request
            .headers_mut()
            .insert("authorization", token.parse().unwrap());
        assert_eq!(answered(&sim, request).await.0, expected);
    }
    let sim = Sim::new("c").always(Behaviour::answer().prompt_blocked());
    let (status, body) = answered(&sim, post(CHAT, &ask(false))).await;
    assert_eq!(status, 498);
    assert!(body["message"].as_str().unwrap().contains("content"));
}

#[tokio::test(start_paused = true)]
async fn vectors_come_by_type_and_not_too_many_at_once() {
    let sim = Sim::new("c");
    let body = json!({"model": "e", "texts": ["a", "b"], "input_type": "search_document",
        "embedding_types": ["float", "base64"], "truncate": "END"});
    let answer = whole(&sim, post("/v2/embed", &body)).await;
    assert_eq!(answer["response_type"], "embeddings_by_type");
    assert_eq!(answer["embeddings"]["float"].as_array().unwrap().len(), 2);
    assert!(answer["embeddings"]["base64"][1].is_string());
    assert_eq!(answer["meta"]["billed_units"]["input_tokens"], 1);
    let openai = whole(
        &sim,
        post("/v1/embeddings", &json!({"model": "e", "input": "b"})),
    )
    .await;
    assert_eq!(
        openai["data"][0]["embedding"],
        answer["embeddings"]["float"][1]
    );
    for (change, text) in [
        (json!({"input_type": null}), "input_type is required"),
        (json!({"texts": vec!["x"; 97]}), "at most 96 - received 97"),
        (json!({"texts": []}), "at least one"),
    ] {
        let (status, body) = answered(&sim, post("/v2/embed", &with(body.clone(), &change))).await;
        assert_eq!(status, 400);
        assert!(body["message"].as_str().unwrap().contains(text), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn documents_are_ranked_by_the_words_of_the_query() {
    let sim = Sim::new("c");
    let documents = [
        "the weather in Rome",
        "over the old hedge",
        "a horse clears a hedge",
    ];
    let body = json!({"model": "r", "query": "horse over a hedge", "documents": documents,
        "top_n": 2});
    let answer = whole(&sim, post("/v2/rerank", &body)).await;
    let indexes: Vec<_> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["index"].as_u64().unwrap())
        .collect();
    assert_eq!(indexes, [2, 1]);
    let scores = answer["results"].as_array().unwrap().iter();
    let scores: Vec<_> = scores
        .map(|r| r["relevance_score"].as_f64().unwrap())
        .collect();
    assert!(scores[0] > scores[1] && (0.0..=1.0).contains(&scores[0]));
    assert_eq!(answer["meta"]["billed_units"]["search_units"], 1);
    for path in ["/v1/rerank", "/rerank"] {
        let body = with(
            body.clone(),
            &json!({"documents": [{"text": "x"}, "a horse"]}),
        );
        let answer = whole(&sim, post(path, &body)).await;
        let golden = json!({
            "id": "i", "model": "r", "object": "list",
            "usage": {"total_tokens": 9, "prompt_tokens": 9},
            "results": [
                {"index": 1, "relevance_score": 0.5, "document": {"text": "a horse"}},
                {"index": 0, "relevance_score": 0.5, "document": {"text": "x"}},
            ],
        });
        assert_looks_like(&answer, &golden);
        assert_eq!(answer["results"][0]["index"], 1);
    }
    let (status, _) = answered(
        &sim,
        post("/v2/rerank", &json!({"model": "r", "query": "x"})),
    )
    .await;
    assert_eq!(status, 400);
}
