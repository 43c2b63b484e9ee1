use serde_json::{Value, json};
use steeplechase_core::Class;

use super::super::{read_answer, unroll};
use crate::chat::tests::chunks::{assert_grammar, frames};

fn unrolled(answer: &Value, include_usage: bool) -> Vec<Value> {
    let stream = unroll(answer.to_string().as_bytes(), include_usage).unwrap();
    let frames = frames(&stream);
    assert_grammar(&frames, include_usage);
    frames
}

#[test]
fn an_answer_becomes_a_role_what_it_says_and_its_end() {
    let answer = json!({
        "id": "c-1", "object": "chat.completion", "created": 7, "model": "m", "system_fingerprint": "f",
        "choices": [{"index": 0, "finish_reason": "stop", "logprobs": {"content": []}, "odd": 1,
            "message": {"role": "assistant", "content": "Bergen", "refusal": null, "mood": "calm"}}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
    });
    let chunk = |choices: Value, usage: Value| {
        json!({
            "id": "c-1", "object": "chat.completion.chunk", "created": 7, "model": "m",
            "system_fingerprint": "f", "usage": usage, "choices": choices,
        })
    };
    let said = |delta: Value, logprobs: Value| json!([{"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": null}]);
    let role = json!({"role": "assistant", "content": "", "refusal": null});
    let words = json!({"content": "Bergen", "mood": "calm"});
    let end =
        json!([{"index": 0, "delta": {}, "logprobs": null, "finish_reason": "stop", "odd": 1}]);
    let wanted = [
        chunk(said(role, Value::Null), Value::Null),
        chunk(said(words, json!({"content": []})), Value::Null),
        chunk(end, Value::Null),
        chunk(json!([]), answer["usage"].clone()),
        json!("[DONE]"),
    ];
    assert_eq!(unrolled(&answer, true), wanted);
    let bare = unrolled(&answer, false);
    assert_eq!(bare.len(), 4);
    assert!(bare.iter().all(|chunk| chunk.get("usage").is_none()));
}

#[test]
fn calls_are_counted_in_each_choice() {
    let call = |id: &str| {
        json!({"id": id, "type": "function",
               "function": {"name": "look", "arguments": "{\"at\":7}"}})
    };
    let choice = |index: u8, calls: Value| {
        json!({"index": index, "finish_reason": "tool_calls",
               "message": {"role": "assistant", "content": null, "tool_calls": calls}})
    };
    let answer = json!({"id": "c", "created": 7, "model": "m", "choices": [
        choice(0, json!([call("a"), call("b")])), choice(1, json!([call("c")]))]});
    let frames = unrolled(&answer, false);
    let calls: Vec<_> = frames
        .iter()
        .filter_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"].as_array())
        .flatten()
        .map(|call| (&call["index"], &call["id"], &call["function"]["arguments"]))
        .collect();
    let args = &json!("{\"at\":7}");
    assert_eq!(
        calls,
        [
            (&json!(0), &json!("a"), args),
            (&json!(1), &json!("b"), args),
            (&json!(0), &json!("c"), args),
        ]
    );
}

#[test]
fn a_name_and_a_time_that_are_missing_are_the_same_in_all_chunks() {
    for id in [Value::Null, json!("")] {
        let answer = json!({"id": id, "model": "m", "choices": [
            {"message": {"content": "a"}, "finish_reason": "length"}]});
        let frames = unrolled(&answer, false);
        assert!(frames[0]["id"].as_str().unwrap().starts_with("chatcmpl-"));
        assert!(frames[0]["created"].as_u64().unwrap() > 0);
        for chunk in &frames[..3] {
            assert_eq!(chunk["id"], frames[0]["id"]);
            assert_eq!(chunk["created"], frames[0]["created"]);
        }
    }
}

#[test]
fn an_end_and_a_usage_are_never_made_up() {
    let answer = json!({"id": "c", "created": 7, "model": "m", "usage": null,
                        "choices": [{"message": {"content": "a"}, "finish_reason": null}, 7]});
    let stream = unroll(answer.to_string().as_bytes(), true).unwrap();
    let frames = frames(&stream);
    assert_eq!(frames.len(), 3);
    assert!(
        frames[..2]
            .iter()
            .all(|chunk| chunk["choices"][0]["finish_reason"].is_null())
    );
}

#[test]
fn what_is_no_answer_is_the_providers_failure() {
    for answer in ["", "7", "[]", "{}", r#"{"choices":null}"#] {
        let error = unroll(answer.as_bytes(), false).unwrap_err();
        assert_eq!(error.class(), Class::Server, "{answer}");
    }
}

#[test]
fn half_a_surrogate_pair_does_not_lose_the_answer() {
    let answer = br#"{"choices":[{"message":{"content":"a\ud83d"},"finish_reason":"stop"}]}"#;
    assert!(read_answer(answer.to_vec().into()).unwrap().is_content());
    let stream = unroll(answer, false).unwrap();
    assert_eq!(
        frames(&stream)[1]["choices"][0]["delta"]["content"],
        "a\u{fffd}"
    );
}
