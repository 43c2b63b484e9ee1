use serde_json::json;
use steeplechase_core::Dialect;

use super::*;

fn event(event: &Value) -> Chunk {
    let name = event["type"].as_str().unwrap();
    frame(format!("event: {name}\ndata: {event}\n\n"))
}

fn start(id: &str, input: u64) -> Chunk {
    let counts = json!({"input_tokens": input, "output_tokens": 1});
    let message = json!({"id": id, "type": "message", "content": [], "usage": counts});
    event(&json!({"type": "message_start", "message": message})).and_usage(usage(input, 1))
}

fn block(index: u64, kind: &str) -> Chunk {
    let block = json!({"type": kind, "text": ""});
    event(&json!({"type": "content_block_start", "index": index, "content_block": block}))
}

fn words(index: u64, text: &str) -> Chunk {
    let delta = json!({"type": "text_delta", "text": text});
    event(&json!({"type": "content_block_delta", "index": index, "delta": delta}))
}

fn stop(index: u64) -> Chunk {
    event(&json!({"type": "content_block_stop", "index": index}))
}

fn end(output: u64) -> Vec<Chunk> {
    let delta = json!({"stop_reason": "end_turn", "stop_sequence": null});
    let last = json!({"type": "message_delta", "delta": delta, "usage": {"output_tokens": output}});
    vec![
        event(&last).and_end().and_usage(usage(0, output)),
        event(&json!({"type": "message_stop"})).and_end(),
    ]
}

/// A seam after a first part, and the call for the rest.
fn after(first: impl IntoIterator<Item = Chunk>) -> Seam {
    let call = plain(Dialect::Anthropic, r#","max_tokens":100"#);
    let mut seam = Seam::watch(&call).unwrap();
    for chunk in first {
        assert!(seam.hear(&chunk));
    }
    let rest = seam.call(&call).unwrap();
    assert!(rest.raw().starts_with(br#"{"model":"fast""#));
    seam
}

fn rest(text: &[&str]) -> Vec<Chunk> {
    let mut rest = vec![start("two", 40), block(0, "text")];
    rest.extend(text.iter().map(|text| words(0, text)));
    rest.push(stop(0));
    rest.extend(end(7));
    rest
}

fn shape(events: &[Value]) -> Vec<String> {
    let shape = events.iter().map(|event| {
        let text = event["delta"]["text"].as_str().unwrap_or("");
        format!(
            "{} {} {text}",
            event["type"].as_str().unwrap(),
            event["index"]
        )
    });
    shape.collect()
}

#[test]
fn the_rest_goes_on_in_the_block_that_is_open() {
    let mut seam = after([
        start("one", 30),
        block(0, "text"),
        event(&json!({"type": "ping"})),
        words(0, "The capital of Fra"),
    ]);
    let joined = join(&mut seam, rest(&["of Fra", "nce"]));
    assert_eq!(
        shape(&events(&joined)),
        [
            "content_block_delta 0 nce",
            "content_block_stop 0 ",
            "message_delta null ",
            "message_stop null ",
        ]
    );
}

#[test]
fn the_rest_has_a_block_of_its_own_if_the_last_one_has_ended() {
    let mut seam = after([
        start("one", 30),
        block(0, "text"),
        words(0, "One."),
        stop(0),
    ]);
    let joined = join(&mut seam, rest(&["Two."]));
    assert_eq!(
        shape(&events(&joined))[..3],
        [
            "content_block_start 1 ",
            "content_block_delta 1 Two.",
            "content_block_stop 1 ",
        ]
    );
}

#[test]
fn a_rest_of_another_kind_closes_the_block_and_goes_on_counting() {
    let mut seam = after([start("one", 30), block(0, "text"), words(0, "One.")]);
    let joined = join(
        &mut seam,
        [
            start("two", 40),
            block(0, "thinking"),
            stop(0),
            block(1, "text"),
            stop(1),
        ],
    );
    assert_eq!(
        shape(&events(&joined)),
        [
            "content_block_stop 0 ",
            "content_block_start 1 ",
            "content_block_stop 1 ",
            "content_block_start 2 ",
            "content_block_stop 2 ",
        ]
    );
}

#[test]
fn a_rest_with_nothing_in_it_closes_the_block() {
    let mut seam = after([start("one", 30), block(0, "text"), words(0, "Hello, wor")]);
    let mut rest = vec![start("two", 40), block(0, "text"), words(0, "wo")];
    rest.extend(end(1));
    let joined = join(&mut seam, rest);
    assert_eq!(
        shape(&events(&joined))[..2],
        ["content_block_delta 0 wo", "content_block_stop 0 "]
    );

    let mut seam = after([start("one", 30), block(0, "text"), words(0, "One.")]);
    let mut rest = vec![start("two", 40)];
    rest.extend(end(1));
    let joined = join(&mut seam, rest);
    assert_eq!(shape(&events(&joined))[0], "content_block_stop 0 ");
}

#[test]
fn the_usage_is_that_of_both_parts() {
    let said = "Over the hedge, over the hill, and far away";
    let mut seam = after([start("one", 30), block(0, "text"), words(0, said)]);
    let joined = join(&mut seam, rest(&["."]));
    let delta = joined.iter().find(|chunk| {
        let text = String::from_utf8_lossy(chunk.data()).into_owned();
        text.contains("message_delta")
    });
    let told = delta.unwrap().usage().unwrap();
    assert!(told.is_estimated && told.completion > 7 + 5);
    let events = events(&joined);
    let usage = events.iter().find_map(|event| event.get("usage")).unwrap();
    assert_eq!(usage["input_tokens"], 30 + 40);
    assert_eq!(usage["output_tokens"], told.completion);
    let most = joined.iter().filter_map(|chunk| chunk.usage());
    assert_eq!(most.map(|usage| usage.prompt).max(), Some(30 + 40));
}

#[test]
fn an_answer_that_is_not_only_text_or_has_ended_is_not_continued() {
    let delta =
        |delta: Value| event(&json!({"type": "content_block_delta", "index": 0, "delta": delta}));
    let mut cases = vec![
        block(0, "thinking"),
        block(0, "tool_use"),
        delta(json!({"type": "input_json_delta", "partial_json": "{"})),
        delta(json!({"type": "thinking_delta", "thinking": "hm"})),
        delta(json!({"type": "citations_delta", "citation": {}})),
    ];
    cases.extend(end(1));
    for chunk in cases {
        let mut seam = Seam::watch(&plain(Dialect::Anthropic, "")).unwrap();
        assert!(seam.hear(&start("one", 30)));
        assert!(
            !seam.hear(&chunk),
            "{:?}",
            String::from_utf8_lossy(chunk.data())
        );
    }
}
