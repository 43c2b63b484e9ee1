//! OpenAI's older completions, and those who speak its dialect almost.

use super::*;

fn with_usage(body: Value) -> Value {
    with(body, &json!({"stream_options": {"include_usage": true}}))
}

#[tokio::test(start_paused = true)]
async fn a_completion_has_the_shape_of_old() {
    let sim = Sim::new("north").always(Behaviour::answer().text("over the hedge"));
    let body = json!({"model": "m", "prompt": ["Where to?", "And then?"], "max_tokens": 9});
    let answer = whole(&sim, post("/v1/completions", &body)).await;
    assert_eq!(answer["object"], "text_completion");
    assert_eq!(
        answer["choices"][1],
        json!({"text": "over the hedge", "index": 1, "logprobs": null, "finish_reason": "stop"})
    );
    assert_eq!(answer["usage"]["completion_tokens"], 6);
}

#[tokio::test(start_paused = true)]
async fn a_completion_is_streamed_piece_by_piece_up_to_its_limit() {
    let sim = Sim::new("north").tokens(40);
    let body = with_usage(json!({"model": "m", "prompt": "Where to?", "stream": true}));
    let events = stream(&sim, post("/v1/completions", &body)).await;
    assert_eq!(events.len(), 16 + 3, "sixteen is the default");
    let (done, chunks) = events.split_last().unwrap();
    assert_eq!(done.1, "[DONE]");
    assert_eq!(chunks[0].1["object"], "text_completion");
    assert_eq!(chunks[0].1["usage"], Value::Null);
    assert_eq!(chunks[16].1["choices"][0]["finish_reason"], "length");
    assert_eq!(chunks[17].1["usage"]["completion_tokens"], 16);
}

#[tokio::test(start_paused = true)]
async fn a_completion_needs_a_prompt_and_knows_its_fields() {
    let sim = Sim::new("north");
    for (body, param) in [
        (json!({"model": "m"}), "prompt"),
        (json!({"model": "m", "prompt": {}}), "prompt"),
        (
            json!({"model": "m", "prompt": "x", "messages": []}),
            "messages",
        ),
        (json!({"prompt": "x"}), "model"),
    ] {
        let (status, answer) = answered(&sim, post("/v1/completions", &body)).await;
        assert_eq!((status, &answer["error"]["param"]), (400, &param.into()));
    }
}

#[tokio::test(start_paused = true)]
async fn thoughts_are_in_the_field_that_the_provider_has_for_them() {
    for field in ["reasoning_content", "reasoning"] {
        let sim = Sim::new("north")
            .quirks(Quirks::new().reasoning_field(field))
            .always(Behaviour::answer().thinking("left or right?").text("right"));
        let answer = whole(&sim, openai(&chat(false))).await;
        let message = &answer["choices"][0]["message"];
        assert_eq!(message[field], "left or right?");
        assert_eq!(message["content"], "right");
        let details = &answer["usage"]["completion_tokens_details"];
        assert_eq!(details["reasoning_tokens"], 3);

        let events = stream(&sim, openai(&chat(true))).await;
        let deltas = events.iter().map(|(_, data)| &data["choices"][0]["delta"]);
        let deltas: Vec<_> = deltas.collect();
        let thoughts: String = deltas
            .iter()
            .filter_map(|delta| delta[field].as_str())
            .collect();
        assert_eq!(thoughts, "left or right?");
        assert_eq!(deltas[1][field], "left ", "before any content");
        assert_eq!(text(&events), "right");

        let quick = with(chat(false), &json!({"reasoning_effort": "none"}));
        let answer = whole(&sim, openai(&quick)).await;
        assert_eq!(answer["choices"][0]["message"].get(field), None);
    }
}

#[tokio::test(start_paused = true)]
async fn groq_has_the_usage_in_its_last_chunk() {
    let sim = Sim::new("groq")
        .tokens(2)
        .quirks(Quirks::new().groq_usage());
    for body in [chat(true), with_usage(chat(true))] {
        let events = stream(&sim, openai(&body)).await;
        let (done, chunks) = events.split_last().unwrap();
        assert_eq!(done.1, "[DONE]");
        let (last, earlier) = chunks.split_last().unwrap();
        assert_eq!(last.1["choices"][0]["finish_reason"], "stop");
        assert_eq!(last.1["x_groq"]["usage"]["completion_tokens"], 2);
        assert!(
            earlier
                .iter()
                .all(|(_, chunk)| chunk.get("x_groq").is_none())
        );
    }
    let answer = whole(&sim, openai(&chat(false))).await;
    assert_eq!(answer["usage"]["completion_tokens"], 2);
}

#[tokio::test(start_paused = true)]
async fn there_may_be_no_usage_and_no_done() {
    let sim = Sim::new("north")
        .tokens(1)
        .quirks(Quirks::new().no_usage().no_done());
    let answer = whole(&sim, openai(&chat(false))).await;
    assert_eq!(answer.get("usage"), None);
    let events = stream(&sim, openai(&with_usage(chat(true)))).await;
    assert!(events.iter().all(|(_, data)| data.get("usage").is_none()));
    let last = &events.last().unwrap().1;
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
}

#[tokio::test(start_paused = true)]
async fn a_filter_stops_an_answer_or_refuses_the_prompt() {
    let sim = Sim::new("north").script([
        Behaviour::answer().tokens(2).filtered(),
        Behaviour::answer().tokens(2).filtered(),
        Behaviour::answer().prompt_blocked(),
        Behaviour::context_too_long(),
    ]);
    let answer = whole(&sim, openai(&chat(false))).await;
    assert_eq!(answer["choices"][0]["finish_reason"], "content_filter");
    let answer = whole(&sim, anthropic(&message(false))).await;
    assert_eq!(answer["stop_reason"], "refusal");
    for code in ["content_policy_violation", "context_length_exceeded"] {
        let (status, body) = answered(&sim, openai(&chat(true))).await;
        assert_eq!((status, &body["error"]["code"]), (400, &code.into()));
    }
}
