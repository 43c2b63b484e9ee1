use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use steeplechase_core::{Call, Chunk, Error};
use tower::{Layer, ServiceExt};

use super::super::*;

/// The bytes and the model of a call as the stack gets it, or else what the caller is told.
async fn taken(
    config: IntakeConfig,
    path: &str,
    body: &'static str,
) -> Result<(String, String), String> {
    let seen = Arc::new(Mutex::new(None));
    let seen_by = Arc::clone(&seen);
    let stack = tower::service_fn(move |request: Request<Call>| {
        let call = request.into_body();
        let head = scan(call.raw()).unwrap();
        assert_eq!(
            head.spans.model,
            call.head().spans.model,
            "the head is that of the bytes"
        );
        let raw = String::from_utf8(call.raw().to_vec()).unwrap();
        *seen_by.lock().unwrap() = Some((raw, call.model().to_owned()));
        let body = Full::new(Chunk::whole(Bytes::from("{}")));
        async { Ok::<_, Error>(Response::new(body.map_err(|never| match never {}))) }
    });
    let request = Request::post(path).body(Full::new(Bytes::from(body)));
    let service = IntakeLayer::with(config).layer(stack);
    let answer = service.oneshot(request.unwrap()).await.unwrap();
    let told = answer.into_body().collect().await.unwrap().to_bytes();
    let seen = seen.lock().unwrap().take();
    seen.ok_or_else(|| String::from_utf8(told.to_vec()).unwrap())
}

const CHAT: &str = "/v1/chat/completions";

/// A call whose stream ends with its usage.
const WANTED: &str = r#"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#;

#[tokio::test]
async fn a_call_that_names_no_model_is_for_the_one_of_the_operator() {
    let config = || {
        IntakeConfig::new()
            .chat_model("fast")
            .embedding_model("vectors")
    };
    for (path, body, expected) in [
        (
            CHAT,
            r#"{"messages":[]}"#,
            r#"{"messages":[],"model":"fast"}"#,
        ),
        (CHAT, "{}", r#"{"model":"fast"}"#),
        (CHAT, r#"{"model":null,"n":1}"#, r#"{"model":"fast","n":1}"#),
        (CHAT, r#"{"model" : ""}"#, r#"{"model" : "fast"}"#),
        (
            "/v1/messages",
            r#"{"messages":[]}"#,
            r#"{"messages":[],"model":"fast"}"#,
        ),
        (
            "/v1/embeddings",
            r#"{"input":"a"}"#,
            r#"{"input":"a","model":"vectors"}"#,
        ),
        (CHAT, r#"{"model":"own"}"#, r#"{"model":"own"}"#),
    ] {
        let (raw, _) = taken(config(), path, body).await.unwrap();
        assert_eq!(raw, expected, "{path} {body}");
    }
    for (path, body) in [
        (CHAT, r#"{"model":1}"#),
        (CHAT, r#"{"model":"a","model":"b"}"#),
        (CHAT, "[]"),
        ("/v1/rerank", r#"{"query":"a"}"#),
    ] {
        let told = taken(config(), path, body).await.unwrap_err();
        assert!(told.contains("invalid_request_error"), "{body}: {told}");
    }
}

#[tokio::test]
async fn it_is_that_of_all_calls_if_the_operator_says_so() {
    let config = IntakeConfig::new().chat_model("fast").always_names(true);
    let (raw, model) = taken(config.clone(), CHAT, r#"{"model":"own"}"#)
        .await
        .unwrap();
    assert_eq!((&*raw, &*model), (r#"{"model":"own"}"#, "fast"));
    let (_, model) = taken(config, "/v1/embeddings", r#"{"model":"own"}"#)
        .await
        .unwrap();
    assert_eq!(model, "own");
}

#[tokio::test]
async fn a_stream_ends_with_its_usage_unless_the_caller_has_said_otherwise() {
    let config = || IntakeConfig::new().stream_usage(true);
    for (body, expected) in [
        (r#"{"model":"m","stream":true}"#, WANTED),
        (
            r#"{"model":"m","stream":true,"stream_options":null}"#,
            WANTED,
        ),
        (r#"{"model":"m","stream":true,"stream_options":{}}"#, WANTED),
        (WANTED, WANTED),
    ] {
        let (raw, _) = taken(config(), CHAT, body).await.unwrap();
        assert_eq!(raw, expected);
    }
    for (path, body) in [
        (
            CHAT,
            r#"{"model":"m","stream":true,"stream_options":{"include_usage":false}}"#,
        ),
        (CHAT, r#"{"model":"m"}"#),
        ("/v1/responses", r#"{"model":"m","stream":true}"#),
        ("/v1/messages", r#"{"model":"m","stream":true}"#),
    ] {
        let (raw, _) = taken(config(), path, body).await.unwrap();
        assert_eq!(raw, body);
    }
}
