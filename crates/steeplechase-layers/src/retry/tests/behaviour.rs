//! How the layer treats the service inside: readiness, cancellation, what it drops and when.

use std::io;

use bytes::Bytes;
use http_body_util::Full;
use metrics_util::debugging::DebuggingRecorder;
use steeplechase_core::Budget;
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};
use tower_test::mock;

use super::*;

const ALMOST: Duration = Duration::from_millis(99);

type Mock = mock::Mock<Request<()>, Response<()>>;
type Upstream = mock::Handle<Request<()>, Response<()>>;
type Retried = mock::Spawn<Retry<Mock>>;

fn retried(config: RetryConfig) -> (Retried, Upstream) {
    mock::spawn_layer(RetryLayer::with(config))
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_sent_when_the_wait_is_over_and_no_sooner() {
    let (mut service, mut upstream) = retried(exact());
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(Request::new(())));
    let (_, reply) = upstream.next_request().await.unwrap();
    assert_pending!(call.poll());

    reply.send_response(status(StatusCode::BAD_GATEWAY));
    assert!(call.is_woken());
    assert_pending!(call.poll());
    time::advance(ALMOST).await;
    assert!(!call.is_woken());
    assert_pending!(call.poll());
    assert_pending!(upstream.poll_request());

    time::advance(millis(1)).await;
    assert!(call.is_woken());
    assert_pending!(call.poll());
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(status(StatusCode::OK));
    assert!(call.is_woken());
    assert_eq!(assert_ready_ok!(call.poll()).status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_sent_on_a_clone_that_was_made_ready() {
    let (mut service, mut upstream) = retried(exact());
    upstream.allow(0);
    assert_pending!(service.poll_ready());
    upstream.allow(1);
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(Request::new(())));
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_error("connection reset");
    assert_pending!(call.poll());

    time::advance(WAIT).await;
    assert_pending!(call.poll());
    assert_pending!(upstream.poll_request());

    upstream.allow(1);
    assert!(call.is_woken());
    assert_pending!(call.poll());
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(status(StatusCode::OK));
    assert_ready_ok!(call.poll());
}

#[tokio::test(start_paused = true)]
async fn a_service_that_cannot_get_ready_again_is_the_failure_of_the_attempt() {
    let (mut service, mut upstream) = retried(exact().max_retries(1));
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(Request::new(())));
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(status(StatusCode::BAD_GATEWAY));
    assert_pending!(call.poll());

    upstream.send_error("gone for good");
    time::advance(WAIT).await;
    assert_eq!(assert_ready_err!(call.poll()).to_string(), "gone for good");
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_the_same_request() {
    let (mut service, mut upstream) =
        mock::spawn_with(|mock: mock::Mock<_, Response<()>>| RetryLayer::with(exact()).layer(mock));
    assert_ready_ok!(service.poll_ready());
    let request = Request::post("/v1/chat/completions")
        .header("x-team", "blue")
        .extension(7_u8)
        .body("{}")
        .unwrap();
    let mut call = task::spawn(service.call(request));
    for nth in 0..3 {
        let (request, reply) = upstream.next_request().await.unwrap();
        assert_eq!(request.uri(), "/v1/chat/completions");
        assert_eq!(request.headers()["x-team"], "blue");
        assert_eq!(request.extensions().get(), Some(&7_u8));
        assert_eq!(*request.body(), "{}");
        let attempts = Attempts::get(request.extensions()).unwrap();
        assert_eq!(attempts.used(), nth + 1, "all copies share one `Attempts`");
        reply.send_error("connection reset");
        if nth < 2 {
            assert_pending!(call.poll());
            time::advance(WAIT).await;
            assert_pending!(call.poll());
        }
    }
    assert_ready_err!(call.poll());
}

#[tokio::test(start_paused = true)]
async fn a_failed_response_is_dropped_before_the_wait_for_the_next_attempt() {
    let alive = Arc::new(());
    let upstream = {
        let alive = Arc::clone(&alive);
        tower::service_fn(move |_: Request<()>| {
            let mut response = Response::new(Arc::clone(&alive));
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            std::future::ready(Ok::<_, Error>(response))
        })
    };
    let mut service = RetryLayer::with(exact().max_retries(1)).layer(upstream);
    let idle = Arc::strong_count(&alive);

    let mut call = task::spawn(service.call(Request::new(())));
    let service_in_call = 1;
    assert_pending!(call.poll());
    assert_eq!(Arc::strong_count(&alive), idle + service_in_call);

    time::advance(WAIT).await;
    let response = assert_ready_ok!(call.poll());
    assert_eq!(Arc::strong_count(&alive), idle + 1, "the last one's body");
    drop(response);
    assert_eq!(
        Arc::strong_count(&alive),
        idle,
        "nothing is left in the call"
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_leaves_nothing_behind_wherever_it_was() {
    let budget = Budget::default();
    let in_flight = Arc::new(());
    // In the first attempt; in the wait; in the second attempt.
    for (polled_at, extra, alive) in [(50, 0, 1), (150, 1, 0), (250, 1, 1)] {
        let upstream = tower::service_fn(|_: Request<()>| {
            let in_flight = Arc::clone(&in_flight);
            async move {
                time::sleep(WAIT).await;
                drop(in_flight);
                Err::<Response<()>, _>(Error::new(Class::Server, "down"))
            }
        });
        let (request, attempts) = request();
        attempts.enter(&budget);
        drop(attempts);
        let call = RetryLayer::with(exact()).layer(upstream).oneshot(request);
        let mut call = Box::pin(call);
        time::timeout(millis(polled_at), &mut call)
            .await
            .expect_err("it should not be over");

        assert_eq!(budget.extra_in_flight(), extra, "at {polled_at} ms");
        assert_eq!(Arc::strong_count(&in_flight) - 1, alive);
        drop(call);
        assert_eq!(budget.extra_in_flight(), 0);
        assert_eq!(budget.requests_in_flight(), 0);
        assert_eq!(Arc::strong_count(&in_flight), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_place_in_the_budget_is_returned_with_the_answer() {
    let budget = Budget::default();
    let (request, attempts) = request();
    attempts.enter(&budget);
    let (mut service, mut upstream) = retried(exact());
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(request));
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_error("connection reset");
    assert_pending!(call.poll());
    time::advance(WAIT).await;
    assert_pending!(call.poll());
    assert_eq!(budget.extra_in_flight(), 1);

    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(status(StatusCode::OK));
    assert_ready_ok!(call.poll());
    // `call` is still alive here, as it is for a caller that has yet to read the body.
    assert_eq!(budget.extra_in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn it_works_over_a_bare_client_with_an_error_of_its_own() {
    let replies = Arc::new(Mutex::new(vec![
        Ok(Response::new(Full::new(Bytes::from("hello")))),
        Ok(Response::builder()
            .status(StatusCode::SERVICE_UNAVAILABLE)
            .body(Full::default())
            .unwrap()),
        Err(io::Error::from(io::ErrorKind::ConnectionReset)),
    ]));
    let client = {
        let replies = Arc::clone(&replies);
        tower::service_fn(move |_: Request<Full<Bytes>>| {
            std::future::ready(replies.lock().unwrap().pop().unwrap())
        })
    };
    let service = RetryLayer::new().layer(client);
    let answer: Result<_, io::Error> = service.oneshot(Request::default()).await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
    assert!(replies.lock().unwrap().is_empty());
}

#[test]
fn retries_and_what_forbids_them_are_counted() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    ::metrics::with_local_recorder(&recorder, || {
        blocking(async {
            run(RetryLayer::with(exact()), &[fail(Class::Server)]).await;
            let layer = RetryLayer::with(exact().max_retries(1));
            let ok = Ok(status(StatusCode::OK));
            run(layer, &[fail(Class::RateLimited), ok]).await;
            run(layer, &[fail(Class::InvalidRequest)]).await;
            let (request, attempts) = request();
            attempts.set_max(1);
            run_request(layer, request, &[fail(Class::Server)]).await;
            let asks = Error::new(Class::RateLimited, "later").with_retry_after(millis(61_000));
            run(layer, &[Err(asks)]).await;
        });
    });

    let mut counted: Vec<_> = snapshotter
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| format!("{} = {value:?}", key.key()))
        .collect();
    counted.sort();
    assert_eq!(
        counted,
        [
            "Key(steeplechase_retry_denied_total, [reason = attempts_spent]) = Counter(1)",
            "Key(steeplechase_retry_denied_total, [reason = hint_too_long]) = Counter(1)",
            "Key(steeplechase_retry_denied_total, [reason = retries_spent]) = Counter(1)",
            "Key(steeplechase_retry_retries_total, [reason = rate_limited]) = Counter(1)",
            "Key(steeplechase_retry_retries_total, [reason = server]) = Counter(2)",
            "Key(steeplechase_retry_wait_seconds) = Histogram([0.1, 0.1, 0.1])",
        ]
    );
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "polled after completion")]
async fn polling_after_completion_is_a_bug_in_the_caller() {
    let (mut service, mut upstream) = retried(exact());
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(Request::new(())));
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(status(StatusCode::OK));
    assert_ready_ok!(call.poll());
    let _ = call.poll();
}

#[test]
fn what_should_be_send_and_sync_is() {
    fn assert_send<T: Send>(_: &T) {}
    fn assert_send_sync<T: Send + Sync>(_: &T) {}

    let layer = RetryLayer::new();
    let (upstream, _handle) = mock::pair::<Request<()>, Response<()>>();
    let service = layer.layer(upstream);
    assert_send_sync(&layer);
    assert_send_sync(&service);

    let call = async move { service.oneshot(Request::new(())).await };
    assert_send(&call);
}

#[test]
fn the_service_inside_can_be_reached() {
    let mut service = RetryLayer::new().layer(1);
    *service.get_mut() += 1;
    assert_eq!(*service.get_ref(), 2);
    assert_eq!(service.into_inner(), 2);
}
