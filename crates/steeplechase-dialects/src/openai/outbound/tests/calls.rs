use serde_json::{Value, json};
use steeplechase_core::Class;

use super::{call_with, context, stream, write};
use crate::chat::{ReadAnswer, ToolInput};

fn delta(calls: Value) -> String {
    json!({"id": "c", "choices": [{"index": 0, "delta": {"tool_calls": calls}}]}).to_string()
}

fn finish() -> String {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}).to_string()
}

/// The calls of a stream: names, ids and what they are given.
fn calls(events: &[String]) -> Vec<(String, String, String)> {
    let (frames, failure) = stream(&context("openai", &json!({})), events);
    assert!(failure.is_none(), "{failure:?}");
    let mut calls: Vec<(String, String, String)> = Vec::new();
    let parts = frames
        .iter()
        .filter_map(|frame| frame["choices"][0]["delta"]["tool_calls"].get(0).cloned());
    for part in parts {
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        if part.get("id").is_some() {
            let name = text(&part["function"]["name"]);
            calls.push((name, text(&part["id"]), String::new()));
        }
        let index = usize::try_from(part["index"].as_u64().unwrap()).unwrap();
        calls[index]
            .2
            .push_str(&text(&part["function"]["arguments"]));
    }
    calls
}

#[test]
fn a_call_without_a_name_for_itself_gets_one() {
    let found = calls(&[
        delta(json!([{"index": 0, "function": {"name": "f", "arguments": "{}"}}])),
        delta(json!([{"index": 1, "id": "", "function": {"name": "g", "arguments": ""}}])),
        finish(),
    ]);
    assert_eq!((&*found[0].0, &*found[0].2), ("f", "{}"));
    assert_eq!((&*found[1].0, &*found[1].2), ("g", "{}"), "given nothing");
    let fresh = |id: &str| id.len() == 29 && id.starts_with("call_");
    assert!(fresh(&found[0].1) && fresh(&found[1].1) && found[0].1 != found[1].1);
}

#[test]
fn another_name_in_each_part_does_not_make_another_call() {
    let found = calls(&[
        delta(json!([{"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}}])),
        delta(json!([{"index": 0, "id": "b", "function": {"arguments": "{\"x\""}}])),
        delta(json!([{"index": 0, "id": "c", "function": {"name": "", "arguments": ":1}"}}])),
        finish(),
    ]);
    assert_eq!(found, [("f".into(), "a".into(), "{\"x\":1}".into())]);
}

#[test]
fn a_call_that_never_says_what_it_calls_is_none() {
    let (frames, failure) = stream(
        &context("openai", &json!({})),
        &[
            delta(json!([{"index": 0, "id": "a", "function": {"arguments": "{}"}}])),
            finish(),
        ],
    );
    assert!(failure.is_none());
    let reasons = frames
        .iter()
        .filter_map(|frame| frame["choices"][0]["finish_reason"].as_str());
    assert_eq!(
        reasons.collect::<Vec<_>>(),
        ["stop"],
        "nothing is waited for"
    );
}

#[test]
fn a_call_in_the_old_way_is_one() {
    let old = |call: Value| {
        json!({"choices": [{"index": 0, "delta": {"function_call": call}}]}).to_string()
    };
    let found = calls(&[
        old(json!({"name": "f", "arguments": ""})),
        old(json!({"arguments": "{\"a\""})),
        old(json!({"arguments": ":1}"})),
        finish(),
    ]);
    assert_eq!((&*found[0].0, &*found[0].2), ("f", "{\"a\":1}"));
}

#[test]
fn free_text_is_taken_out_of_its_object_where_there_are_only_functions() {
    let tools = json!({"tools": [{"type": "custom", "custom": {"name": "patch"}}]});
    let sent = super::body("hosted_vllm", "m", &call_with(&tools));
    assert_eq!(
        sent["tools"][0]["function"]["parameters"]["required"],
        json!(["input"])
    );
    let context = context("hosted_vllm", &tools);
    let (frames, failure) = stream(
        &context,
        &[
            delta(
                json!([{"index": 0, "id": "a", "function": {"name": "patch", "arguments": "{\"input\":"}}]),
            ),
            delta(json!([{"index": 0, "function": {"arguments": "\"*** \\n\"}"}}])),
            finish(),
        ],
    );
    assert!(failure.is_none());
    let parts: Vec<_> = frames
        .iter()
        .filter_map(|frame| frame["choices"][0]["delta"]["tool_calls"].get(0))
        .collect();
    assert_eq!(parts[0]["type"], "custom");
    assert_eq!(parts[1]["custom"]["input"], "*** \n");

    let whole = json!({"choices": [{"message": {"tool_calls": [
        {"id": "a", "type": "function", "function": {"name": "patch", "arguments": "{\"input\":\"x\"}"}},
        {"id": "b", "type": "function", "function": {"name": "patch", "arguments": "not so"}}]}}]});
    let answer = context.read(whole.to_string().as_bytes()).unwrap();
    let inputs = answer.choices[0]
        .tool_calls
        .iter()
        .map(|call| match &call.input {
            ToolInput::Custom(input) => input.as_str(),
            ToolInput::Function(_) => "function",
        });
    assert_eq!(inputs.collect::<Vec<_>>(), ["x", "not so"]);
}

#[test]
fn free_text_is_free_text_for_who_has_it() {
    let call = json!({
        "tools": [{"type": "custom", "custom": {"name": "patch", "format": {"type": "grammar",
                   "grammar": {"syntax": "lark", "definition": "start: x"}}}}],
        "tool_choice": {"type": "custom", "custom": {"name": "patch"}},
        "messages": [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "tool_calls": [{"id": "a", "type": "custom", "custom": {"name": "patch", "input": "x"}}]},
            {"role": "tool", "tool_call_id": "a", "content": "ok"}],
    });
    let sent = super::body("openai", "gpt-5", &call);
    assert_eq!(sent["tools"], call["tools"]);
    assert_eq!(sent["tool_choice"], call["tool_choice"]);
    assert_eq!(
        sent["messages"][1]["tool_calls"],
        call["messages"][1]["tool_calls"]
    );
    let error = write("groq", "m", &call).unwrap_err();
    assert_eq!(error.param(), Some("tools[0].custom.format"));
}

#[test]
fn more_calls_than_anybody_makes_are_a_failure() {
    let many: Vec<_> = (0..200)
        .map(|index| {
            delta(json!([{"index": index, "id": format!("c{index}"), "function": {"name": "f"}}]))
        })
        .collect();
    let (_, failure) = stream(&context("openai", &json!({})), &many);
    assert_eq!(failure.unwrap().class(), Class::Server);
}

#[test]
fn several_answers_are_complete_when_all_of_them_are() {
    let context = context("openai", &json!({"n": 2}));
    let said = |index: usize, reason: Value| {
        let choice = json!({"index": index, "delta": {"content": "x"}, "finish_reason": reason});
        json!({"choices": [choice]}).to_string()
    };
    let one = [said(0, json!("stop")), said(1, Value::Null)];
    assert_eq!(stream(&context, &one).1.unwrap().class(), Class::Truncated);
    let both = [said(0, json!("stop")), said(1, json!("length"))];
    let (frames, failure) = stream(&context, &both);
    assert!(failure.is_none());
    assert_eq!(frames.last().unwrap(), "[DONE]");
}
