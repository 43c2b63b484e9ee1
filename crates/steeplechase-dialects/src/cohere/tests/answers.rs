//! Whole answers and errors: whatever comes, it is read or refused.

use http::{HeaderMap, StatusCode};
use proptest::prelude::*;
use steeplechase_core::{Class, Scope};

use crate::chat::FinishReason;
use crate::cohere::finish::finish;
use crate::cohere::{AnswerContext, Counts, classify, classify_event, embed, read_answer};

#[test]
fn each_reason_for_an_end_has_its_word() {
    let of = |native: &str| finish(Some(native), false).map_err(|error| error.class());
    for (native, reason) in [
        ("COMPLETE", FinishReason::Stop),
        ("STOP_SEQUENCE", FinishReason::Stop),
        ("MAX_TOKENS", FinishReason::Length),
        ("TOOL_CALL", FinishReason::ToolCalls),
        ("ERROR_TOXIC", FinishReason::ContentFilter),
        ("ERROR_LIMIT", FinishReason::Length),
        ("SOMETHING_NEW", FinishReason::Stop),
    ] {
        assert_eq!(of(native), Ok(reason), "{native}");
    }
    assert_eq!(of("ERROR"), Err(Class::Server));
    assert!(matches!(of("TIMEOUT"), Err(Class::Timeout(_))));
    assert_eq!(
        finish(Some("COMPLETE"), true).unwrap(),
        FinishReason::ToolCalls
    );
    assert_eq!(finish(None, false).unwrap(), FinishReason::Stop);
}

#[test]
fn what_is_billed_is_a_part_of_what_was_used() {
    let usage = |json: &str| serde_json::from_str::<Counts>(json).unwrap().usage();
    let both = usage(
        r#"{"billed_units":{"input_tokens":20.0,"output_tokens":8.0},
            "tokens":{"input_tokens":95,"output_tokens":30}}"#,
    );
    assert_eq!((both.prompt, both.free_in), (95, 75));
    assert_eq!((both.completion, both.free_out), (30, 22));
    let billed = usage(r#"{"billed_units":{"input_tokens":20,"search_units":2.0}}"#);
    assert_eq!((billed.prompt, billed.free_in, billed.searches), (20, 0, 2));
    let tokens = usage(r#"{"tokens":{"input_tokens":5},"cached_tokens":9,"billed_units":null}"#);
    assert_eq!(
        (tokens.prompt, tokens.free_in, tokens.cache_read),
        (5, 0, 5)
    );
    assert_eq!(usage(r#"{"tokens":{"input_tokens":"many"}}"#).prompt, 0);
}

#[test]
fn a_key_in_a_complaint_is_masked() {
    let body = br#"{"message":"no such key: Bearer abcdefghij0123456789"}"#;
    let error = classify(StatusCode::UNAUTHORIZED, &HeaderMap::new(), body);
    assert_eq!(error.scope(), Scope::Key);
    assert!(!error.message().contains("abcdefghij"), "{error:?}");
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        status in 400_u16..600,
    ) {
        let context = AnswerContext::default();
        let _ = read_answer(&bytes, &context);
        let _ = embed::read(&bytes, "m", 1);
        let _ = classify_event(&bytes);
        let status = StatusCode::from_u16(status).unwrap();
        let error = classify(status, &HeaderMap::new(), &bytes);
        prop_assert!(!error.message().is_empty());
    }
}

#[test]
fn an_answer_that_is_cut_off_is_never_an_answer() {
    let whole = br#"{"id":"c","finish_reason":"COMPLETE","message":{"role":"assistant",
        "content":[{"type":"text","text":"\u00e9\ud83d\ude00"}],"citations":[{"start":1}]},
        "usage":{"tokens":{"input_tokens":1.0}}}"#;
    let context = AnswerContext::default();
    assert!(read_answer(whole, &context).is_ok());
    for at in 0..whole.len() {
        let error = read_answer(&whole[..at], &context).unwrap_err();
        let rest = String::from_utf8_lossy(&whole[at..]);
        assert_eq!(error.class(), Class::Truncated, "{error:?} before {rest}");
    }
}
