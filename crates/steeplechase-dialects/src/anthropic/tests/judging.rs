use bytes::Bytes;
use bytes::BytesMut;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;
use steeplechase_core::Class;

use super::events::args;
use super::events::close;
use super::events::delta;
use super::events::open;
use super::events::said;
use super::events::start;
use super::events::stop;
use super::events::text;
use super::events::tool;
use crate::anthropic::AnswerContext;
use crate::anthropic::Decoder;
use crate::anthropic::Judge;
use crate::anthropic::read_whole;
use crate::chat::ChunkWriter;
use crate::chat::Translator;
use crate::openai::Verdict;

fn judge(judge: &mut Judge, event: &Value) -> Verdict {
    judge.judge(None, event.to_string().as_bytes()).unwrap()
}

#[test]
fn what_carries_nothing_is_no_content() {
    for event in [
        start(),
        open(0, json!({"type": "text", "text": ""})),
        open(
            0,
            json!({"type": "thinking", "thinking": "", "signature": ""}),
        ),
        open(0, json!({"type": "unheard_of", "x": 1})),
        text(0, ""),
        args(0, ""),
        close(0),
        json!({"type": "ping"}),
        json!({"type": "unheard_of", "error": null}),
        json!({"type": "content_block_delta", "index": 0}),
        json!({}),
    ] {
        let verdict = judge(&mut Judge::default(), &event);
        assert!(!verdict.content && !verdict.end, "{event}");
    }
    assert_eq!(
        Judge::default().judge(None, b" ").unwrap(),
        Verdict::default()
    );
}

#[test]
fn words_thoughts_and_calls_are_content() {
    for event in [
        open(0, tool("t", "f")),
        open(
            0,
            json!({"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}),
        ),
        open(0, json!({"type": "web_search_tool_result", "content": []})),
        open(0, json!({"type": "redacted_thinking", "data": "D"})),
        open(0, json!({"type": "text", "text": "a"})),
        text(0, "\n"),
        args(0, "{"),
        delta(0, json!({"type": "thinking_delta", "thinking": "a"})),
        delta(0, json!({"type": "signature_delta", "signature": "S"})),
        delta(
            0,
            json!({"type": "citations_delta", "citation": {"url": "u"}}),
        ),
        said("refusal"),
        said("max_tokens"),
    ] {
        let mut new = Judge::default();
        assert!(judge(&mut new, &event).content, "{event}");
        assert!(new.has_content());
    }
}

#[test]
fn the_reason_ends_an_answer_and_the_mark_ends_the_stream() {
    let mut new = Judge::default();
    let usage = judge(&mut new, &start()).usage.unwrap();
    assert_eq!((usage.prompt, usage.completion), (30, 2));
    assert!(!new.is_complete());
    let verdict = judge(&mut new, &said("end_turn"));
    assert!(verdict.end && !verdict.content);
    let usage = verdict.usage.unwrap();
    assert_eq!(
        (usage.prompt, usage.completion),
        (30, 8),
        "what is not said again stays"
    );
    assert!(new.is_complete() && !new.is_done());
    assert!(judge(&mut new, &stop()).end);
    assert!(new.is_done());
    let unsaid = json!({"type": "message_delta", "delta": {"stop_reason": null}});
    assert!(!judge(&mut Judge::default(), &unsaid).end);
}

#[test]
fn errors_are_failures_and_so_is_what_cannot_be_read_before_there_is_a_word() {
    let overloaded =
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "no"}});
    let nameless = json!({"error": {"type": "overloaded_error", "message": "no"}});
    for event in [overloaded, nameless] {
        let error = Judge::default()
            .judge(None, event.to_string().as_bytes())
            .unwrap_err();
        assert_eq!(error.class(), Class::Overloaded);
    }
    let error = Judge::default().judge(Some(b"error"), b"{}").unwrap_err();
    assert_eq!(
        error.class(),
        Class::Server,
        "the name counts where there is no type"
    );
    let error = Judge::default().judge(None, b"{\"type\":").unwrap_err();
    assert_eq!(error.class(), Class::Server);
    let error = Judge::default()
        .judge(None, stop().to_string().as_bytes())
        .unwrap_err();
    assert_eq!(error.class(), Class::Truncated, "an end without a start");
    let mut later = Judge::default();
    assert!(judge(&mut later, &text(0, "a")).content);
    assert!(later.judge(None, b"{\"type\":").unwrap().content);
}

