use bytes::BytesMut;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;
use steeplechase_core::Usage;

use super::call_with;
use super::grammar::events;
use super::grammar::message;
use super::read;
use crate::anthropic::caller::Encoder;
use crate::chat::Annotation;
use crate::chat::Encode;
use crate::chat::Event;
use crate::chat::FinishReason;
use crate::chat::ThinkingPatch;

const CITED: &Annotation = &Annotation {
    start: 0,
    end: 1,
    url: String::new(),
    title: None,
};

fn encoder() -> Encoder {
    Encoder::new(&read(&call_with(&json!({}))).unwrap())
}

fn text(text: &str) -> Event<'_> {
    Event::Text { choice: 0, text }
}

fn start(tool: u64, is_custom: bool) -> Event<'static> {
    Event::ToolStart {
        choice: 0,
        tool,
        id: "c.1",
        name: "f",
        is_custom,
        signature: None,
    }
}

fn args(tool: u64, fragment: &str) -> Event<'_> {
    Event::ToolArgs {
        choice: 0,
        tool,
        fragment,
    }
}

fn thinking(block: u64, patch: ThinkingPatch<'_>) -> Event<'_> {
    Event::Thinking {
        choice: 0,
        block,
        patch,
    }
}

fn finish(reason: FinishReason) -> Event<'static> {
    Event::Finish {
        choice: 0,
        reason,
        native: None,
    }
}

/// The message that becomes of events, put together.
fn told(list: &[Event<'_>]) -> Value {
    let mut encoder = encoder();
    let mut out = BytesMut::new();
    for event in list {
        encoder.write(*event, &mut out);
    }
    message(&events(&out)).unwrap()
}

#[test]
fn an_end_is_never_made_up() {
    let told = told(&[text("half"), Event::End]);
    assert_eq!(told["stop_reason"], Value::Null);
    assert_eq!(told["content"], json!([{"type": "text", "text": "half"}]));
    assert_eq!(told["is_over"], true, "who decodes says that it is over");
}

#[test]
fn free_text_is_the_only_field_of_an_object() {
    let told = told(&[
        start(3, true),
        args(3, "a \"b\""),
        args(3, "\n\u{1f40e}"),
        finish(FinishReason::ToolCalls),
        Event::End,
    ]);
    let call = &told["content"][0];
    assert_eq!(call["input"], json!({"input": "a \"b\"\n\u{1f40e}"}));
    assert!(call["id"].as_str().unwrap().starts_with("c_1_"));
    assert_eq!(told["stop_reason"], "tool_use");
}

#[test]
fn a_call_ends_when_its_input_does_and_the_next_one_streams() {
    let mut encoder = encoder();
    let mut out = BytesMut::new();
    for event in [
        start(1, false),
        args(1, "{\"a\":\"}\\\"\"}"),
        start(2, false),
    ] {
        encoder.write(event, &mut out);
    }
    out.clear();
    assert!(encoder.write(args(2, "{\"b\""), &mut out), "it is not held");
    assert!(
        std::str::from_utf8(&out)
            .unwrap()
            .contains("input_json_delta")
    );
}

#[test]
fn thoughts_go_on_in_one_block_until_they_are_sealed() {
    let told = told(&[
        Event::Reasoning {
            choice: 0,
            text: "h",
        },
        thinking(0, ThinkingPatch::Text("m")),
        thinking(0, ThinkingPatch::Signature("S")),
        thinking(0, ThinkingPatch::Text("again")),
        thinking(1, ThinkingPatch::Signature("T")),
        finish(FinishReason::Stop),
        Event::End,
    ]);
    let block =
        |text: &str, seal: &str| json!({"type": "thinking", "thinking": text, "signature": seal});
    let wanted = json!([block("hm", "S"), block("again", ""), block("", "T")]);
    assert_eq!(told["content"], wanted);
}

#[test]
fn the_text_at_which_it_ended_is_told_if_it_can_only_be_one() {
    for (stops, told) in [(json!(["A"]), json!("A")), (json!(["A", "B"]), Value::Null)] {
        let call = read(&call_with(&json!({"stop_sequences": stops}))).unwrap();
        let mut encoder = Encoder::new(&call);
        let mut out = BytesMut::new();
        let native = Some("stop_sequence");
        let reason = FinishReason::Stop;
        encoder.write(
            Event::Finish {
                choice: 0,
                reason,
                native,
            },
            &mut out,
        );
        encoder.write(Event::End, &mut out);
        let message = message(&events(&out)).unwrap();
        assert_eq!(message["stop_reason"], "stop_sequence");
        assert_eq!(message["stop_sequence"], told);
    }
}

#[test]
fn what_waits_is_bounded() {
    let mut encoder = encoder();
    let mut out = BytesMut::new();
    encoder.write(start(1, false), &mut out);
    encoder.write(args(1, "{"), &mut out);
    let long = "x".repeat(1 << 20);
    let mut written = false;
    for _ in 0..10 {
        written |= encoder.write(text(&long), &mut out);
    }
    assert!(written, "it goes on without what it waited for");
    encoder.write(finish(FinishReason::Stop), &mut out);
    encoder.write(Event::End, &mut out);
    assert!(message(&events(&out)).is_some());
}

fn any_event() -> impl Strategy<Value = Event<'static>> {
    let choice = prop_oneof![8 => Just(0_usize), 1 => Just(1_usize)];
    let number = 0_u64..4;
    let words = prop_oneof![Just(""), Just("x"), Just("\"\\\n\u{1f600}")];
    let json = prop_oneof![
        Just(""),
        Just("{"),
        Just("\"k\":\"}"),
        Just("\"}"),
        Just("{}"),
        Just(" ")
    ];
    let reason = prop_oneof![
        Just(FinishReason::Stop),
        Just(FinishReason::ToolCalls),
        Just(FinishReason::ContentFilter)
    ];
    (choice, number, words, json, reason, any::<bool>(), 0..18).prop_map(
        |(choice, number, text, fragment, reason, flag, kind)| match kind {
            0 | 1 => Event::Text { choice, text },
            2 => Event::Reasoning { choice, text },
            3 => Event::Refusal { choice, text },
            4 | 5 => Event::ToolStart {
                choice,
                tool: number,
                id: if flag { "c/1" } else { "" },
                name: "f",
                is_custom: flag,
                signature: flag.then_some("a+="),
            },
            6..=9 => Event::ToolArgs {
                choice,
                tool: number,
                fragment,
            },
            10 | 11 => Event::ToolEnd {
                choice,
                tool: number,
            },
            12 | 13 => Event::Thinking {
                choice,
                block: number,
                patch: if flag {
                    ThinkingPatch::Text(text)
                } else {
                    ThinkingPatch::Signature("S")
                },
            },
            14 => Event::Thinking {
                choice,
                block: number,
                patch: ThinkingPatch::Redacted("D"),
            },
            15 => Event::Annotation {
                choice,
                annotation: CITED,
            },
            16 if flag => Event::Finish {
                choice,
                reason,
                native: Some("pause_turn"),
            },
            16 => Event::Start {
                id: "i",
                model: "n",
            },
            _ => Event::Usage(Usage {
                prompt: 3,
                cache_read: 9,
                ..Usage::default()
            }),
        },
    )
}

