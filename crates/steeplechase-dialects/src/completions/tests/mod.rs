//! Prompts and how they go on. What goes to a provider and comes back is in the golden cases.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Encoder, parse, unroll, write_answer};
use crate::chat::{Answer, ChatRequest, Choice, Encode, Event, FinishReason};

const LOGPROBS: &str = r#"{"content":[{"token":"Nor","logprob":-0.5,"bytes":null,"top_logprobs":[{"token":"Nor","logprob":-0.5},{"token":"Swe","logprob":-2.0}]},{"token":"wäy","logprob":-1.0,"top_logprobs":[]}],"refusal":null}"#;

fn told(chat: &ChatRequest, events: &[Event<'_>]) -> Vec<Value> {
    let mut encoder = Encoder::new(chat);
    let mut out = BytesMut::new();
    for event in events {
        encoder.write(*event, &mut out);
    }
    let text = String::from_utf8(out.to_vec()).unwrap();
    let events = text.split_terminator("\n\n");
    let data = events.map(|event| event.strip_prefix("data: ").unwrap());
    data.map(|data| serde_json::from_str(data).unwrap_or_else(|_| data.into()))
        .collect()
}

fn whole(answer: &Answer, chat: &ChatRequest) -> Value {
    let mut out = BytesMut::new();
    write_answer(answer, chat, &mut out);
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn probabilities_are_lists_with_the_places_of_the_tokens() {
    let logprobs: &RawValue = serde_json::from_str(LOGPROBS).unwrap();
    let chat = ChatRequest::default();
    let weighed = Event::Logprobs {
        choice: 0,
        logprobs,
    };
    let chunks = told(&chat, &[weighed, weighed]);
    let found = &chunks[0]["choices"][0]["logprobs"];
    assert_eq!(found["tokens"], serde_json::json!(["Nor", "wäy"]));
    assert_eq!(found["token_logprobs"], serde_json::json!([-0.5, -1.0]));
    assert_eq!(found["top_logprobs"][0]["Swe"], -2.0);
    assert_eq!(found["text_offset"], serde_json::json!([0, 3]));
    // They are counted on.
    let next = &chunks[1]["choices"][0]["logprobs"];
    assert_eq!(next["text_offset"], serde_json::json!([6, 9]));

    let choice = Choice {
        logprobs: Some(logprobs.to_owned()),
        ..Choice::default()
    };
    let answer = Answer {
        choices: vec![choice],
        ..Answer::default()
    };
    let body: Value = whole(&answer, &chat);
    assert_eq!(
        body["choices"][0]["logprobs"]["text_offset"],
        serde_json::json!([0, 3])
    );
}

#[test]
fn each_choice_begins_with_the_prompt_and_ends_once() {
    let call = Bytes::from_static(br#"{"model":"m","prompt":"a","echo":true,"n":2}"#);
    let chat = parse(&call).unwrap();
    let text = |choice, text| Event::Text { choice, text };
    let finish = |choice| Event::Finish {
        choice,
        reason: FinishReason::ToolCalls,
        native: None,
    };
    let events = [
        text(1, "b"),
        text(0, "c"),
        finish(1),
        text(1, "x"),
        finish(1),
        finish(0),
        Event::End,
    ];
    let chunks = told(&chat, &events);
    let said = |index: u64| {
        let choices = chunks.iter().filter_map(|chunk| chunk["choices"].get(0));
        let choices = choices.filter(move |choice| choice["index"] == index);
        choices
            .map(|it| (it["text"].as_str().unwrap(), it["finish_reason"].as_str()))
            .collect::<Vec<_>>()
    };
    assert_eq!(said(0), [("a", None), ("c", None), ("", Some("stop"))]);
    assert_eq!(said(1), [("a", None), ("b", None), ("", Some("stop"))]);
    assert_eq!(chunks.last().unwrap(), "[DONE]");
}

#[test]
fn a_refusal_is_what_the_model_says() {
    let choice = Choice {
        refusal: Some("No.".into()),
        finish: FinishReason::ContentFilter,
        ..Choice::default()
    };
    let answer = Answer {
        choices: vec![choice],
        ..Answer::default()
    };
    let body: Value = whole(&answer, &ChatRequest::default());
    assert_eq!(body["choices"][0]["text"], "No.");
    assert_eq!(body["choices"][0]["finish_reason"], "content_filter");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100), usage: bool) {
        let _ = unroll(&bytes, usage);
        let _ = parse(&Bytes::from(bytes));
    }
}
