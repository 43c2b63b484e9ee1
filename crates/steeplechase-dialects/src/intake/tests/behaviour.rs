use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Full};
use steeplechase_core::{Attempts, Call, Chunk, Class, Error};
use tower::{Layer, Service, ServiceExt};

use super::super::*;

const CALL: &str = r#"{"model":"fast","messages":[]}"#;
const STREAMED: &str = r#"{"model":"fast","messages":[],"stream":true}"#;

/// A body in frames, the last of which may be a failure.
#[derive(Debug)]
struct Frames(std::vec::IntoIter<Result<Chunk, Error>>);

impl http_body::Body for Frames {
    type Data = Chunk;
    type Error = Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Chunk>, Error>>> {
        std::task::Poll::Ready(self.0.next().map(|chunk| chunk.map(Frame::data)))
    }
}

fn post(path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::post(path).body(Full::new(body.into())).unwrap()
}

async fn ask(
    request: Request<Full<Bytes>>,
    answer: impl Fn(Request<Call>) -> Result<Vec<Result<Chunk, Error>>, Error> + Clone,
) -> Response<ResponseBody<Frames>> {
    let stack = tower::service_fn(move |request: Request<Call>| {
        let answer = answer(request);
        async { answer.map(|chunks| Response::new(Frames(chunks.into_iter()))) }
    });
    let config = IntakeConfig::new().max_body(200);
    let service = IntakeLayer::with(config).layer(stack);
    service
        .oneshot(request)
        .await
        .unwrap_or_else(|never: Infallible| match never {})
}

async fn text(response: Response<ResponseBody<Frames>>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.into()).unwrap()
}

fn no_answer(_: Request<Call>) -> Result<Vec<Result<Chunk, Error>>, Error> {
    panic!("the stack should not be called")
}

#[tokio::test]
async fn a_call_reaches_the_stack_and_its_answer_the_caller() {
    let response = ask(post("/v1/chat/completions", CALL), |request| {
        assert_eq!(request.body().model(), "fast");
        assert_eq!(request.body().raw(), CALL);
        Ok(vec![Ok(Chunk::whole(Bytes::from("hello")))])
    })
    .await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.extensions().get::<Attempts>().is_some());
    assert_eq!(text(response).await, "hello");
}

#[tokio::test]
async fn a_failure_is_told_in_the_callers_dialect_with_its_hints() {
    let response = ask(post("/chat/completions", CALL), |_| {
        Err(Error::new(Class::RateLimited, "too many requests")
            .with_detail("key sk-secret is spent")
            .with_retry_after(Duration::from_millis(1500))
            .into_final())
    })
    .await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()["retry-after"], "2");
    assert_eq!(response.headers()["x-should-retry"], "false");
    assert_eq!(
        text(response).await,
        r#"{"error":{"message":"too many requests","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}"#
    );
}

#[tokio::test]
async fn a_stream_that_fails_ends_in_an_error_event_and_has_no_mark_of_an_end() {
    let response = ask(post("/v1/chat/completions", STREAMED), |_| {
        Ok(vec![
            Ok(Chunk::content(Bytes::from("data: {}\n\n"))),
            Err(Error::new(Class::Truncated, "the answer broke off")),
            Ok(Chunk::end(Bytes::from("data: [DONE]\n\n"))),
        ])
    })
    .await;
    assert_eq!(
        text(response).await,
        "data: {}\n\ndata: {\"error\":{\"message\":\"the answer broke off\",\"type\":\"api_error\",\
         \"param\":null,\"code\":\"upstream_truncated\"}}\n\n"
    );
}

#[tokio::test]
async fn a_whole_answer_that_fails_breaks_off() {
    let response = ask(post("/v1/chat/completions", CALL), |_| {
        Ok(vec![
            Ok(Chunk::content(Bytes::from("{"))),
            Err(Error::new(Class::Truncated, "the answer broke off")),
        ])
    })
    .await;
    assert!(response.into_body().collect().await.is_err());
}

#[tokio::test]
async fn what_is_not_a_call_is_refused_before_the_stack_is_asked() {
    for (request, status, code) in [
        (post("/v1/chat/completions", "{"), 400, "invalid_json"),
        (
            post("/v1/embeddings/", "{}"),
            400,
            "missing_required_parameter",
        ),
        (post("/v1/nothing", CALL), 404, "unknown_url"),
        (
            post("/v1/chat/completions", vec![b' '; 201]),
            413,
            "request_too_large",
        ),
        (
            Request::get("/v1/embeddings")
                .body(Full::default())
                .unwrap(),
            405,
            "method_not_allowed",
        ),
    ] {
        let response = ask(request, no_answer).await;
        assert_eq!(response.status(), status);
        let body = text(response).await;
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["error"]["code"], code);
        assert!(body["error"]["message"].is_string());
    }
}

#[tokio::test]
async fn a_body_in_many_frames_is_put_together_and_one_without_an_end_is_refused() {
    #[derive(Debug)]
    struct Slices(&'static [u8], bool);

    impl http_body::Body for Slices {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
            let Some((first, rest)) = self.0.split_first() else {
                let reset = std::io::ErrorKind::ConnectionReset.into();
                return std::task::Poll::Ready(self.1.then_some(Err(reset)));
            };
            self.0 = rest;
            std::task::Poll::Ready(Some(Ok(Frame::data(Bytes::copy_from_slice(&[*first])))))
        }
    }

    let stack = tower::service_fn(|request: Request<Call>| async move {
        let raw = request.body().raw().clone();
        Ok::<_, Error>(Response::new(
            Full::new(Chunk::whole(raw)).map_err(|e| match e {}),
        ))
    });
    let mut service = IntakeLayer::new().layer(stack);
    for (breaks, status) in [(false, 200), (true, 400)] {
        let request = Request::post("/v1/chat/completions").body(Slices(CALL.as_bytes(), breaks));
        let response = service.call(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), status);
    }
}
