use bytes::Bytes;
use proptest::prelude::*;
use serde_json::json;
use steeplechase_core::price::Service;
use steeplechase_core::{Chunk, Class, Cost, Error};

use crate::openai::Verdict;
use crate::responses::{Judge, unroll, weigh_answer};
use crate::tokens::Weights;

fn read_answer(body: Bytes) -> Result<Chunk, Error> {
    weigh_answer(body, <&Weights>::default())
}

const CONTENT: Verdict = Verdict {
    content: true,
    end: false,
    usage: None,
};

#[test]
fn a_part_of_the_answer_is_told_from_what_comes_before_it() {
    let mut judge = Judge::default();
    for (name, data) in [
        ("response.created", r#"{"response":{"error":null}}"#),
        ("response.output_item.added", r#"{"item":{}}"#),
        ("response.content_part.added", r#"{"part":{}}"#),
        ("response.output_text.delta", r#"{"delta":""}"#),
        ("response.web_search_call.searching", "{}"),
        ("keepalive", "not even JSON"),
    ] {
        let verdict = judge.judge(Some(name.as_bytes()), data.as_bytes()).unwrap();
        assert_eq!(verdict, Verdict::default(), "{name}");
    }
    assert!(!judge.has_content());
    let delta = br#"{"delta":"Nor"}"#;
    for name in [
        "response.reasoning_summary_text.delta",
        "response.function_call_arguments.delta",
    ] {
        let mut judge = Judge::default();
        assert_eq!(judge.judge(Some(name.as_bytes()), delta).unwrap(), CONTENT);
        assert!(judge.has_content() && !judge.is_done());
        // From then on the name says enough.
        assert_eq!(
            judge.judge(Some(name.as_bytes()), b"whatever").unwrap(),
            CONTENT
        );
    }
    for name in [
        "response.output_item.done",
        "response.image_generation_call.partial_image",
    ] {
        let verdict = Judge::default().judge(Some(name.as_bytes()), b"{}");
        assert_eq!(verdict.unwrap(), CONTENT);
    }
}

#[test]
fn an_end_says_what_it_cost_and_that_all_of_the_answer_is_there() {
    let usage = json!({"input_tokens": 5, "input_tokens_details": null, "output_tokens": 7.0, "output_tokens_details": {"reasoning_tokens": 2}});
    for (name, status, output, content) in [
        (
            "response.completed",
            "completed",
            json!([{"type": "message"}]),
            true,
        ),
        ("response.completed", "completed", json!([]), false),
        ("response.incomplete", "incomplete", json!([]), true),
    ] {
        let event =
            json!({"type": name, "response": {"status": status, "output": output, "usage": usage}});
        let mut judge = Judge::default();
        let verdict = judge.judge(None, event.to_string().as_bytes()).unwrap();
        assert_eq!((verdict.content, verdict.end), (content, true));
        let usage = verdict.usage.unwrap();
        assert_eq!((usage.prompt, usage.completion, usage.reasoning), (5, 7, 2));
        assert!(judge.is_done());
    }
}

#[test]
fn events_without_a_name_say_what_they_are_in_their_data() {
    let mut judge = Judge::default();
    assert_eq!(judge.judge(None, b"").unwrap(), Verdict::default());
    let error = judge.judge(None, b"oh no").unwrap_err();
    assert_eq!(error.class(), Class::Server);
    let error = judge.judge(
        None,
        br#"{"error":{"code":"rate_limit_exceeded","message":"wait"}}"#,
    );
    assert_eq!(error.unwrap_err().class(), Class::RateLimited);
    let delta = br#"{ "type": "response.output_text.delta", "delta": "x" }"#;
    assert_eq!(judge.judge(None, delta).unwrap(), CONTENT);
    assert_eq!(judge.judge(None, b"oh no").unwrap(), CONTENT);
    assert_eq!(judge.judge(None, b"[DONE]").unwrap(), Verdict::default());
}

#[test]
fn a_whole_response_is_read_for_what_it_is() {
    let read = |value: serde_json::Value| read_answer(Bytes::from(value.to_string()));
    let chunk =
        read(json!({"status": "completed", "output": [{}], "usage": {"input_tokens": 1}})).unwrap();
    assert!(chunk.is_content() && chunk.is_end());
    assert_eq!(chunk.usage().unwrap().prompt, 1);
    let dear = read(json!({
        "output": [], "service_tier": "flex", "usage": {"input_tokens": 1, "cost": 0.25},
    }));
    let usage = *dear.unwrap().usage().unwrap();
    assert_eq!(usage.service, Service::Flex);
    assert_eq!(usage.reported, Cost::from_dollars("0.25").ok());
    let empty = read(json!({"output": [], "error": null})).unwrap();
    assert!(!empty.is_content() && empty.is_end() && empty.usage().is_none());
    assert!(
        read(json!({"status": "in_progress", "output": []}))
            .unwrap()
            .is_content()
    );
    let failed = json!({"status": "failed", "output": [], "error": {"code": "rate_limit_exceeded", "message": "wait"}});
    assert_eq!(read(failed).unwrap_err().class(), Class::RateLimited);
    assert_eq!(
        read(json!({"detail": "no"})).unwrap_err().class(),
        Class::Server
    );
    let cut = read_answer(Bytes::from_static(br#"{"output":[{"#));
    assert_eq!(cut.unwrap_err().class(), Class::Truncated);
    assert!(unroll(br#"{"status":"queued","output":[]}"#).is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_a_judge_panic(
        events in proptest::collection::vec(any::<(Option<u8>, Vec<u8>)>(), 0..6),
    ) {
        const NAMES: [&str; 5] = [
            "error", "response.completed", "response.failed", "response.output_text.delta", "",
        ];
        let mut judge = Judge::default();
        for (name, data) in &events {
            let name = name.map(|name| NAMES[usize::from(name) % NAMES.len()].as_bytes());
            let _ = judge.judge(name, data);
        }
        for (_, data) in events {
            let _ = unroll(&data);
            let _ = read_answer(data.into());
        }
    }
}