#[test]
fn a_whole_answer_says_what_it_carries() {
    let message = |content: Value, reason: &str| {
        json!({"type": "message", "content": content, "stop_reason": reason,
               "usage": {"input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 5}})
    };
    for (body, is_content) in [
        (
            message(json!([{"type": "text", "text": "a"}]), "end_turn"),
            true,
        ),
        (message(json!([tool("t", "f")]), "tool_use"), true),
        (
            message(json!([{"type": "text", "text": ""}]), "end_turn"),
            false,
        ),
        (message(json!([]), "end_turn"), false),
        (message(json!([]), "refusal"), true),
    ] {
        let bytes = Bytes::from(body.to_string());
        let chunk = read_whole(&bytes).unwrap();
        assert_eq!(
            (chunk.is_content(), chunk.is_end()),
            (is_content, true),
            "{body}"
        );
        assert_eq!(chunk.data(), &bytes);
        assert_eq!(chunk.usage().unwrap().prompt, 7);
    }
    for (body, class) in [
        ("{\"content\":[", Class::Truncated),
        ("<html>", Class::Server),
        ("{\"content\":\"a\"}", Class::Server),
        ("[]", Class::Server),
        (
            r#"{"type":"error","error":{"type":"rate_limit_error","message":"x"}}"#,
            Class::RateLimited,
        ),
    ] {
        assert_eq!(
            read_whole(&Bytes::from(body)).unwrap_err().class(),
            class,
            "{body}"
        );
    }
}

fn any_event() -> impl Strategy<Value = Value> {
    let block = prop_oneof![
        Just(json!({"type": "text", "text": ""})),
        Just(json!({"type": "text", "text": "t"})),
        Just(json!({"type": "thinking", "thinking": "", "signature": ""})),
        Just(json!({"type": "thinking", "thinking": "h", "signature": "S"})),
        Just(json!({"type": "redacted_thinking", "data": "D"})),
        Just(json!({"type": "tool_use", "id": "a", "name": "look", "input": {}})),
        Just(json!({"type": "unheard_of"})),
    ];
    let reason = prop_oneof![Just("end_turn"), Just("refusal"), Just("max_tokens")];
    prop_oneof![
        block.prop_map(|block| open(0, block)),
        Just(text(0, "w\"\n")),
        Just(text(0, "")),
        Just(close(0)),
        Just(start()),
        reason.prop_map(said),
        Just(stop()),
        Just(json!({"type": "ping"})),
        Just(json!({"type": "unheard_of", "index": []})),
        Just(json!({"type": "error", "error": {"type": "api_error", "message": "m"}})),
    ]
}

/// Events in an order in which a provider may send them: a block ends before the next begins, words are in a
/// block of text, and after the reason there is only the end.
fn sensible(events: Vec<Value>) -> Vec<Value> {
    let mut kept = Vec::new();
    let mut open = String::new();
    let mut is_said = false;
    for event in events {
        match event["type"].as_str() {
            Some("message_stop") => {}
            _ if is_said => continue,
            Some("content_block_start") => {
                if !open.is_empty() {
                    kept.push(close(0));
                }
                open = event["content_block"]["type"].as_str().unwrap().to_owned();
            }
            Some("content_block_delta") if open != "text" => continue,
            Some("content_block_stop") => open.clear(),
            Some("message_delta") => is_said = true,
            _ => {}
        }
        kept.push(event);
    }
    kept
}

proptest! {
    #[test]
    fn it_says_what_a_parse_of_the_same_events_says(
        events in prop::collection::vec(any_event(), 0..30),
    ) {
        let mut judge = Judge::default();
        let chunks = ChunkWriter::new(false);
        let decoder = Decoder::new(AnswerContext::default());
        let mut parse = Translator::new(Box::new(decoder), Box::new(chunks));
        let mut out = BytesMut::new();
        let events = sensible(events);
        for event in &events {
            let data = event.to_string();
            let judged = judge.judge(None, data.as_bytes());
            let parsed = parse.on_event(None, data.as_bytes(), &mut out);
            let (judged, parsed) = match (judged, parsed) {
                (Ok(judged), Ok(parsed)) => (judged, parsed),
                (Err(judged), Err(parsed)) => {
                    prop_assert_eq!(judged.class(), parsed.class());
                    break;
                }
                other => return Err(TestCaseError::fail(format!("{data}: {other:?}"))),
            };
            match event["type"].as_str() {
                // The decoder holds the reason until the end, and gives to a tool what it was not given.
                Some("content_block_stop" | "message_delta") => {}
                Some("message_stop") => {
                    prop_assert!(judged.end && parsed.end);
                    break;
                }
                _ => {
                    prop_assert_eq!(judged.content, parsed.content, "{}", data);
                    prop_assert_eq!(judged.usage, parsed.usage);
                }
            }
        }
        let is_said = events.iter().any(|event| event["type"] == "message_delta");
        prop_assert!(!judge.is_complete() || judge.is_done() || is_said);
    }

    #[test]
    fn no_bytes_make_it_panic(
        events in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..8),
        name in prop::option::of("[a-z_]{0,20}"),
    ) {
        let mut judge = Judge::default();
        for event in &events {
            let _ = judge.judge(name.as_deref().map(str::as_bytes), event);
            let _ = judge.last_event(event);
            let _ = read_whole(&Bytes::from(event.clone()));
        }
    }
}
