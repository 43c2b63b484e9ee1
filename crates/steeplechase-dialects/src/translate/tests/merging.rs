//! Thoughts as a part of what is said.

use serde_json::{Value, json};

use super::translated::{CLOSE, REASON, START, STOP};
use super::*;

fn merging(dialect: Dialect) -> Arc<Deployment> {
    Deployment::builder("d", "fast", dialect)
        .upstream_model("m")
        .merge_reasoning(true)
        .build()
}

/// All that the events of a stream say, and whether they say anything of thoughts apart from it.
fn said(stream: &str) -> (String, bool) {
    let events = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: {"));
    let mut said = String::new();
    for event in events {
        let event: Value = serde_json::from_str(&format!("{{{event}")).unwrap();
        said += event["choices"][0]["delta"]["content"]
            .as_str()
            .unwrap_or_default();
    }
    (
        said,
        stream.contains("reasoning_content") || stream.contains("thinking"),
    )
}

fn event(delta: &Value) -> Step {
    let event = json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]});
    data(&format!("data: {event}\n\n"))
}

const END: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

#[tokio::test]
async fn thoughts_are_said_first_in_a_stream() {
    let steps = [
        event(&json!({"role": "assistant", "reasoning_content": "a "})),
        event(&json!({"reasoning_content": "b"})),
        event(&json!({"content": "c"})),
        event(&json!({"content": " d"})),
        data(END),
    ];
    let (chunks, error) = stream(&merging(Dialect::OpenAi), steps).await;
    assert!(error.is_none());
    assert_eq!(
        said(&text(&chunks)),
        ("<think>a b</think>c d".to_owned(), false)
    );
    assert!(text(&chunks).ends_with("data: [DONE]\n\n"));
}

#[tokio::test]
async fn thoughts_end_with_the_answer_at_the_latest_and_what_does_not_think_has_none() {
    let steps = [event(&json!({"reasoning_content": "a"})), data(END)];
    let (chunks, _) = stream(&merging(Dialect::OpenAi), steps).await;
    assert_eq!(said(&text(&chunks)).0, "<think>a</think>");
    let steps = [event(&json!({"content": "c"})), data(END)];
    let (chunks, _) = stream(&merging(Dialect::OpenAi), steps).await;
    assert_eq!(said(&text(&chunks)).0, "c");
}

#[tokio::test]
async fn so_are_those_of_another_dialect_without_their_seals() {
    const OPEN: &str = "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n";
    const THINK: &str = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"a\"}}\n\n";
    const SEAL: &str = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"s\"}}\n\n";
    let word = |text: &str| text.replace("\"index\":0", "\"index\":1");
    let (open, say) = (word(translated::OPEN), word(translated::WORD));
    let steps = [START, OPEN, THINK, SEAL, CLOSE, &open, &say, REASON, STOP].map(data);
    let (chunks, error) = stream(&merging(Dialect::Anthropic), steps).await;
    assert!(error.is_none());
    assert_eq!(
        said(&text(&chunks)),
        ("<think>a</think>hi".to_owned(), false)
    );
}

#[tokio::test]
async fn in_a_whole_answer_they_are_before_what_is_said() {
    let answer = r#"{"id":"x","model":"m","choices":[{"message":{"role":"assistant","content":"c","reasoning_content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"#;
    let (outcome, _) = ask(&merging(Dialect::OpenAi), whole_call(), json(200, answer)).await;
    let (chunks, _) = read(outcome.unwrap().into_body()).await;
    let whole: Value = serde_json::from_str(&text(&chunks)).unwrap();
    let message = &whole["choices"][0]["message"];
    assert_eq!(message["content"], "<think>a</think>c");
    assert_eq!(message.get("reasoning_content"), None);
    assert_eq!(whole["usage"]["total_tokens"], 3);
}

#[tokio::test]
async fn fields_that_nobody_knows_reach_the_provider_all_the_same() {
    let answer = r#"{"choices":[{"message":{"content":"c"},"finish_reason":"stop"}]}"#;
    let asked = call(
        r#"{"model":"fast","messages":[{"role":"user","content":"hi"}],"min_p":0.1,"x":{"y":1},"timeout":3}"#,
    );
    let (_, request) = ask(&merging(Dialect::OpenAi), asked, json(200, answer)).await;
    let body = request
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&body["min_p"], &body["x"]["y"]),
        (&json!(0.1), &json!(1)),
        "{body}"
    );
    assert_eq!(body.get("timeout"), None);
}
