use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, Full, Limited};
use steeplechase_core::{Attempts, BoxError, Call, Chunk, Class, Error};
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

#[tokio::test]
async fn who_asks_for_another_protocol_is_told_to_do_without() {
    let request = Request::get("/v1/responses").header("upgrade", "websocket");
    let response = ask(request.body(Full::default()).unwrap(), no_answer).await;
    assert_eq!(response.status(), 426);
    assert!(text(response).await.contains("upgrade_not_possible"));
}

#[tokio::test]
async fn a_method_that_is_not_possible_is_told_which_one_is() {
    let request = Request::put("/v1/chat/completions").body(Full::default());
    let response = ask(request.unwrap(), no_answer).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["allow"], "POST");
    let response = ask(post("/v1/chat/completions", "{"), no_answer).await;
    assert!(!response.headers().contains_key("allow"));
}

#[tokio::test]
async fn a_compressed_body_is_refused_and_one_that_says_it_is_not_is_read() {
    for (encoding, is_read) in [
        ("gzip", false),
        ("identity, br", false),
        ("Identity", true),
        ("", true),
    ] {
        let mut request = post("/v1/chat/completions", CALL);
        let headers = request.headers_mut();
        headers.insert("content-encoding", encoding.parse().unwrap());
        let response = ask(request, |_| Ok(vec![Ok(Chunk::whole(Bytes::new()))])).await;
        assert_eq!(response.status() == StatusCode::OK, is_read, "{encoding}");
        if !is_read {
            assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
            let body = text(response).await;
            assert!(body.contains("unsupported_content_encoding"), "{body}");
        }
    }
}

/// An error as a stock layer words it, or one around it.
#[derive(Debug)]
struct Said(&'static str, Option<BoxError>);

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Said {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_ref().map(|source| &**source as _)
    }
}

/// A body that fails.
struct Failing(Option<BoxError>);

impl http_body::Body for Failing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        std::task::Poll::Ready(self.0.take().map(Err))
    }
}

#[tokio::test]
async fn a_body_that_a_layer_above_has_given_up_is_told_why() {
    const PAUSED: &str = "data was not received within the designated timeout";
    let limited = Limited::new(Full::new(Bytes::from(CALL)), 3);
    let too_long = || async { limited.clone().collect().await.unwrap_err() };
    let around = |error| Box::new(Said("error reading the body", Some(error))) as BoxError;
    let timed_out = std::io::Error::from(std::io::ErrorKind::TimedOut);
    for (error, status) in [
        (too_long().await, 413),
        (around(too_long().await), 413),
        (Box::new(Said(PAUSED, None)), 408),
        (around(Box::new(Said(PAUSED, None))), 408),
        (timed_out.into(), 408),
        // What only reads like it, is not.
        (Box::new(Said("length limit exceeded", None)), 400),
        (around("reset".into()), 400),
    ] {
        let said = format!("{error:?}");
        let stack = tower::service_fn(|_: Request<Call>| async {
            Err::<Response<Frames>, _>(Error::new(Class::Internal, "not reached"))
        });
        let request = Request::post("/v1/chat/completions").body(Failing(Some(error)));
        let response = IntakeLayer::new()
            .layer(stack)
            .oneshot(request.unwrap())
            .await;
        assert_eq!(response.unwrap().status(), status, "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_pauses_for_too_long_is_given_up_and_one_who_is_slow_is_not() {
    use std::future::Future;
    use std::pin::Pin;
    use std::task::{Context, Poll, ready};

    use tokio::time::{Instant, Sleep, sleep};

    /// A byte after each gap, in seconds; after the last, nothing.
    struct Slow(Vec<u64>, Option<Pin<Box<Sleep>>>);

    impl http_body::Body for Slow {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
            if self.1.is_none() {
                let Some(gap) = self.0.pop() else {
                    return Poll::Pending;
                };
                self.1 = Some(Box::pin(sleep(Duration::from_secs(gap))));
            }
            ready!(self.1.as_mut().unwrap().as_mut().poll(cx));
            self.1 = None;
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b" ")))))
        }
    }

    let stack = tower::service_fn(|_: Request<Call>| async {
        Err::<Response<Frames>, _>(Error::new(Class::Internal, "it should not be called"))
    });
    let started = Instant::now();
    let service = IntakeLayer::new().layer(stack);
    let request = Request::post("/v1/embeddings").body(Slow(vec![29; 4], None));
    let response = service.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    assert_eq!(started.elapsed(), Duration::from_secs(4 * 29 + 30));
}
