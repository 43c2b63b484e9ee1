use proptest::prelude::*;
use steeplechase_core::Class;

use super::super::look::look;
use super::super::{Judge, Verdict};

const WORD: &str = r#"{"choices":[{"index":0,"delta":{"content":"a"}}]}"#;

fn first(data: &str) -> Verdict {
    Judge::default().judge(data.as_bytes()).unwrap()
}

/// A judge that has seen content.
fn later() -> Judge {
    let mut judge = Judge::default();
    assert!(judge.judge(WORD.as_bytes()).unwrap().content);
    judge
}

fn delta(delta: &str) -> String {
    format!(r#"{{"id":"a","choices":[{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#)
}

#[test]
fn a_role_an_empty_text_and_an_empty_event_carry_nothing() {
    for data in [
        &*delta(r#"{"role":"assistant","content":"","refusal":null}"#),
        &*delta(r#"{"role":"assistant","content":null,"tool_calls":[]}"#),
        &*delta("{}"),
        r#"{"choices":[],"prompt_filter_results":[{"a":1}]}"#,
        r#"{"choices":null,"error":null,"usage":null}"#,
        "{}",
        "",
        " ",
        "7",
    ] {
        assert_eq!(first(data), Verdict::default(), "{data}");
        let later = later().judge(data.as_bytes()).unwrap();
        assert_eq!(later, Verdict::default(), "{data}");
    }
}

#[test]
fn words_thoughts_and_calls_are_content() {
    for data in [
        r#"{"content":"a"}"#,
        r#"{"content": "\""}"#,
        r#"{"content":null,"reasoning_content":"a"}"#,
        r#"{"reasoning":"a"}"#,
        r#"{"content":"","reasoning":"a"}"#,
        r#"{"reasoning_text":"a"}"#,
        r#"{"reasoning_details":[{"type":"reasoning.text","text":"a"}]}"#,
        r#"{"thought":"a"}"#,
        r#"{"refusal":"a"}"#,
        r#"{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":""}}]}"#,
        r#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"error\":1}"}}]}"#,
        r#"{"function_call":{"name":"f"}}"#,
        r#"{"audio":{"data":"AA"}}"#,
        r#"{"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}}]}"#,
        r#"{"thinking_blocks":[{"type":"thinking","thinking":"a"}]}"#,
    ] {
        let data = delta(data);
        assert!(first(&data).content, "{data}");
        assert!(later().judge(data.as_bytes()).unwrap().content, "{data}");
    }
}

#[test]
fn a_reason_ends_the_answer_and_so_does_the_mark() {
    let stop = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let mut judge = later();
    assert!(!judge.is_complete());
    let verdict = judge.judge(stop.as_bytes()).unwrap();
    assert!(verdict.end && !verdict.content);
    assert!(judge.is_complete() && !judge.is_done());
    assert!(judge.judge(b" [DONE]").unwrap().end);
    assert!(judge.is_done());

    let mut judge = Judge::default();
    assert!(judge.judge(b"[DONE]").unwrap().end);
    assert!(judge.is_complete() && !judge.has_content());
}

#[test]
fn an_answer_of_several_choices_ends_with_the_last() {
    let mut judge = Judge::new(2);
    let stop =
        |n: u8| format!(r#"{{"choices":[{{"index":{n},"delta":{{}},"finish_reason":"stop"}}]}}"#);
    assert!(!judge.judge(stop(0).as_bytes()).unwrap().end);
    assert!(!judge.is_complete());
    assert!(judge.judge(stop(1).as_bytes()).unwrap().end);
}

#[test]
fn a_reason_that_is_an_answer_is_content_if_there_was_none() {
    let filtered = r#"{"choices":[{"delta":{},"finish_reason":"content_filter"}]}"#;
    let verdict = first(filtered);
    assert!(verdict.content && verdict.end);
    assert!(!later().judge(filtered.as_bytes()).unwrap().content);
    let none = r#"{"choices":[{"delta":{},"finish_reason":""}]}"#;
    assert_eq!(first(none), Verdict::default());
}

#[test]
fn usage_is_found_with_words_and_without() {
    let alone = r#"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#;
    let usage = first(alone).usage.unwrap();
    assert_eq!((usage.prompt, usage.completion), (3, 4));
    let with_words = r#"{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":3}}"#;
    let verdict = later().judge(with_words.as_bytes()).unwrap();
    assert!(verdict.content);
    assert_eq!(verdict.usage.unwrap().prompt, 3);
    let groq = r#"{"choices":[],"x_groq":{"id":"r","usage":{"completion_tokens":4}}}"#;
    assert_eq!(first(groq).usage.unwrap().completion, 4);
    let moonshot =
        r#"{"choices":[{"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":3}}]}"#;
    let verdict = later().judge(moonshot.as_bytes()).unwrap();
    assert!(verdict.end);
    assert_eq!(verdict.usage.unwrap().prompt, 3);
}

#[test]
fn thoughts_beside_an_empty_text_are_known_again_without_a_parse() {
    let event = |thought: &str| delta(&format!(r#"{{"content":"","reasoning":{thought}}}"#));
    let mut judge = Judge::default();
    assert!(judge.judge(event(r#""a""#).as_bytes()).unwrap().content);
    let is_known = |judge: &Judge, value: &str| {
        let words = judge
            .template
            .words(event(value).as_bytes(), <_>::default());
        words.is_some()
    };
    assert!(is_known(&judge, r#""so \"it\" is""#));
    for other in [r#""""#, "null", r#"["a"]"#] {
        assert!(!is_known(&judge, other), "{other}");
    }
    assert!(!judge.judge(event(r#""""#).as_bytes()).unwrap().content);
}

#[test]
fn an_error_is_an_error_before_content_and_after_it() {
    for (data, class) in [
        (
            r#"{"error":{"message":"x","code":"rate_limit_exceeded"}}"#,
            Class::RateLimited,
        ),
        (
            r#"{"error":{"message":"x","code":503},"choices":[{"delta":{"content":"a"}}]}"#,
            Class::Overloaded,
        ),
        (r#"{"error":"overloaded"}"#, Class::Overloaded),
        (
            r#"{"object":"error","message":"x","code":400}"#,
            Class::InvalidRequest,
        ),
        (
            r#"{"choices":[{"error":{"message":"x","code":500}}]}"#,
            Class::Server,
        ),
        (
            r#"{"choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}"#,
            Class::Quota,
        ),
        (
            r#"{"choices":[{"delta":{},"finish_reason":"network_error"}]}"#,
            Class::Server,
        ),
        (
            r#"{"choices":[{"delta":{"content":"a"},"finish_reason":"error"}]}"#,
            Class::Server,
        ),
        (
            r#"{"choices":[{"delta":{"content":"a"}}],"\u0065rror":{"code":429}}"#,
            Class::RateLimited,
        ),
        (
            r#"{"choices":[{"delta":{"content":"a"}}],"error" : {"code":429}}"#,
            Class::RateLimited,
        ),
    ] {
        let error = Judge::default().judge(data.as_bytes()).unwrap_err();
        assert_eq!(error.class(), class, "{data}");
        let error = later().judge(data.as_bytes()).unwrap_err();
        assert_eq!(error.class(), class, "{data}");
    }
}

#[test]
fn words_that_speak_of_errors_are_words() {
    for words in [
        r#"\"error\": {\"code\": 500}"#,
        "",
        "error",
        "usage",
        "finish_reason",
        r#"\"finish_reason\":\"stop\""#,
        r"\\",
        "[DONE]",
    ] {
        let data = delta(&format!(r#"{{"content":"{words}"}}"#));
        let verdict = later().judge(data.as_bytes()).unwrap();
        assert_eq!(verdict.content, !words.is_empty(), "{data}");
        assert!(!verdict.end && verdict.usage.is_none());
    }
}

#[test]
fn what_is_no_json_is_refused_before_content_and_handed_on_after_it() {
    let error = Judge::default().judge(br#"{"choices":["#).unwrap_err();
    assert_eq!(error.class(), Class::Server);
    let mut judge = later();
    assert!(judge.judge(br#"{"choices":["#).unwrap().content);
    assert!(!judge.is_complete());
}

#[test]
fn half_a_character_is_no_reason_to_refuse() {
    let mut data = delta(r#"{"content":"?"}"#).into_bytes();
    let at = data.iter().position(|b| *b == b'?').unwrap();
    data[at] = 0xC3;
    assert!(Judge::default().judge(&data).unwrap().content);
}

/// JSON with odd spaces, odd names and the names that count, in odd places.
fn events() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "error",
        "usage",
        "finish_reason",
        "content",
        "arguments",
        "delta",
        "choices",
        "x",
        "reasoning_content",
        r"\u0065rror",
        r"finish_re\u0061son",
        r"us\u0061ge",
    ]);
    let leaf = prop::sample::select(vec![
        "null",
        "\"\"",
        "\"a\"",
        "\"stop\"",
        "1",
        "{}",
        "[]",
        r#""\"error\":1""#,
        r#""usage""#,
        r#""\\""#,
        "{\"prompt_tokens\":1}",
        "false",
        r#""\"content\":\"a\"""#,
    ]);
    let space = prop::sample::select(vec!["", " ", "\n"]);
    let leaf = leaf.prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let field = (name.clone(), space.clone(), space.clone(), inner.clone())
            .prop_map(|(name, a, b, value)| format!("\"{name}\"{a}:{b}{value}"));
        prop_oneof![
            4 => prop::collection::vec(field, 0..4).prop_map(|all| format!("{{{}}}", all.join(","))),
            1 => prop::collection::vec(inner, 0..3).prop_map(|all| format!("[{}]", all.join(","))),
        ]
    })
}

/// An event as they are, in which some parts are odd.
fn likely_events() -> impl Strategy<Value = String> {
    (events(), events(), events()).prop_map(|(delta, reason, more)| {
        format!(r#"{{"choices":[{{"delta":{{"content":"a","x":{delta}}},"finish_reason":{reason}}}],"usage":{more}}}"#)
    })
}

/// Words between the same bytes, or between others.
fn words() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "",
        "a",
        r#"\""#,
        r"\\",
        r#"\\\""#,
        r"\\\\",
        r#"a\",\"error\":{}"#,
        r"\u00e9",
        "{}",
    ]);
    let more = prop::sample::select(vec!["null", "\"stop\"", "{\"prompt_tokens\":1}", "7"]);
    let tail = prop::sample::select(vec![
        "",
        r#","error":{"code":429}"#,
        r#","obfuscation":"x""#,
    ]);
    let field = prop::sample::select(vec![
        "content",
        "reasoning_content",
        "encrypted_content",
        "x",
    ]);
    (field, words, more.clone(), more, tail).prop_map(|(field, words, reason, usage, tail)| {
        format!(
            r#"{{"choices":[{{"delta":{{"{field}": "{words}"}},"finish_reason":{reason}}}],"usage":{usage}{tail}}}"#
        )
    })
}

proptest! {
    #[test]
    fn what_was_learned_never_changes_a_verdict(stream in prop::collection::vec(words(), 1..40)) {
        let mut judge = Judge::new(u32::MAX);
        for data in stream {
            // A judge that has learned nothing.
            let seen = look(data.as_bytes(), None).unwrap();
            let had_content = judge.has_content();
            match judge.judge(data.as_bytes()) {
                Err(_) => prop_assert!(seen.has_error),
                Ok(verdict) => {
                    prop_assert!(!seen.has_error);
                    let is_answer = !had_content && seen.is_reason_an_answer();
                    prop_assert_eq!(verdict.usage, seen.usage);
                    // Of a field that nobody knows, a search does not tell that it is no content.
                    let is_odd = data.contains("encrypted");
                    prop_assert!(is_odd || verdict.content == (seen.has_content || is_answer));
                }
            }
        }
    }

    #[test]
    fn the_search_never_hides_an_error_an_end_or_a_usage(
        data in prop_oneof![events(), likely_events()]
    ) {
        let seen = look(data.as_bytes(), None).unwrap();
        let verdict = later().judge(data.as_bytes());
        if seen.has_error {
            prop_assert!(verdict.is_err());
        } else if let Ok(verdict) = verdict {
            prop_assert_eq!(verdict.end, seen.finished > 0);
            prop_assert_eq!(verdict.usage, seen.usage);
            prop_assert!(verdict.content || !seen.has_content);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(data in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = Judge::default().judge(&data);
        let _ = later().judge(&data);
    }
}
