use steeplechase_core::{Class, Phase, Scope};

use super::*;

const ANSWER: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3}}"#;

async fn failure(answer: Response<Script>) -> Error {
    let (outcome, _) = ask(&openai(), whole_call(), answer).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.deployment(), Some("eu-1"));
    error
}

#[tokio::test]
async fn a_whole_answer_is_one_chunk_with_all_its_bytes() {
    let steps = [
        data(&ANSWER[..9]),
        Step::Trailers,
        data(&ANSWER[9..20]),
        data(&ANSWER[20..]),
    ];
    let answer = Response::builder()
        .header("content-type", "application/json; charset=utf-8")
        .header("x-request-id", "req-1")
        .header("x-ratelimit-remaining-tokens", "9")
        .header("set-cookie", "a=b")
        .header("openai-organization", "acme")
        .body(script(steps))
        .unwrap();
    let (outcome, _) = ask(&openai(), whole_call(), answer).await;
    let response = outcome.unwrap();
    assert_eq!(response.status(), 200);
    let headers = response.headers();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["x-request-id"], "req-1");
    assert_eq!(headers["x-ratelimit-remaining-tokens"], "9");
    assert_eq!(headers.len(), 3);
    assert_eq!(
        response.body().size_hint().exact(),
        Some(ANSWER.len() as u64)
    );

    let (chunks, error) = read(response.into_body()).await;
    assert!(error.is_none());
    assert_eq!(text(&chunks), ANSWER);
    assert_eq!(chunks.len(), 1);
    assert!(chunks[0].is_content() && chunks[0].is_end());
    assert_eq!(chunks[0].usage().unwrap().prompt, 3);
}

#[tokio::test]
async fn a_status_that_is_no_success_is_classified() {
    let limited = r#"{"error":{"message":"slow","code":"rate_limit_exceeded"}}"#;
    let error = failure(json(429, limited)).await;
    assert_eq!(error.class(), Class::RateLimited);
    assert_eq!(error.message(), "slow");

    let error = failure(json(504, "")).await;
    assert_eq!(error.class(), Class::Timeout(Phase::FirstToken));

    let mut moved = json(307, "");
    moved
        .headers_mut()
        .insert("location", "https://evil.example".parse().unwrap());
    assert_eq!(failure(moved).await.class(), Class::Server);
}

