//! Whole answers to calls for a stream.

use steeplechase_core::Class;

use super::*;

const OURS: &str = r#"{"id":"c-1","created":7,"model":"m","choices":[{"message":{"content":"hi"},
    "finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#;
const THEIRS: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude",
    "content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn",
    "usage":{"input_tokens":3,"output_tokens":4}}"#;

#[tokio::test]
async fn a_whole_answer_to_a_call_for_a_stream_becomes_one() {
    let with_usage = call(
        r#"{"model":"fast","messages":[{"role":"user","content":"hi"}],"stream":true,
            "stream_options":{"include_usage":true}}"#,
    );
    for (deployment, answer) in [(openai(), OURS), (anthropic(), THEIRS)] {
        for (call, shows_usage) in [(streamed_call(), false), (with_usage.clone(), true)] {
            let (outcome, _) = ask(&deployment, call, json(200, answer)).await;
            let response = outcome.unwrap();
            let headers = response.headers();
            assert_eq!(headers["content-type"], "text/event-stream; charset=utf-8");
            assert_eq!(headers["cache-control"], "no-cache");
            let (chunks, error) = read(response.into_body()).await;
            assert!(error.is_none());
            assert_eq!(flags(&chunks), [(true, true, false)]);
            let text = text(&chunks);
            assert!(text.contains(r#""delta":{"content":"hi"}"#), "{text}");
            assert!(text.contains(r#""finish_reason":"stop""#), "{text}");
            assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
            assert_eq!(text.contains(r#""prompt_tokens":3"#), shows_usage, "{text}");
            // The ledger has it in any case.
            let usage = chunks[0].usage().unwrap();
            assert_eq!((usage.prompt, usage.completion), (3, 4));
        }
    }
}

#[tokio::test]
async fn thoughts_and_calls_of_another_dialect_are_counted() {
    let theirs = r#"{"id":"msg_1","type":"message","model":"claude","stop_reason":"tool_use","content":[
        {"type":"thinking","thinking":"so","signature":"S"},{"type":"redacted_thinking","data":"D"},
        {"type":"tool_use","id":"t","name":"look","input":{"at":7}}]}"#;
    let (outcome, _) = ask(&anthropic(), streamed_call(), json(200, theirs)).await;
    let (chunks, _) = read(outcome.unwrap().into_body()).await;
    let text = text(&chunks);
    let events = text
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("data: {"));
    let events: Vec<serde_json::Value> = events
        .map(|event| serde_json::from_str(&format!("{{{event}")).unwrap())
        .collect();
    let deltas: Vec<_> = events.iter().map(|e| &e["choices"][0]["delta"]).collect();
    let all = |field: &str| -> Vec<_> {
        let lists = deltas.iter().filter_map(|delta| delta[field].as_array());
        lists.flatten().collect()
    };
    assert_eq!(deltas[1]["reasoning_content"], "so");
    let thoughts = all("thinking_blocks");
    let indexes: Vec<_> = thoughts
        .iter()
        .map(|block| (&block["index"], &block["type"]))
        .collect();
    assert_eq!(
        indexes,
        [
            (&serde_json::json!(0), &serde_json::json!("thinking")),
            (&serde_json::json!(0), &serde_json::json!("thinking")),
            (
                &serde_json::json!(1),
                &serde_json::json!("redacted_thinking")
            )
        ]
    );
    let calls = all("tool_calls");
    assert!(calls.iter().all(|call| call["index"] == 0));
    assert_eq!(calls[0]["function"]["name"], "look");
    assert_eq!(calls[1]["function"]["arguments"], r#"{"at":7}"#);
    assert!(text.contains(r#""finish_reason":"tool_calls""#));
}

#[tokio::test]
async fn a_whole_answer_with_nothing_in_it_is_a_stream_without_content() {
    let empty = r#"{"choices":[{"message":{"content":""},"finish_reason":"stop"}]}"#;
    let (outcome, _) = ask(&openai(), streamed_call(), json(200, empty)).await;
    let (chunks, error) = read(outcome.unwrap().into_body()).await;
    assert!(error.is_none());
    assert_eq!(flags(&chunks), [(false, true, false)]);
}

#[tokio::test]
async fn a_whole_answer_that_failed_is_a_failure_all_the_same() {
    for (answer, class) in [
        (
            r#"{"error":{"message":"busy","code":503}}"#,
            Class::Overloaded,
        ),
        (&OURS[..40], Class::Truncated),
        (r#"{"data":[{"embedding":[1]}]}"#, Class::Server),
    ] {
        let (outcome, _) = ask(&openai(), streamed_call(), json(200, answer)).await;
        assert_eq!(outcome.unwrap_err().class(), class, "{answer}");
    }
}
