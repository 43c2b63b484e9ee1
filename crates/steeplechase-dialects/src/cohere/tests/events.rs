//! Properties of any stream.

use bytes::BytesMut;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::chat::tests::chunks::{assert_grammar, frames};
use crate::chat::{ChunkWriter, ReadAnswer, Translator};
use crate::cohere::AnswerContext;

fn translator(include_usage: bool) -> Translator {
    let decoder = AnswerContext::new("command").decoder();
    Translator::new(decoder, Box::new(ChunkWriter::new(include_usage)))
}

fn any_content() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"text": "é"})),
        Just(json!({"text": ""})),
        Just(json!({"thinking": "h", "type": "thinking"})),
        Just(json!([])),
        Just(json!([{"text": "x"}, {"text": "y"}])),
        Just(json!("x")),
        Just(Value::Null),
    ]
}

fn any_call() -> impl Strategy<Value = Value> {
    let function = json!({"name": "look", "arguments": ""});
    prop_oneof![
        Just(json!({"id": "a", "function": function})),
        Just(json!([{"id": "b", "function": {"name": "now", "arguments": "{"}}])),
        Just(json!({"function": {"arguments": "\"k\":1}"}})),
        Just(json!([])),
        Just(json!({})),
    ]
}

fn any_citation() -> impl Strategy<Value = Value> {
    (0_u64..9, 0_u64..9, 0_u64..3).prop_map(|(start, end, index)| {
        json!({"start": start, "end": end, "content_index": index, "sources": [
            {"type": "document", "document": {"url": "https://a.test"}}, {"document": 7}, null]})
    })
}

fn any_event() -> impl Strategy<Value = Value> {
    let index = 0_u64..3;
    let message = |kind: &'static str, index: u64, message: Value| json!({"type": kind, "index": index, "delta": {"message": message}});
    prop_oneof![
        1 => Just(json!({"type": "message-start", "id": "m"})),
        3 => (index.clone(), any_content())
            .prop_map(move |(at, it)| message("content-start", at, json!({"content": it}))),
        6 => (index.clone(), any_content())
            .prop_map(move |(at, it)| message("content-delta", at, json!({"content": it}))),
        2 => Just(message("tool-plan-delta", 0, json!({"tool_plan": "p"}))),
        4 => (index.clone(), any_call())
            .prop_map(move |(at, it)| message("tool-call-start", at, json!({"tool_calls": it}))),
        4 => (index.clone(), any_call())
            .prop_map(move |(at, it)| message("tool-call-delta", at, json!({"tool_calls": it}))),
        3 => index.clone().prop_map(|at| json!({"type": "tool-call-end", "index": at})),
        2 => (index, any_citation())
            .prop_map(move |(at, it)| message("citation-start", at, json!({"citations": it}))),
        1 => prop_oneof![Just("COMPLETE"), Just("TOOL_CALL"), Just("ERROR"), Just("?")].prop_map(
            |reason| json!({"type": "message-end", "delta": {"finish_reason": reason,
                            "usage": {"tokens": {"input_tokens": 3.0}}}})
        ),
        1 => Just(json!({"type": "unheard-of", "index": []})),
        1 => Just(json!({"index": 4})),
    ]
}

proptest! {
    #[test]
    fn any_events_make_chunks_that_a_client_can_read(
        events in prop::collection::vec(any_event(), 0..40),
        include_usage in any::<bool>(),
    ) {
        let mut stream = translator(include_usage);
        let mut out = BytesMut::new();
        let (mut failed, mut ended) = (false, 0);
        for event in &events {
            let before = out.len();
            if let Ok(effects) = stream.on_event(None, event.to_string().as_bytes(), &mut out) {
                ended += usize::from(effects.end);
                prop_assert!(!effects.content || out.len() > before);
            } else {
                failed = true;
                prop_assert_eq!(out.len(), before);
            }
        }
        match stream.on_eof(&mut out) {
            Ok(effects) => ended += usize::from(effects.end),
            Err(_) => failed = true,
        }
        prop_assert_eq!(ended, usize::from(!failed), "it ends, or it fails");
        let has_end = events.iter().any(|event| event["type"] == "message-end");
        prop_assert!(failed || has_end, "no end is made up");
        let frames = frames(&out);
        assert_grammar(&frames, include_usage);
        prop_assert_eq!(frames.last() == Some(&json!("[DONE]")), !failed);
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(
        events in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..8),
        name in prop::option::of("(content|tool-call|message)-(start|delta|end)"),
    ) {
        let mut stream = translator(false);
        let mut out = BytesMut::new();
        for event in &events {
            let _ = stream.on_event(name.as_deref(), event, &mut out);
        }
        let _ = stream.on_eof(&mut out);
        assert_grammar(&frames(&out), false);
    }
}

#[test]
fn what_comes_after_the_end_does_not_count() {
    let mut stream = translator(false);
    let mut out = BytesMut::new();
    let end = br#"{"type":"message-end","delta":{"finish_reason":"COMPLETE"}}"#;
    assert!(stream.on_event(None, end, &mut out).unwrap().end);
    let len = out.len();
    for late in [&end[..], b"[DONE]", b"nonsense"] {
        let effects = stream.on_event(None, late, &mut out).unwrap();
        assert!(!effects.end && out.len() == len);
    }
}

#[test]
fn half_a_pair_of_surrogates_is_no_reason_to_fail() {
    let mut stream = translator(false);
    let mut out = BytesMut::new();
    let event = br#"{"type":"content-delta","delta":{"message":{"content":{"text":"a\ud83d"}}}}"#;
    assert!(stream.on_event(None, event, &mut out).unwrap().content);
    assert!(String::from_utf8_lossy(&out).contains("a\u{fffd}"));
}
