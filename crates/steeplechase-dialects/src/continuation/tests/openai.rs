use serde_json::json;
use steeplechase_core::{Class, Dialect};

use super::*;

fn chunk(id: &str, delta: &Value, finish: Option<&str>) -> Chunk {
    let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish});
    let chunk = json!({
        "id": id, "object": "chat.completion.chunk", "created": 5, "model": format!("m-{id}"),
        "choices": [choice], "usage": null,
    });
    frame(format!("data: {chunk}\n\n"))
}

/// A seam after these words of a first part, and the call for the rest.
fn after(words: &[&str]) -> Seam {
    let call = plain(
        Dialect::OpenAi,
        r#","stream_options":{"include_usage":true}"#,
    );
    let mut seam = Seam::watch(&call).unwrap();
    let role = json!({"role": "assistant", "content": "", "refusal": null});
    assert!(seam.hear(&chunk("one", &role, None)));
    for words in words {
        assert!(seam.hear(&chunk("one", &json!({"content": words}), None)));
    }
    seam.call(&call).unwrap();
    seam
}

#[test]
fn the_rest_has_the_name_of_the_answer_and_no_second_start() {
    let mut seam = after(&["The capital ", "of Fra"]);
    let joined = join(
        &mut seam,
        [
            chunk("two", &json!({"role": "assistant", "content": ""}), None),
            chunk("two", &json!({"content": "of Fra"}), None),
            chunk("two", &json!({"content": "nce is Paris"}), None),
            chunk("two", &json!({}), Some("stop")),
            Chunk::end(Bytes::from_static(b"data: [DONE]\n\n")),
        ],
    );
    assert_eq!(&joined.last().unwrap().data()[..], b"data: [DONE]\n\n");
    assert!(joined.last().unwrap().is_end());
    let events = events(&joined);
    assert_eq!(events.len(), 2);
    for event in &events {
        assert_eq!(
            (&event["id"], &event["model"]),
            (&json!("one"), &json!("m-one"))
        );
        assert_eq!(event["created"], 5);
        assert!(event["choices"][0]["delta"].get("role").is_none());
    }
    assert_eq!(events[0]["choices"][0]["delta"]["content"], "nce is Paris");
    assert_eq!(events[1]["choices"][0]["finish_reason"], "stop");
}

#[test]
fn what_was_held_back_comes_before_the_end() {
    let mut seam = after(&["Hello, wor"]);
    let role_and_start = chunk("two", &json!({"role": "assistant", "content": "wo"}), None);
    assert!(seam.join(role_and_start).unwrap().is_none());
    let end = chunk("two", &json!({}), Some("stop"));
    let joined = events(&join(&mut seam, [end]));
    assert_eq!(joined[0]["choices"][0]["delta"]["content"], "wo");

    // The same without a reason for the end.
    let mut seam = after(&["Hello, wor"]);
    let done = frame("data: [DONE]\n\n");
    let start = chunk("two", &json!({"content": "wo"}), None);
    let joined = events(&join(&mut seam, [start, done]));
    assert_eq!(joined[0]["choices"][0]["delta"]["content"], "wo");
    assert_eq!(joined[0]["id"], "one");
}

#[test]
fn the_usage_is_that_of_both_parts() {
    let mut seam = after(&["Over the hedge, over the hill, and far away"]);
    let counts = json!({"prompt_tokens": 30, "completion_tokens": 9, "total_tokens": 39, "x": 1});
    let last = json!({"id": "two", "choices": [], "usage": counts});
    let last = frame(format!("data: {last}\n\n")).and_usage(usage(30, 9));
    let joined = join(&mut seam, [last]);
    let told = joined[0].usage().unwrap();
    assert!(told.is_estimated && told.prompt > 30 && told.completion > 9 + 5);
    let event = &events(&joined)[0];
    assert_eq!(event["usage"]["prompt_tokens"], told.prompt);
    assert_eq!(event["usage"]["completion_tokens"], told.completion);
    assert_eq!(event["usage"]["total_tokens"], told.total());
    assert_eq!(event["usage"]["x"], 1, "what is not known stays");
}

#[test]
fn an_answer_that_is_not_only_text_or_has_ended_is_not_continued() {
    let open = |delta: Value| chunk("one", &delta, None);
    let logprobs = json!({"choices": [{"index": 0, "delta": {}, "logprobs": {"content": []}}]});
    let second = json!({"choices": [{"index": 1, "delta": {"content": "x"}}]});
    for (chunk, plain) in [
        (
            open(json!({"content": "x", "tool_calls": [], "refusal": null})),
            true,
        ),
        (frame(": a comment\n\n"), true),
        (
            frame("data: {\"choices\":[],\"prompt_filter_results\":[{}]}\n\n"),
            true,
        ),
        (open(json!({"tool_calls": [{"index": 0}]})), false),
        (open(json!({"reasoning_content": "hm"})), false),
        (open(json!({"reasoning": "hm"})), false),
        (open(json!({"refusal": "no"})), false),
        (open(json!({"audio": {"id": "a"}})), false),
        (open(json!({"images": [{}]})), false),
        (open(json!({"annotations": [{}]})), false),
        (frame(format!("data: {logprobs}\n\n")), false),
        (frame(format!("data: {second}\n\n")), false),
        (frame("data: {\"object\":\"x\"}\n\n"), false),
        (frame("data: nonsense\n\n"), false),
        (chunk("one", &json!({}), Some("stop")), false),
        (frame("data: [DONE]\n\n"), false),
        (Chunk::end(Bytes::new()), false),
    ] {
        let mut seam = Seam::watch(&super::plain(Dialect::OpenAi, "")).unwrap();
        let text = String::from_utf8_lossy(chunk.data()).into_owned();
        assert_eq!(seam.hear(&chunk), plain, "{text}");
    }
}

#[test]
fn a_rest_that_is_no_json_is_an_error() {
    let mut seam = after(&["Over"]);
    let error = seam.join(frame("data: nonsense\n\n")).unwrap_err();
    assert_eq!(error.class(), Class::Server);
}

#[test]
fn several_events_in_a_frame_are_several_events() {
    let call = plain(Dialect::OpenAi, "");
    let mut seam = Seam::watch(&call).unwrap();
    let both = ["Over ", "the"].map(|words| chunk("one", &json!({"content": words}), None));
    let both = both.map(|chunk| String::from_utf8(chunk.data().to_vec()).unwrap());
    assert!(seam.hear(&frame(both.concat())));
    let rest = seam.call(&call).unwrap();
    assert!(rest.raw().ends_with(br#""content":"Over the"}]}"#));
    let joined = events(&join(
        &mut seam,
        [frame(both.concat().replace("Over", "x"))],
    ));
    assert_eq!(joined.len(), 2);
}
