//! What holds for any bytes.

use bytes::BytesMut;
use http::{HeaderMap, StatusCode};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::bedrock::{AnswerContext, classify, classify_event, classify_exception, read_answer};
use crate::chat::{ChunkWriter, ReadAnswer, Translator};

const NAMES: [&str; 8] = [
    "messageStart",
    "contentBlockStart",
    "contentBlockDelta",
    "contentBlockStop",
    "messageStop",
    "metadata",
    "ping",
    "",
];

/// Data as events have it, and some that they have not.
fn data() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        1 => vec(any::<u8>(), 0..40),
        8 => select(&[
            r#"{"role":"assistant"}"#,
            r#"{"contentBlockIndex":0,"delta":{"text":"a"}}"#,
            r#"{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{}"}}}"#,
            r#"{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"t","name":"f"}}}"#,
            r#"{"contentBlockIndex":2,"delta":{"reasoningContent":{"text":"r","signature":"s"}}}"#,
            r#"{"contentBlockIndex":2,"delta":{"reasoningContent":{"redactedContent":"%%"}}}"#,
            r#"{"contentBlockIndex":18446744073709551615}"#,
            r#"{"stopReason":"end_turn"}"#,
            r#"{"stopReason":"malformed_tool_use"}"#,
            r#"{"usage":{"inputTokens":18446744073709551615,"outputTokens":1}}"#,
            r#"{"usage":{"inputTokens":-1}}"#,
            r#"{"contentBlockIndex":0,"delta":{"text":"\ud800"}}"#,
            "null",
            "[]",
        ][..]).prop_map(|text| text.as_bytes().to_vec()),
    ]
}

proptest! {
    #[test]
    fn no_events_make_it_panic_and_nothing_comes_after_an_end(
        events in vec((select(&NAMES[..]), data()), 0..24),
    ) {
        let decoder = AnswerContext::default().decoder();
        let mut stream = Translator::new(decoder, Box::new(ChunkWriter::new(true)));
        let mut out = BytesMut::new();
        let mut is_over = false;
        for (name, data) in events {
            let before = out.len();
            let Ok(effects) = stream.on_event(Some(name), &data, &mut out) else {
                prop_assert_eq!(out.len(), before);
                is_over = true;
                continue;
            };
            prop_assert!(!is_over || out.len() == before);
            is_over |= effects.end;
        }
        let finished = String::from_utf8(out.to_vec()).unwrap().contains(r#""finish_reason":""#);
        // An end is the provider's, never ours.
        if stream.on_eof(&mut out).is_ok_and(|effects| effects.end) {
            prop_assert!(finished);
        }
    }

    #[test]
    fn no_answer_and_no_error_makes_it_panic(bytes in data(), status in 400..600_u16) {
        let _ = read_answer(&bytes, &AnswerContext::default());
        let status = StatusCode::from_u16(status).unwrap();
        let error = classify(status, &HeaderMap::new(), &bytes);
        prop_assert!(!error.message().is_empty());
        prop_assert!(!classify_event(&bytes).message().is_empty());
        prop_assert!(!classify_exception("x", &bytes).message().is_empty());
    }
}

#[test]
fn an_account_is_not_shown_to_callers() {
    let body = br#"{"message":"User: arn:aws:iam::123456789012:user/x is not authorized to perform: bedrock:InvokeModel on resource: \"arn:aws:bedrock:eu-west-1::foundation-model/y\""}"#;
    let mut headers = HeaderMap::new();
    headers.insert("x-amzn-errortype", "AccessDeniedException".parse().unwrap());
    let error = classify(StatusCode::FORBIDDEN, &headers, body);
    assert!(!error.message().contains("123456789012"), "{error}");
    assert!(error.message().contains("bedrock:InvokeModel"), "{error}");
}
