//! What the layer does, one sentence for each test.

use std::convert::Infallible;
use std::sync::Arc;

use http_body::Body;
use steeplechase_core::{BoxError, Class};
use tokio::time::{self, Instant};
use tokio_test::{assert_pending, assert_ready, task};
use tower::{Layer, Service, ServiceExt};

use super::*;

type NoErrors = http_body_util::combinators::MapErr<Answer, fn(Infallible) -> Error>;

/// `tower-test` boxes its errors, and `Full` has none; the layer wants ours.
fn ours(mock: Mock) -> impl Service<Request<Call>, Response = Response<NoErrors>, Error = Error> {
    let convert: fn(Infallible) -> Error = |never| match never {};
    mock.map_err(|error: BoxError| Error::from(error))
        .map_response(move |response: Response<Answer>| response.map(|body| body.map_err(convert)))
}

fn never_ends() -> Error {
    Error::new(Class::Server, "it failed late")
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_time_is_handed_on_with_its_own_head() {
    let (mock, mut upstream) = mock::pair();
    let mut service = KeepaliveLayer::with(config()).layer(ours(mock));
    let mut call = task::spawn(service.ready().await.unwrap().call(call(true)));
    let (_, reply) = upstream.next_request().await.unwrap();
    assert_pending!(call.poll());

    let mut response = answer();
    response
        .headers_mut()
        .insert("x-own", "yes".parse().unwrap());
    reply.send_response(response);
    assert!(call.is_woken());
    let response = assert_ready!(call.poll()).unwrap();
    assert_eq!(response.headers()["x-own"], "yes");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "data: hi\n\n");
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_time_keeps_its_status() {
    let (mock, mut upstream) = mock::pair();
    let mut service = KeepaliveLayer::with(config()).layer(ours(mock));
    let call = service.ready().await.unwrap().call(call(true));
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_error(Error::new(Class::RateLimited, "too many requests"));
    assert_eq!(call.await.unwrap_err().class(), Class::RateLimited);
}

#[tokio::test(start_paused = true)]
async fn the_head_is_sent_when_the_patience_is_over_and_comments_follow() {
    let (mock, mut upstream) = mock::pair();
    let mut service = KeepaliveLayer::with(config()).layer(ours(mock));
    let started = Instant::now();
    let call = service.ready().await.unwrap().call(call(true));
    let (_, reply) = upstream.next_request().await.unwrap();

    let response = call.await.unwrap();
    assert_eq!(started.elapsed(), AFTER);
    assert_eq!(
        response.headers()["content-type"],
        "text/event-stream; charset=utf-8"
    );

    let mut body = Box::pin(response.into_body());
    for beat in 1..=3 {
        let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert!(frame.is_opaque());
        assert_eq!(frame.data(), COMMENT);
        assert_eq!(started.elapsed(), AFTER + EVERY * beat);
    }
    reply.send_response(answer());
    assert_eq!(body.collect().await.unwrap().to_bytes(), "data: hi\n\n");
}

#[tokio::test(start_paused = true)]
async fn a_failure_after_the_head_is_an_error_of_the_body_and_the_body_is_over() {
    let (mock, mut upstream) = mock::pair();
    let mut service = KeepaliveLayer::with(config()).layer(ours(mock));
    let call = service.ready().await.unwrap().call(call(true));
    let (_, reply) = upstream.next_request().await.unwrap();
    let mut body = Box::pin(call.await.unwrap().into_body());
    reply.send_error(never_ends());
    assert_eq!(
        body.frame().await.unwrap().unwrap_err().class(),
        Class::Server
    );
    assert!(body.is_end_stream());
    assert!(body.frame().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer_is_waited_for_in_silence_and_so_is_every_answer_when_it_is_off() {
    for (layer, stream) in [
        (KeepaliveLayer::with(config()), false),
        (KeepaliveLayer::off(), true),
    ] {
        let (mock, mut upstream) = mock::pair();
        let mut service = layer.layer(ours(mock));
        let mut call = task::spawn(service.ready().await.unwrap().call(call(stream)));
        let (_, reply) = upstream.next_request().await.unwrap();
        assert_pending!(call.poll());
        time::advance(AFTER * 4).await;
        assert!(!call.is_woken());
        assert_pending!(call.poll());
        reply.send_response(answer());
        let response = assert_ready!(call.poll()).unwrap();
        assert_eq!(response.body().size_hint().exact(), Some(10));
    }
}

/// Signs of life for calls of one model.
#[derive(Clone)]
struct OfThinkers;

impl Policy<Call> for OfThinkers {
    fn keepalive(&self, request: &Request<Call>) -> Option<KeepaliveConfig> {
        let thinks = request.body().model() == "thinks";
        thinks.then(|| config().comment(Bytes::from_static(b"event: ping\n\n")))
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_says_which_calls_get_signs_of_life_and_which_ones() {
    for (model, expected) in [
        ("thinks", "event: ping\n\ndata: hi\n\n"),
        ("speaks", "data: hi\n\n"),
    ] {
        let (mock, mut upstream) = mock::pair();
        let mut service = KeepaliveLayer::off().policy(OfThinkers).layer(ours(mock));
        let request = call(true).map(|call| call.with_model(model));
        let call = service.ready().await.unwrap().call(request);
        let answered = async {
            let (_, reply) = upstream.next_request().await.unwrap();
            time::sleep(AFTER + EVERY * 3 / 2).await;
            reply.send_response(answer());
        };
        let all = async { call.await.unwrap().into_body().collect().await.unwrap() };
        let (body, ()) = tokio::join!(all, answered);
        assert_eq!(body.to_bytes(), expected, "{model}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_given_up_takes_what_is_inside_with_it_before_and_after_the_head() {
    let inside = Arc::new(());
    let upstream = tower::service_fn(|_: Request<Call>| {
        let inside = Arc::clone(&inside);
        async move {
            std::future::pending::<()>().await;
            drop(inside);
            Ok::<_, Error>(Response::new(
                Full::new(Chunk::end(Bytes::new())).map_err(|e| match e {}),
            ))
        }
    });
    let mut service = KeepaliveLayer::with(config()).layer(upstream);

    let mut waiting = task::spawn(service.call(call(true)));
    assert_pending!(waiting.poll());
    assert_eq!(Arc::strong_count(&inside), 2);
    drop(waiting);
    assert_eq!(Arc::strong_count(&inside), 1);

    let response = service.call(call(true)).await.unwrap();
    assert_eq!(Arc::strong_count(&inside), 2);
    drop(response);
    assert_eq!(Arc::strong_count(&inside), 1);
}

#[test]
fn what_should_be_send_and_sync_is() {
    fn assert_send_sync<T: Send + Sync>(_: &T) {}
    fn assert_send<T: Send>(_: &T) {}

    let layer = KeepaliveLayer::with(config());
    let service = layer.layer(tower::service_fn(|_: Request<Call>| async {
        Ok::<_, Error>(answer().map(|body| body.map_err(|never| match never {})))
    }));
    assert_send_sync(&layer);
    assert_send_sync(&service);
    assert_send(&async move { service.oneshot(call(true)).await });
}
