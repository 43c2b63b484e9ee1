//! Of any stream.

use bytes::BytesMut;
use proptest::prelude::*;
use serde_json::{Value, json};
use steeplechase_core::Class;

use super::{FLASH_25, write};
use crate::chat::tests::chunks::{assert_grammar, frames};
use crate::chat::{ChunkWriter, ReadAnswer, Translator};

fn translator(include_usage: bool) -> Translator {
    let call = json!({
        "messages": [{"role": "user", "content": "ahoy"}],
        "tools": [{"type": "function", "function": {"name": "look"}},
                  {"type": "custom", "custom": {"name": "write"}}],
    });
    let context = write(FLASH_25, &call).context;
    Translator::new(context.decoder(), Box::new(ChunkWriter::new(include_usage)))
}

fn any_part() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"text": ""})),
        Just(json!({"text": "å"})),
        Just(json!({"text": "hm", "thought": true})),
        Just(json!({"text": "", "thoughtSignature": "S"})),
        Just(json!({"functionCall": {"name": "look", "args": {"a": 1}}, "thoughtSignature": "S"})),
        Just(json!({"functionCall": {"name": "look"}})),
        Just(json!({"functionCall": {"name": "write", "args": {"input": "x"}}})),
        Just(json!({"inlineData": {"mimeType": "image/png", "data": "QUJD"}})),
        Just(json!({"inlineData": {"mimeType": "audio/L16", "data": "QUJD"}})),
        Just(json!({"executableCode": {"code": "1"}})),
        Just(json!({})),
    ]
}

fn any_candidate() -> impl Strategy<Value = Value> {
    let reason = prop_oneof![
        6 => Just(Value::Null),
        2 => Just(json!("STOP")),
        1 => Just(json!("SAFETY")),
        1 => Just(json!("MALFORMED_FUNCTION_CALL")),
        1 => Just(json!("FINISH_REASON_UNSPECIFIED")),
    ];
    let parts = prop::collection::vec(any_part(), 0..4);
    (0_u8..3, parts, reason, any::<bool>()).prop_map(|(index, parts, reason, is_grounded)| {
        let mut candidate =
            json!({"index": index, "content": {"parts": parts}, "finishReason": reason});
        if is_grounded {
            candidate["groundingMetadata"] = json!({
                "groundingChunks": [{"web": {"uri": "https://a.test"}}],
                "groundingSupports": [{"segment": {"partIndex": 7, "startIndex": 1, "endIndex": 99},
                                       "groundingChunkIndices": [0, 5]}]});
        }
        candidate
    })
}

fn any_event() -> impl Strategy<Value = Value> {
    prop_oneof![
        8 => prop::collection::vec(any_candidate(), 0..3)
            .prop_map(|candidates| json!({"candidates": candidates, "responseId": "r",
                                          "usageMetadata": {"promptTokenCount": 3}})),
        1 => Just(json!({"promptFeedback": {"blockReason": "SAFETY"}})),
        1 => Just(json!({"usageMetadata": {}})),
        1 => Just(json!({"unheard": [1]})),
    ]
}

proptest! {
    #[test]
    fn any_events_make_chunks_that_a_client_can_read(
        events in prop::collection::vec(any_event(), 0..12),
        include_usage in any::<bool>(),
    ) {
        let mut stream = translator(include_usage);
        let mut out = BytesMut::new();
        for event in &events {
            let before = out.len();
            let effects = stream.on_event(None, event.to_string().as_bytes(), &mut out).unwrap();
            prop_assert!(!effects.end, "only the end of the stream is the end");
            prop_assert!(!effects.content || out.len() > before);
        }
        let outcome = stream.on_eof(&mut out);
        let said = frames(&out);
        assert_grammar(&said, include_usage);
        prop_assert_eq!(said.last() == Some(&json!("[DONE]")), outcome.is_ok());
        let reasons = events.iter().filter_map(|event| event["candidates"].as_array().cloned());
        let has_reason = reasons.flatten().any(|candidate| !candidate["finishReason"].is_null());
        let is_blocked = events.iter().any(|event| event.get("promptFeedback").is_some());
        prop_assert!(outcome.is_err() || has_reason || is_blocked, "no reason is made up");
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(
        events in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..8),
    ) {
        let mut stream = translator(false);
        let mut out = BytesMut::new();
        for event in &events {
            _ = stream.on_event(None, event, &mut out);
        }
        _ = stream.on_eof(&mut out);
        assert_grammar(&frames(&out), false);
    }

    #[test]
    fn no_bytes_make_a_whole_answer_or_an_error_panic(body in prop::collection::vec(any::<u8>(), 0..80)) {
        let context = crate::gemini::AnswerContext::default();
        _ = context.read(&body);
        _ = crate::gemini::classify(http::StatusCode::BAD_REQUEST, &http::HeaderMap::new(), &body);
    }
}

/// A recorded answer, with most of what there is in one.
const RECORDED: [&str; 4] = [
    r#"{"candidates":[{"content":{"parts":[{"text":"**Looking**","thought":true}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":9,"totalTokenCount":30,"thoughtsTokenCount":21},"modelVersion":"gemini-z","responseId":"r-1"}"#,
    r#"{"candidates":[{"content":{"parts":[{"text":"Blåsende 🌊"}],"role":"model"},"index":0}]}"#,
    r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"look","args":{"at":"Røst"}},"thoughtSignature":"c2Vh"}],"role":"model"},"index":0}]}"#,
    r#"{"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":4,"totalTokenCount":34,"thoughtsTokenCount":21}}"#,
];

#[test]
fn an_event_that_is_cut_off_is_an_error_and_never_an_end() {
    for last in 0..RECORDED.len() {
        for at in 0..RECORDED[last].len() {
            let mut stream = translator(true);
            let mut out = BytesMut::new();
            for event in &RECORDED[..last] {
                stream.on_event(None, event.as_bytes(), &mut out).unwrap();
            }
            let cut = &RECORDED[last].as_bytes()[..at];
            let error = stream.on_event(None, cut, &mut out).unwrap_err();
            assert_eq!(error.class(), Class::Server, "{last} at {at}");
            assert!(!stream.on_eof(&mut out).unwrap().end);
            assert!(!out.ends_with(b"[DONE]\n\n"));
        }
    }
}

#[test]
fn a_stream_that_ends_between_events_is_truncated_until_it_has_said_why_it_ends() {
    for count in 0..=RECORDED.len() {
        let mut stream = translator(true);
        let mut out = BytesMut::new();
        for event in &RECORDED[..count] {
            stream.on_event(None, event.as_bytes(), &mut out).unwrap();
        }
        match stream.on_eof(&mut out) {
            Ok(effects) => {
                assert!(effects.end && count == RECORDED.len());
                assert_eq!(effects.usage.unwrap().completion, 25);
            }
            Err(error) => {
                assert_eq!(error.class(), Class::Truncated);
                assert!(count < RECORDED.len());
            }
        }
    }
}
