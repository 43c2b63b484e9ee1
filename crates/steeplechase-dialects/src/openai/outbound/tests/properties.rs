use proptest::prelude::*;
use serde_json::{Value, json};
use steeplechase_core::Class;

use super::{body, context, stream};
use crate::chat::ReadAnswer;

/// One exchange: what the user says, what the assistant does, and what the tools answer.
fn any_exchange() -> impl Strategy<Value = Vec<Value>> {
    let id = prop_oneof![Just("c1"), Just("c.1"), Just("x")];
    let calls = prop::collection::vec((id, any::<bool>()), 0..3);
    ("[a-z ]{0,5}", "[a-z ]{0,5}", calls, any::<bool>()).prop_map(|(user, said, calls, strays)| {
        let made = calls.iter().map(|(id, _)| {
            json!({"id": id, "type": "function", "function": {"name": "a/b", "arguments": ""}})
        });
        let made: Vec<_> = made.collect();
        let mut messages = vec![
            json!({"role": "user", "content": user}),
            json!({"role": "assistant", "content": said, "tool_calls": made}),
        ];
        if strays {
            messages.push(json!({"role": "system", "content": "note"}));
        }
        for (id, _) in calls.iter().filter(|(_, is_answered)| *is_answered) {
            let picture =
                json!({"type": "image_url", "image_url": {"url": "https://x.test/a.png"}});
            messages.push(json!({"role": "tool", "tool_call_id": id, "content": [picture]}));
        }
        if strays {
            messages.push(json!({"role": "tool", "tool_call_id": "nobody", "content": "r"}));
        }
        messages
    })
}

fn messages_of(provider: &str, messages: &[Value]) -> Vec<Value> {
    let sent = body(provider, "m", &json!({ "messages": messages }));
    sent["messages"].as_array().unwrap().clone()
}

/// Asserts that each call is answered right after it, once, and that nothing else is.
fn assert_paired(messages: &[Value]) {
    let mut open: Vec<String> = Vec::new();
    for said in messages {
        if said["role"] == "tool" {
            let id = said["tool_call_id"].as_str().unwrap();
            let place = open.iter().position(|known| known == id);
            open.remove(place.expect("a result is that of a call before it"));
            assert!(said["content"].is_string() || said["content"].is_array());
            continue;
        }
        assert!(open.is_empty(), "nothing comes before the results");
        let calls = said["tool_calls"].as_array().into_iter().flatten();
        open.extend(calls.map(|call| call["id"].as_str().unwrap().to_owned()));
        let mut names = open.clone();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), open.len(), "calls have names of their own");
    }
    assert!(open.is_empty(), "each call has a result");
}

fn any_event() -> impl Strategy<Value = Value> {
    let call = prop_oneof![
        Just(json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}})),
        Just(json!({"index": 1, "id": "b", "function": {"name": "g", "arguments": "{}"}})),
        Just(json!({"index": 0, "function": {"arguments": "{\"k\""}})),
        Just(json!({"id": "c", "function": {"name": "w", "arguments": {"input": "x"}}})),
        Just(json!({"function": {"arguments": 7}})),
        Just(json!(null)),
        Just(json!({"custom": {"name": "u", "input": "t"}})),
    ];
    let delta = prop_oneof![
        Just(json!({"role": "assistant", "content": ""})),
        Just(json!({"content": "w"})),
        Just(
            json!({"content": [{"type": "text", "text": "p"}, {"type": "thinking", "thinking": "h"}, 7]})
        ),
        Just(json!({"reasoning": "r", "reasoning_content": "r"})),
        Just(json!({"thinking_blocks": [{"type": "thinking", "thinking": "t", "signature": "S"}]})),
        Just(json!({"refusal": "no"})),
        Just(json!({"annotations": [{"url_citation": {"url": "u"}}, {}]})),
        Just(json!({"function_call": {"name": "o", "arguments": "{}"}})),
        prop::collection::vec(call, 0..3).prop_map(|calls| json!({ "tool_calls": calls })),
        Just(json!(7)),
    ];
    let reason = prop_oneof![
        8 => Just(Value::Null),
        1 => Just(json!("stop")),
        1 => Just(json!("tool_calls")),
        1 => Just(json!("")),
        1 => Just(json!("abort")),
    ];
    prop_oneof![
        10 => (0..2, delta, reason).prop_map(|(index, delta, reason)| {
            json!({"id": "i", "choices": [{"index": index, "delta": delta, "finish_reason": reason}]})
        }),
        1 => Just(json!({"choices": [], "usage": {"prompt_tokens": 3}})),
        1 => Just(json!({"choices": null, "error": null})),
        1 => Just(json!({"choices": "odd"})),
        1 => Just(json!({"error": {"message": "m"}})),
    ]
}

proptest! {
    #[test]
    fn every_conversation_is_one_that_the_provider_takes(
        exchanges in prop::collection::vec(any_exchange(), 1..5),
        provider in prop_oneof![Just("openai"), Just("mistral"), Just("perplexity")],
    ) {
        let messages = messages_of(provider, &exchanges.concat());
        assert_paired(&messages);
    }

    #[test]
    fn a_longer_conversation_begins_with_the_same_messages(
        exchanges in prop::collection::vec(any_exchange(), 1..5),
        more in any_exchange(),
    ) {
        let short = exchanges.concat();
        let long = [short.clone(), more].concat();
        let told = messages_of("openai", &short);
        prop_assert_eq!(&told, &messages_of("openai", &short), "the same call is the same messages");
        let longer = messages_of("openai", &long);
        // Pictures of the last results go to what the user says next.
        let kept = told.len() - usize::from(told.last().is_some_and(|last| last["role"] == "user"));
        prop_assert_eq!(&told[..kept], &longer[..kept]);
    }

    #[test]
    fn any_events_make_chunks_that_a_client_can_read(
        events in prop::collection::vec(any_event(), 0..30),
        is_marked in any::<bool>(),
    ) {
        let tools = json!({"tools": [{"type": "custom", "custom": {"name": "w"}}]});
        let context = context("hosted_vllm", &tools);
        let mut texts: Vec<_> = events.iter().map(Value::to_string).collect();
        if is_marked {
            texts.push("[DONE]".to_owned());
        }
        let (frames, failure) = stream(&context, &texts);
        let ends = frames.last().is_some_and(|last| last == "[DONE]");
        prop_assert_eq!(ends, failure.is_none());
        if let Some(whole) = texts.first() {
            let _ = context.read(whole.as_bytes());
        }
    }

    #[test]
    fn no_bytes_make_it_panic(
        events in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..6),
    ) {
        let context = context("openai", &json!({}));
        for event in &events {
            let _ = context.read(event);
        }
        let texts: Vec<_> = events.iter().map(|event| String::from_utf8_lossy(event).into_owned()).collect();
        let _ = stream(&context, &texts);
    }
}

#[test]
fn an_answer_that_is_cut_anywhere_is_truncated_or_no_answer() {
    let whole = json!({"id": "c", "choices": [{"index": 0, "message": {"content": "Bergen", "tool_calls": [
        {"id": "a", "function": {"name": "f", "arguments": "{}"}}]}, "finish_reason": "tool_calls"}],
        "usage": {"prompt_tokens": 3}})
    .to_string();
    let context = context("openai", &json!({}));
    for at in 0..whole.len() {
        let error = context.read(&whole.as_bytes()[..at]).unwrap_err();
        assert_eq!(error.class(), Class::Truncated, "cut at {at}");
    }
    assert!(context.read(whole.as_bytes()).is_ok());
}