#[tokio::test]
async fn the_status_says_enough_if_its_body_breaks_off() {
    let steps = [data(r#"{"error":{"mess"#), Step::Fail];
    let answer = Response::builder().status(429).body(script(steps)).unwrap();
    assert_eq!(failure(answer).await.class(), Class::RateLimited);
}

#[tokio::test]
async fn an_error_is_read_no_further_than_it_is_worth() {
    let megabyte = Bytes::from(vec![b'x'; 1 << 20]);
    let steps = [
        Step::Data(megabyte.clone()),
        Step::Data(megabyte),
        Step::Hang,
    ];
    let answer = Response::builder().status(500).body(script(steps)).unwrap();
    let error = failure(answer).await;
    assert_eq!(error.class(), Class::Server);
    assert!(error.message().len() < 600);
}

#[tokio::test]
async fn an_error_in_an_answer_of_success_is_an_error() {
    let error = failure(json(200, r#"{"error":{"message":"busy","code":503}}"#)).await;
    assert_eq!(error.class(), Class::Overloaded);
    let error = failure(json(200, "{}")).await;
    assert_eq!(error.class(), Class::Server);
}

#[tokio::test]
async fn an_answer_that_is_cut_anywhere_can_be_tried_again() {
    for cut in 0..ANSWER.len() {
        let error = failure(json(200, &ANSWER[..cut])).await;
        assert_eq!(error.class(), Class::Truncated);
        let steps = [data(&ANSWER[..cut]), Step::Fail];
        let answer = Response::new(script(steps));
        let expected = if cut == 0 {
            Class::Transport
        } else {
            Class::Truncated
        };
        assert_eq!(failure(answer).await.class(), expected);
    }
}

#[tokio::test]
async fn a_page_a_stream_and_encoded_bytes_are_no_answer() {
    for (name, value) in [
        ("content-type", "text/html"),
        ("content-type", "text/event-stream"),
        ("content-encoding", "gzip"),
    ] {
        let answer = Response::builder().header(name, value);
        let answer = answer.body(script([data(ANSWER)])).unwrap();
        let error = failure(answer).await;
        assert_eq!(error.class(), Class::Server);
        assert!(error.detail().unwrap().contains(value), "{error:?}");
    }
}

#[tokio::test]
async fn an_answer_in_another_dialect_is_translated() {
    let theirs = r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude",
        "content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn",
        "usage":{"input_tokens":3,"output_tokens":4}}"#;
    let (outcome, _) = ask(&anthropic(), whole_call(), json(200, theirs)).await;
    let (chunks, error) = read(outcome.unwrap().into_body()).await;
    assert!(error.is_none());
    let answer: serde_json::Value = serde_json::from_str(&text(&chunks)).unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], "hi");
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert!(chunks[0].is_content() && chunks[0].is_end());
    let usage = chunks[0].usage().unwrap();
    assert_eq!((usage.prompt, usage.completion), (3, 4));

    let busy = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    for status in [200, 529] {
        let (outcome, _) = ask(&anthropic(), whole_call(), json(status, busy)).await;
        assert_eq!(outcome.unwrap_err().class(), Class::Overloaded, "{status}");
    }
    let (outcome, _) = ask(&anthropic(), whole_call(), json(200, &theirs[..90])).await;
    assert_eq!(outcome.unwrap_err().class(), Class::Truncated);
}

#[tokio::test]
async fn what_the_provider_was_not_told_is_in_a_header() {
    let theirs =
        r#"{"type":"message","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn"}"#;
    let call = call(
        r#"{"model":"fast","messages":[{"role":"user","content":"hi"}],"seed":7,"store":true}"#,
    );
    let (outcome, _) = ask(&anthropic(), call, json(200, theirs)).await;
    let response = outcome.unwrap();
    let dropped = response.headers()["x-steeplechase-dropped"]
        .to_str()
        .unwrap();
    assert!(
        dropped.contains("seed") && dropped.contains("store"),
        "{dropped}"
    );
}

#[tokio::test]
async fn dropping_the_future_drops_what_it_has_of_the_answer() {
    for status in [200, 500] {
        let body = script([data(&ANSWER[..9]), Step::Hang]);
        let alive = Arc::downgrade(&body.alive);
        let answer = Response::builder().status(status).body(body).unwrap();
        let call = whole_call();
        let deployment = openai();
        let mut asking = tokio_test::task::spawn(ask(&deployment, call, answer));
        assert!(asking.poll().is_pending());
        assert!(alive.upgrade().is_some());
        drop(asking);
        assert!(alive.upgrade().is_none());
    }
}

#[tokio::test]
async fn a_model_that_is_refused_says_nothing_of_a_deployment_of_all_models() {
    let all = Deployment::builder("all", "openai/*", Dialect::OpenAi)
        .upstream_model("*")
        .build();
    let named = r#"{"model":"openai/typo","messages":[]}"#;
    let unknown = r#"{"error":{"message":"no such model","code":"model_not_found"}}"#;
    for (status, body) in [(404, unknown), (403, "{}"), (429, "{}")] {
        let (outcome, _) = ask(&all, call(named), json(status, body)).await;
        assert_eq!(outcome.unwrap_err().scope(), Scope::Request, "{status}");
        // Of one model it says what it says.
        let (outcome, _) = ask(&openai(), whole_call(), json(status, body)).await;
        assert_ne!(outcome.unwrap_err().scope(), Scope::Request, "{status}");
    }
    // A key that is refused is refused for all of them.
    let (outcome, _) = ask(&all, call(named), json(401, "{}")).await;
    assert_eq!(outcome.unwrap_err().scope(), Scope::Key);
}
