//! What the client does on real sockets, one sentence for each test.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use steeplechase_core::{Class, Phase};
use steeplechase_sim::{Behaviour, Sim, SimServer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::*;

const CALL: &str = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}"#;

fn post(url: &str) -> Request<Full<Bytes>> {
    Request::post(format!("{url}/v1/chat/completions"))
        .header("content-type", "application/json")
        .body(Full::from(CALL))
        .unwrap()
}

/// A server for HTTP/2 that never ends an answer, and counts its connections.
async fn endless(connections: Arc<AtomicUsize>) -> (String, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut open = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            connections.fetch_add(1, Ordering::Relaxed);
            let service = hyper::service::service_fn(|_| async {
                let frames = http_body_util::StreamBody::new(Endless);
                Ok::<_, std::convert::Infallible>(Response::new(frames))
            });
            let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            open.spawn(async move {
                let _ = builder
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    (url, serving)
}

/// Nothing, for ever.
struct Endless;

impl futures_core::Stream for Endless {
    type Item = Result<http_body::Frame<Bytes>, std::io::Error>;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Pending
    }
}

#[tokio::test]
async fn more_streams_than_a_connection_should_have_are_given_another_connection() {
    let connections = Arc::new(AtomicUsize::new(0));
    let (url, _serving) = endless(Arc::clone(&connections)).await;
    let config = HttpClientConfig::new()
        .http2_prior_knowledge(true)
        .pools(3)
        .streams_per_pool(2);
    let client = HttpClient::with(config);

    let mut open = Vec::new();
    for expected in [1, 1, 2, 2, 3, 3] {
        open.push(client.clone().oneshot(post(&url)).await.unwrap());
        assert_eq!(connections.load(Ordering::Relaxed), expected);
    }
    // One that has ended makes room on its connection.
    open.remove(0);
    open.push(client.clone().oneshot(post(&url)).await.unwrap());
    assert_eq!(connections.load(Ordering::Relaxed), 3);
    drop(open);
    assert!(format!("{client:?}").contains("in_flight: 0"), "{client:?}");
}

#[tokio::test]
async fn a_handshake_that_takes_too_long_is_a_timeout_of_the_connection() {
    // The system accepts, and nobody answers the handshake.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", silent.local_addr().unwrap());
    let config = HttpClientConfig::new().connect_timeout(Duration::from_millis(50));
    let error = HttpClient::with(config)
        .oneshot(post(&url))
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Timeout(Phase::Connect));
    assert!(!error.message().contains("127.0.0.1"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_failed_connection() {
    let server = SimServer::bind("127.0.0.1:0", Sim::new("sim"))
        .await
        .unwrap();
    let url = server.url();
    server.shutdown().await;
    let error = HttpClient::new().oneshot(post(&url)).await.unwrap_err();
    assert_eq!(error.class(), Class::Transport);
    assert!(!error.message().contains("127.0.0.1"), "{error}");
}

#[tokio::test]
async fn a_reset_before_the_head_is_a_failed_connection_and_a_cut_an_error_of_the_body() {
    let sim = Sim::new("sim").script([Behaviour::reset(), Behaviour::answer().cut_after_tokens(1)]);
    let server = SimServer::bind("127.0.0.1:0", sim).await.unwrap();
    let client = HttpClient::new();
    let error = client
        .clone()
        .oneshot(post(&server.url()))
        .await
        .unwrap_err();
    assert_eq!(error.class(), Class::Transport);
    let answer = client.oneshot(post(&server.url())).await.unwrap();
    assert!(answer.into_body().collect().await.is_err());
}

#[tokio::test]
async fn an_answer_that_is_dropped_is_cancelled_at_the_server() {
    for http2 in [false, true] {
        let slow = Behaviour::answer().stall_after_tokens(1);
        let server = SimServer::bind("127.0.0.1:0", Sim::new("sim").always(slow))
            .await
            .unwrap();
        let client = HttpClient::with(HttpClientConfig::new().http2_prior_knowledge(http2));
        let mut answer = client
            .oneshot(post(&server.url()))
            .await
            .unwrap()
            .into_body();
        assert!(answer.frame().await.unwrap().is_ok());
        drop(answer);
        let counts = server.sim().wait_cancelled(1).await;
        assert_eq!((counts.started, counts.cancelled), (1, 1));
    }
}
