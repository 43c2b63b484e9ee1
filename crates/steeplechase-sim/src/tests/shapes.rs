//! The shapes of good answers.

use std::io::Read;

use flate2::read::GzDecoder;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_chat_completion_is_whole_and_says_who_answered() {
    let sim = Sim::new("north").tokens(5);
    let request = openai(&chat(false));
    let answer = send(&sim, request).await.unwrap();
    assert_eq!(answer.headers()["x-sim"], "north");
    assert_eq!(answer.headers()["content-type"], "application/json");
    let size = http_body::Body::size_hint(answer.body()).exact();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(size, Some(body.len() as u64));

    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["model"], "gpt-x");
    assert_eq!(answer["system_fingerprint"], "north");
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "stop");
    let words = choice["message"]["content"].as_str().unwrap();
    assert_eq!(words.split(' ').count(), 5);
    assert_eq!(answer["usage"]["completion_tokens"], 5);
}

#[tokio::test(start_paused = true)]
async fn a_chat_stream_is_role_content_finish_and_done() {
    let sim = Sim::new("north").tokens(3);
    let events = stream(&sim, openai(&chat(true))).await;
    assert_eq!(events.len(), 6);
    let data: Vec<_> = events.iter().map(|(_, data)| data).collect();
    assert_eq!(data[0]["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(text(&events).split(' ').count(), 3);
    assert_eq!(data[4]["choices"][0]["finish_reason"], "stop");
    assert_eq!(data[5], "[DONE]");
    for chunk in &data[..5] {
        assert_eq!(chunk["object"], "chat.completion.chunk");
        assert_eq!(chunk["id"], data[0]["id"]);
        assert_eq!(chunk["system_fingerprint"], "north");
        assert_eq!(chunk.get("usage"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_chat_stream_ends_with_its_usage_if_asked() {
    let usage = Usage {
        input: 31,
        output: 12,
        cache_read: 8,
        ..Usage::default()
    };
    let sim = Sim::new("north").always(Behaviour::answer().tokens(2).usage(usage));
    let body = with(
        chat(true),
        &json!({"stream_options": {"include_usage": true}}),
    );
    let events = stream(&sim, openai(&body)).await;
    let (last, earlier) = events[..events.len() - 1].split_last().unwrap();
    assert_eq!(last.1["choices"], json!([]));
    assert_eq!(last.1["usage"]["total_tokens"], 43);
    assert_eq!(last.1["usage"]["prompt_tokens_details"]["cached_tokens"], 8);
    for (_, chunk) in earlier {
        assert_eq!(chunk.get("usage"), Some(&Value::Null));
    }
}

#[tokio::test(start_paused = true)]
async fn each_event_of_a_stream_is_a_frame() {
    let sim = Sim::new("north").tokens(3);
    for request in [openai(&chat(true)), anthropic(&message(true))] {
        let answer = send(&sim, request).await.unwrap();
        let kind = answer.headers()["content-type"].to_str().unwrap();
        assert!(kind.starts_with("text/event-stream"));
        assert_eq!(http_body::Body::size_hint(answer.body()).exact(), None);
        let (frames, error) = frames(answer.into_body()).await;
        assert!(error.is_none());
        assert!(frames.len() > 5);
        for frame in frames {
            assert_eq!(events(&frame).len(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn several_choices_are_told_apart_by_their_index() {
    let sim = Sim::new("north").tokens(2);
    let events = stream(&sim, openai(&with(chat(true), &json!({"n": 2})))).await;
    let finished: Vec<_> = events
        .iter()
        .map(|(_, data)| &data["choices"][0])
        .filter(|choice| choice["finish_reason"] == "stop")
        .map(|choice| choice["index"].as_u64())
        .collect();
    assert_eq!(finished, [Some(0), Some(1)]);
    let whole = whole(&sim, openai(&with(chat(false), &json!({"n": 2})))).await;
    assert_eq!(whole["choices"].as_array().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_the_request_cuts_an_answer_short() {
    let sim = Sim::new("north").tokens(50);
    let body = with(chat(false), &json!({"max_completion_tokens": 4}));
    let answer = whole(&sim, openai(&body)).await;
    assert_eq!(answer["choices"][0]["finish_reason"], "length");
    assert_eq!(answer["usage"]["completion_tokens"], 4);
    let body = with(message(false), &json!({"max_tokens": 4}));
    let answer = whole(&sim, anthropic(&body)).await;
    assert_eq!(answer["stop_reason"], "max_tokens");
}

#[tokio::test(start_paused = true)]
async fn a_message_is_whole_and_has_the_usage_of_its_cache() {
    let usage = Usage {
        input: 2110,
        output: 55,
        cache_read: 2000,
        cache_write: 100,
        reasoning: 0,
    };
    let sim = Sim::new("south").always(Behaviour::answer().text("Over there.").usage(usage));
    let answer = whole(&sim, anthropic(&message(false))).await;
    assert_eq!(answer["type"], "message");
    assert_eq!(answer["model"], "claude-x");
    assert_eq!(
        answer["content"],
        json!([{"type": "text", "text": "Over there."}])
    );
    assert_eq!(answer["stop_reason"], "end_turn");
    assert_eq!(answer["usage"]["input_tokens"], 10);
    assert_eq!(answer["usage"]["cache_read_input_tokens"], 2000);
    assert_eq!(answer["usage"]["cache_creation_input_tokens"], 100);
}

#[tokio::test(start_paused = true)]
async fn a_message_stream_has_the_events_of_anthropic_in_order() {
    let sim = Sim::new("south").tokens(2);
    let events = stream(&sim, anthropic(&message(true))).await;
    assert_eq!(
        names(&events),
        [
            "message_start",
            "ping",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ]
    );
    for (name, data) in &events {
        assert_eq!(data["type"], name.as_str());
    }
    assert_eq!(events[6].1["usage"]["output_tokens"], 2);
}

#[tokio::test(start_paused = true)]
async fn thinking_comes_first_and_is_signed() {
    let sim = Sim::new("south").tokens(1);
    let thinking = json!({"thinking": {"type": "enabled", "budget_tokens": 1024}});
    let answer = whole(&sim, anthropic(&with(message(false), &thinking))).await;
    assert_eq!(answer["content"][0]["type"], "thinking");
    assert!(
        !answer["content"][0]["signature"]
            .as_str()
            .unwrap()
            .is_empty()
    );
    assert_eq!(answer["content"][1]["type"], "text");

    let events = stream(&sim, anthropic(&with(message(true), &thinking))).await;
    let deltas: Vec<_> = events
        .iter()
        .filter(|(name, _)| name == "content_block_delta")
        .map(|(_, data)| {
            (
                data["index"].as_u64().unwrap(),
                data["delta"]["type"].as_str(),
            )
        })
        .collect();
    let (last, thoughts) = deltas.split_last().unwrap();
    let (signature, thoughts) = thoughts.split_last().unwrap();
    assert!(!thoughts.is_empty());
    assert!(
        thoughts
            .iter()
            .all(|delta| *delta == (0, Some("thinking_delta")))
    );
    assert_eq!(*signature, (0, Some("signature_delta")));
    assert_eq!(*last, (1, Some("text_delta")));
}

#[tokio::test(start_paused = true)]
async fn embeddings_depend_on_the_text_alone_and_keep_their_order() {
    let sim = Sim::new("north");
    let request = |body: Value| {
        let body = Full::from(body.to_string());
        Request::post("/v1/embeddings").body(body).unwrap()
    };
    let two = whole(&sim, request(json!({"model": "e", "input": ["a", "b"]}))).await;
    let one = whole(&sim, request(json!({"model": "e", "input": "b"}))).await;
    assert_eq!(two["data"][1]["embedding"], one["data"][0]["embedding"]);
    assert_ne!(two["data"][0]["embedding"], two["data"][1]["embedding"]);
    assert_eq!(two["data"][1]["index"], 1);

    let body = json!({"model": "e", "input": "b", "encoding_format": "base64", "dimensions": 3});
    let encoded = whole(&sim, request(body)).await;
    // Three floats are twelve bytes, which are sixteen letters.
    assert_eq!(encoded["data"][0]["embedding"].as_str().unwrap().len(), 16);
}

#[tokio::test(start_paused = true)]
async fn models_are_listed_and_take_no_script() {
    let sim = Sim::new("north")
        .models(["a", "b"])
        .script([Behaviour::error(500)]);
    let request = Request::get("/v1/models").body(Full::default()).unwrap();
    let models = whole(&sim, request).await;
    assert_eq!(models["data"][1]["id"], "b");
    let next = send(&sim, openai(&chat(false))).await.unwrap();
    assert_eq!(next.status(), 500);
}

#[tokio::test(start_paused = true)]
async fn tokens_are_counted_without_an_answer() {
    let sim = Sim::new("south");
    let body = json!({"model": "m", "messages": [{"role": "user", "content": "x".repeat(400)}]});
    let request = Request::post("/v1/messages/count_tokens")
        .header("anthropic-version", "2023-06-01")
        .body(Full::from(body.to_string()))
        .unwrap();
    let tokens = whole(&sim, request).await["input_tokens"].as_u64().unwrap();
    assert!((100..110).contains(&tokens), "{tokens}");
}

#[tokio::test(start_paused = true)]
async fn gzip_comes_back_the_same_whole_or_streamed() {
    for body in [chat(false), chat(true)] {
        let plain = bytes(&Sim::new("north"), openai(&body)).await;
        let sim = Sim::new("north").always(Behaviour::answer().gzip());
        let answer = send(&sim, openai(&body)).await.unwrap();
        assert_eq!(answer.headers()["content-encoding"], "gzip");
        let packed = answer.into_body().collect().await.unwrap().to_bytes();
        let mut unpacked = Vec::new();
        GzDecoder::new(&packed[..])
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, plain);
    }
}

#[tokio::test(start_paused = true)]
async fn each_frame_of_a_gzip_stream_can_be_read_before_the_next() {
    let sim = Sim::new("north").always(Behaviour::answer().tokens(3).gzip());
    let plain = stream(&Sim::new("north").tokens(3), openai(&chat(true))).await;
    let body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
    let (frames, _) = frames(body).await;
    assert_eq!(frames.len(), plain.len());
    let mut packed = Vec::new();
    for (number, frame) in frames.iter().enumerate() {
        packed.extend_from_slice(frame);
        let mut unpacked = Vec::new();
        let _ = GzDecoder::new(&packed[..]).read_to_end(&mut unpacked);
        assert_eq!(events(&unpacked), plain[..=number]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_recorded_stream_is_replayed_byte_for_byte() {
    let sim = Sim::new("north").script([Behaviour::raw_events([
        RawEvent::from("data: {\"a\": "),
        RawEvent::after(SECOND, "1}\r\n\r\n"),
    ])
    .head_after(SECOND)]);
    let started = tokio::time::Instant::now();
    let body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
    assert_eq!(started.elapsed(), SECOND);
    let (frames, error) = frames(body).await;
    assert_eq!(frames, ["data: {\"a\": ", "1}\r\n\r\n"]);
    assert_eq!(started.elapsed(), 2 * SECOND);
    assert!(error.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_stream_may_be_answered_with_plain_json() {
    let sim = Sim::new("north").script([Behaviour::answer().json_to_stream()]);
    let answer = whole(&sim, openai(&chat(true))).await;
    assert_eq!(answer["object"], "chat.completion");
}