/// All of the text that events of the first choice say.
fn words(events: &[Event<'_>]) -> String {
    let until = events
        .iter()
        .position(|event| matches!(event, Event::Finish { choice: 0, .. }));
    let said = events[..until.unwrap_or(events.len())].iter();
    said.filter_map(|event| match event {
        Event::Text { choice: 0, text } | Event::Refusal { choice: 0, text } => Some(*text),
        _ => None,
    })
    .collect()
}

proptest! {
    #[test]
    fn whatever_comes_the_grammar_is_kept_and_no_word_is_lost(
        list in prop::collection::vec(any_event(), 0..60),
        ends in any::<bool>(),
    ) {
        let mut encoder = encoder();
        let mut out = BytesMut::new();
        for event in &list {
            let before = out.len();
            let content = encoder.write(*event, &mut out);
            prop_assert!(!content || out.len() > before);
        }
        if ends {
            encoder.write(Event::End, &mut out);
        }
        let message = message(&events(&out));
        if let Some(message) = message {
            prop_assert_eq!(message["is_over"].as_bool(), Some(ends));
            if ends {
                let blocks = message["content"].as_array().unwrap().iter();
                let told: String = blocks.filter_map(|block| block["text"].as_str()).collect();
                prop_assert_eq!(told, words(&list));
            }
        } else {
            prop_assert!(!ends);
        }
        let len = out.len();
        if ends {
            encoder.write(text("late"), &mut out);
            prop_assert_eq!(out.len(), len, "nothing is written after the end");
        }
    }
}
