use serde_json::json;
use steeplechase_core::Usage;

use super::*;
use crate::chat::{Annotation, FinishReason, ThinkingPatch};
use crate::responses::seal::Sealed;

const START: Event<'_> = Event::Start {
    id: "c1",
    model: "m",
};
const FINISH: Event<'_> = Event::Finish {
    choice: 0,
    reason: FinishReason::ToolCalls,
    native: None,
};

/// The types of the events of thoughts, words and a call.
const ALL_THREE: [&str; 19] = [
    "created",
    "in_progress",
    "output_item.added",
    "reasoning_summary_part.added",
    "reasoning_summary_text.delta",
    "reasoning_summary_text.done",
    "reasoning_summary_part.done",
    "output_item.done",
    "output_item.added",
    "content_part.added",
    "output_text.delta",
    "output_text.done",
    "content_part.done",
    "output_item.done",
    "output_item.added",
    "function_call_arguments.delta",
    "function_call_arguments.done",
    "output_item.done",
    "completed",
];

fn text(text: &str) -> Event<'_> {
    Event::Text { choice: 0, text }
}

fn call<'a>(tool: u64, id: &'a str, name: &'a str) -> Event<'a> {
    Event::ToolStart {
        choice: 0,
        tool,
        id,
        name,
        is_custom: false,
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

#[test]
fn thoughts_words_and_a_call_are_items_one_after_the_other() {
    let thought = Event::Reasoning {
        choice: 0,
        text: "hm",
    };
    let usage = Usage {
        prompt: 8,
        completion: 5,
        cache_read: 3,
        reasoning: 2,
        ..Usage::default()
    };
    let events = written(
        true,
        &[
            START,
            thought,
            thinking(0, ThinkingPatch::Signature("Sg1")),
            text("Hi"),
            call(0, "call_1", "f"),
            args(0, "{\"q\":1}"),
            Event::ToolEnd { choice: 0, tool: 0 },
            FINISH,
            Event::Usage(usage),
            Event::End,
        ],
    );
    assert_eq!(types(&events), ALL_THREE);
    // A seal that comes after a text without one is on that text.
    let sealed = events[7]["item"]["encrypted_content"].as_str().unwrap();
    let (sealed, by) = Sealed::read(sealed).unwrap();
    assert_eq!(by, Dialect::Anthropic);
    assert_eq!(sealed.blocks, [seals::block("hm", "Sg1")]);
    assert_eq!(
        events[18]["response"]["usage"],
        json!({
            "input_tokens": 8,
            "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 0},
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 2},
            "total_tokens": 13,
        })
    );
}

#[test]
fn calls_that_come_at_once_are_told_as_they_come() {
    let events = written(
        false,
        &[
            START,
            call(7, "a", "f"),
            call(3, "b", "g"),
            args(3, "{}"),
            args(7, "[]"),
            FINISH,
            Event::End,
        ],
    );
    let of = |kind: &str| {
        let events = events.iter().filter(|event| event["type"] == kind);
        events
            .map(|event| event["output_index"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("response.output_item.added"), [0, 1]);
    assert_eq!(of("response.function_call_arguments.delta"), [1, 0]);
    assert_eq!(of("response.output_item.done"), [0, 1]);
    let output = &events.last().unwrap()["response"]["output"];
    assert_eq!(output[0]["arguments"], "[]");
    assert_eq!(output[1]["arguments"], "{}");
}

#[test]
fn a_seal_on_a_call_is_carried_by_an_item_before_it() {
    let sealed_call = Event::ToolStart {
        choice: 0,
        tool: 0,
        id: "c1",
        name: "f",
        is_custom: false,
        signature: Some("Gs1"),
    };
    for sealed in [true, false] {
        let events = written(sealed, &[START, sealed_call, FINISH, Event::End]);
        let output = events.last().unwrap()["response"]["output"]
            .as_array()
            .unwrap();
        let kinds: Vec<_> = output
            .iter()
            .map(|item| item["type"].as_str().unwrap())
            .collect();
        if !sealed {
            assert_eq!(kinds, ["function_call"]);
            continue;
        }
        assert_eq!(kinds, ["reasoning", "function_call"]);
        let carried = output[0]["encrypted_content"].as_str().unwrap();
        let calls = Sealed::read(carried).unwrap().0.calls;
        assert_eq!(calls, [("c1".to_owned(), "Gs1".to_owned())]);
    }
}

#[test]
fn text_after_a_call_is_another_message_while_the_call_goes_on() {
    let events = written(
        false,
        &[
            START,
            text("a"),
            call(0, "c", "f"),
            text("b"),
            args(0, "{}"),
            FINISH,
            Event::End,
        ],
    );
    let output = events.last().unwrap()["response"]["output"]
        .as_array()
        .unwrap();
    let said: Vec<_> = output
        .iter()
        .map(|item| &item["content"][0]["text"])
        .collect();
    assert_eq!(said, [&json!("a"), &json!(null), &json!("b")]);
    assert_eq!(output[1]["arguments"], "{}");
}

#[test]
fn citations_are_counted_from_the_start_of_their_part() {
    let annotation = &Annotation {
        start: 5,
        end: 7,
        url: "https://a.example".into(),
        title: None,
    };
    let cited = Event::Annotation {
        choice: 0,
        annotation,
    };
    let first = Event::Annotation {
        choice: 0,
        annotation,
    };
    let events = written(
        false,
        // Before there is a text there is no place for one.
        &[
            START,
            first,
            text("grüß!"),
            call(0, "c", "f"),
            text("ab"),
            cited,
            FINISH,
            Event::End,
        ],
    );
    let output = &events.last().unwrap()["response"]["output"];
    assert_eq!(output[0]["content"][0]["annotations"], json!([]));
    let there = &output[2]["content"][0]["annotations"][0];
    assert_eq!(
        (&there["start_index"], &there["end_index"]),
        (&json!(0), &json!(2))
    );
    assert_eq!(there["title"], "");
}

#[test]
fn probabilities_are_told_with_the_text() {
    let raw = r#"{"content":[{"token":"Hi","logprob":-0.1,"bytes":[72,105],"top_logprobs":[]}],"refusal":null}"#;
    let logprobs: &serde_json::value::RawValue = serde_json::from_str(raw).unwrap();
    let weighed = Event::Logprobs {
        choice: 0,
        logprobs,
    };
    let events = written(
        false,
        &[START, weighed, text("Hi"), weighed, FINISH, Event::End],
    );
    let deltas: Vec<_> = events
        .iter()
        .filter(|it| it["type"] == "response.output_text.delta")
        .collect();
    assert_eq!(deltas.len(), 2);
    assert_eq!(
        (&deltas[0]["delta"], &deltas[1]["delta"]),
        (&json!("Hi"), &json!(""))
    );
    assert_eq!(deltas[1]["logprobs"][0]["token"], "Hi");
    let part = &events.last().unwrap()["response"]["output"][0]["content"][0];
    assert_eq!(part["logprobs"][0]["logprob"], -0.1);
}

#[test]
fn no_end_is_made_up_and_nothing_comes_after_one() {
    let events = written(false, &[START, text("a"), Event::End, text("b"), FINISH]);
    assert_eq!(types(&events).last(), Some(&"output_text.delta"));
    let events = written(
        false,
        &[
            START,
            FINISH,
            text("a"),
            call(0, "c", "f"),
            FINISH,
            Event::End,
            Event::End,
        ],
    );
    assert_eq!(types(&events), ["created", "in_progress", "completed"]);
}

#[test]
fn other_answers_than_the_first_have_no_place() {
    let other = Event::Text {
        choice: 1,
        text: "b",
    };
    let events = written(false, &[START, other, text("a"), FINISH, Event::End]);
    assert_eq!(
        events.last().unwrap()["response"]["output"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
