use steeplechase_core::{Class, Retry};

use super::*;
use crate::anthropic;
use crate::intake::error_response;

pub(super) const START: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n";
pub(super) const OPEN: &str = "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";
pub(super) const WORD: &str = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hi\"}}\n\n";
pub(super) const CLOSE: &str =
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n";
pub(super) const REASON: &str = "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":4}}\n\n";
pub(super) const STOP: &str = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
const PING: &str = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
const BUSY: &str = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";

#[tokio::test]
async fn a_stream_is_translated_event_by_event() {
    let steps = [START, OPEN, PING, WORD, CLOSE, REASON, STOP].map(data);
    let (chunks, error) = stream(&anthropic(), steps).await;
    assert!(error.is_none());
    assert_eq!(
        flags(&chunks),
        [
            (false, false, false),
            (false, false, true),
            (true, false, false),
            (false, true, false),
        ]
    );
    let usage = chunks[3].usage().unwrap();
    assert_eq!((usage.prompt, usage.completion), (3, 4));
    let text = text(&chunks);
    assert!(text.contains("\"content\":\"hi\""));
    assert!(text.contains("\"finish_reason\":\"stop\""));
    assert!(text.ends_with("data: [DONE]\n\n"));
    assert!(!text.contains("ping"));
}

#[tokio::test]
async fn what_comes_before_an_error_is_handed_on() {
    let before = stream(&anthropic(), [START, OPEN, WORD].map(data)).await.0;
    // Chunks carry the time at which the stream began.
    let words = |text: &str| text.matches("\"content\":\"hi\"").count();
    for steps in [
        vec![data(START), data(OPEN), data(WORD), data(BUSY), Step::Hang],
        vec![
            data(&[START, OPEN, WORD, BUSY, WORD, STOP].concat()),
            Step::Hang,
        ],
        vec![data(START), data(OPEN), data(WORD), data(BUSY.trim_end())],
        vec![data(&[START, OPEN, WORD].concat()), data(&BUSY[19..])],
    ] {
        let (chunks, error) = stream(&anthropic(), steps).await;
        assert_eq!(words(&text(&chunks)), words(&text(&before)));
        assert!(!text(&chunks).contains("Overloaded"));
        let error = error.unwrap();
        assert_eq!(error.class(), Class::Overloaded);
        assert_eq!(error.deployment(), Some("eu-2"));
    }
    for before in [vec![], vec![data(START)], vec![data(START), data(OPEN)]] {
        let steps = before.into_iter().chain([data(BUSY), Step::Hang]);
        let (chunks, error) = stream(&anthropic(), steps).await;
        assert!(chunks.iter().all(|chunk| !chunk.is_content()));
        assert_eq!(error.unwrap().class(), Class::Overloaded);
    }
}

#[tokio::test]
async fn a_caller_is_told_why_its_history_or_its_tools_are_refused() {
    for (words, code) in [
        (
            "messages.1.content.0: Invalid `signature` in `thinking` block",
            anthropic::THINKING_REJECTED,
        ),
        (
            "tools: too many strict tools (25), the most is 20",
            anthropic::STRICT_REJECTED,
        ),
    ] {
        let refusal = serde_json::json!({
            "type": "error",
            "error": {"type": "invalid_request_error", "message": words},
        });
        let answer = json(400, &refusal.to_string());
        let (outcome, _) = ask(&anthropic(), whole_call(), answer).await;
        let error = outcome.unwrap_err();
        assert_eq!(
            (error.class(), error.retry()),
            (Class::InvalidRequest, Retry::Never)
        );
        assert_eq!((error.status().as_u16(), error.code()), (400, Some(code)));
        assert_eq!(error.message(), words);
        // In the caller's dialect, as it gets it.
        let answer = error_response(Dialect::OpenAi, &error);
        let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!(
            body["error"],
            serde_json::json!({
                "message": words, "type": "invalid_request_error", "param": null, "code": code,
            })
        );
    }
}

#[tokio::test]
async fn an_answer_without_a_reason_is_truncated_and_one_with_it_is_not() {
    for steps in [
        vec![],
        vec![data(START)],
        vec![data(START), data(OPEN), data(WORD)],
        vec![data(START), data(OPEN), data(WORD), data(CLOSE)],
        vec![
            data(START),
            data(OPEN),
            data(WORD),
            data(CLOSE),
            data(REASON.trim_end()),
        ],
    ] {
        let (chunks, error) = stream(&anthropic(), steps).await;
        assert_eq!(error.unwrap().class(), Class::Truncated);
        assert!(!text(&chunks).contains("\"stop\""));
    }
    let (chunks, error) = stream(&anthropic(), [START, OPEN, WORD, CLOSE, REASON].map(data)).await;
    assert!(error.is_none());
    assert!(chunks.last().unwrap().is_end());
}

#[tokio::test]
async fn a_connection_that_breaks_is_a_truncated_answer_after_content() {
    let steps = [data(START), data(OPEN), data(WORD), Step::Fail];
    let (_, error) = stream(&anthropic(), steps).await;
    assert_eq!(error.unwrap().class(), Class::Truncated);
    let (_, error) = stream(&anthropic(), [data(START), Step::Fail]).await;
    assert_eq!(error.unwrap().class(), Class::Transport);
}

#[tokio::test]
async fn what_comes_after_the_end_is_thrown_away() {
    let all = [START, OPEN, WORD, CLOSE, REASON, STOP, WORD, BUSY];
    let (chunks, error) = stream(&anthropic(), all.map(data)).await;
    assert!(error.is_none());
    assert!(text(&chunks).ends_with("data: [DONE]\n\n"));
    let (chunks, error) = stream(&anthropic(), [data(&all.concat())]).await;
    assert!(error.is_none());
    assert_eq!(chunks.len(), 1);
}

#[tokio::test]
async fn usage_is_shown_to_a_caller_that_wants_it() {
    let call = call(
        r#"{"model":"fast","messages":[{"role":"user","content":"hi"}],"stream":true,
            "stream_options":{"include_usage":true}}"#,
    );
    let answer = event_stream(script([START, OPEN, WORD, CLOSE, REASON, STOP].map(data)));
    let (outcome, _) = ask(&anthropic(), call, answer).await;
    let (chunks, _) = read(outcome.unwrap().into_body()).await;
    assert!(text(&chunks).contains("\"prompt_tokens\":3"));
}
