//! What happens to the response future, one sentence for each test.

use std::io;

use http_body_util::{Empty, Full};
use metrics_util::debugging::DebuggingRecorder;
use steeplechase_core::call::{Call, Dialect, Head, Operation};
use steeplechase_core::{Attempts, Retry, Scope, Signal};
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};
use tower::Service;
use tower_test::mock;

use super::*;

type Mock = mock::Mock<Request<()>, Response<Full<Bytes>>>;
type Upstream = mock::Handle<Request<()>, Response<Full<Bytes>>>;
type Limited = mock::Spawn<Timeout<Mock>>;

fn limited(layer: TimeoutLayer) -> (Limited, Upstream) {
    mock::spawn_with(move |mock: Mock| layer.layer(mock))
}

fn with_deadline(left: Duration) -> Request<()> {
    let mut request = Request::new(());
    Attempts::of(request.extensions_mut()).limit_deadline(Instant::now() + left);
    request
}

/// How long a request to an upstream that never answers takes, and its error.
async fn hang(layer: TimeoutLayer, request: Request<()>) -> (Duration, Error) {
    let upstream = tower::service_fn(|_: Request<()>| {
        std::future::pending::<Result<Response<Full<Bytes>>, BoxError>>()
    });
    let started = Instant::now();
    let error = layer.layer(upstream).oneshot(request).await.unwrap_err();
    (started.elapsed(), error)
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_late_is_an_error_at_the_limit_and_no_sooner() {
    let in_flight = Arc::new(());
    let upstream = tower::service_fn(|_: Request<()>| {
        let in_flight = Arc::clone(&in_flight);
        async move {
            std::future::pending::<()>().await;
            drop(in_flight);
            Ok::<_, BoxError>(Response::new(Full::<Bytes>::default()))
        }
    });
    let mut service = TimeoutLayer::new().first_token(secs(30)).layer(upstream);
    let mut call = task::spawn(service.call(Request::new(())));
    assert_pending!(call.poll());
    assert_eq!(Arc::strong_count(&in_flight), 2);

    time::advance(millis(29_999)).await;
    assert!(!call.is_woken());
    assert_pending!(call.poll());
    time::advance(millis(1)).await;
    assert!(call.is_woken());
    let error = assert_ready_err!(call.poll());
    assert_eq!(phase(&error), Phase::FirstToken);

    // `call` is still alive here, and the upstream sees the cancel even so.
    assert_eq!(Arc::strong_count(&in_flight), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_there_together_with_the_limit_is_the_answer() {
    let (mut service, mut upstream) = limited(TimeoutLayer::new().first_token(secs(30)));
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(Request::new(())));
    let (_, reply) = upstream.next_request().await.unwrap();
    assert_pending!(call.poll());

    time::advance(secs(31)).await;
    reply.send_response(Response::new(Full::default()));
    assert_ready_ok!(call.poll());
}

#[tokio::test(start_paused = true)]
async fn the_shortest_limit_counts_and_is_named() {
    let layer = TimeoutLayer::new().first_token(secs(30)).total(secs(600));
    for (layer, deadline, elapsed, phase_, message) in [
        (
            layer,
            900,
            30,
            Phase::FirstToken,
            "no first token within 30 s",
        ),
        (
            layer.total(millis(1_500)),
            900,
            0,
            Phase::Total,
            "no complete answer within 1.5 s",
        ),
        (
            layer,
            10,
            10,
            Phase::Total,
            "no complete answer before the deadline of the request",
        ),
        (
            TimeoutLayer::new(),
            10,
            10,
            Phase::Total,
            "no complete answer before the deadline of the request",
        ),
        (
            layer.total(secs(30)),
            30,
            30,
            Phase::FirstToken,
            "no first token within 30 s",
        ),
    ] {
        let (took, error) = hang(layer, with_deadline(secs(deadline))).await;
        let expected = if elapsed == 0 {
            millis(1_500)
        } else {
            secs(elapsed)
        };
        assert_eq!(took, expected);
        assert_eq!(phase(&error), phase_);
        assert_eq!(error.message(), message);
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_ours_can_be_tried_again_and_the_deadline_of_the_request_cannot() {
    let layer = TimeoutLayer::new().total(secs(5));
    let (_, ours) = hang(layer, with_deadline(secs(6))).await;
    assert_eq!(ours.retry(), Retry::OtherDeployment);
    assert_eq!(ours.scope(), Scope::Deployment);
    let (_, theirs) = hang(layer, with_deadline(secs(4))).await;
    assert_eq!(theirs.retry(), Retry::Never);
    assert_eq!(theirs.scope(), Scope::Request);
}

#[tokio::test(start_paused = true)]
async fn who_is_in_a_hurry_blames_nobody_and_may_try_elsewhere() {
    let limits = Timeouts::new().first_token(secs(2)).of_caller();
    let layer = TimeoutLayer::new().policy(Fixed(limits));
    let upstream = tower::service_fn(|_: Request<()>| {
        std::future::pending::<Result<Response<Full<Bytes>>, BoxError>>()
    });
    let error = layer
        .layer(upstream)
        .oneshot(Request::new(()))
        .await
        .unwrap_err();
    assert_eq!(phase(&error), Phase::FirstToken);
    assert_eq!(
        (error.scope(), error.signal()),
        (Scope::Request, Signal::Neutral)
    );
    assert!(error.outcome().is_retryable());
}

#[tokio::test(start_paused = true)]
async fn a_request_without_time_left_is_not_sent() {
    let (mut service, mut upstream) = limited(TimeoutLayer::new());
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(with_deadline(Duration::ZERO)));
    let error = assert_ready_err!(call.poll());
    assert_eq!(phase(&error), Phase::Total);
    assert_pending!(upstream.poll_request());
}

#[tokio::test(start_paused = true)]
async fn a_request_without_attempts_gets_none() {
    let upstream = tower::service_fn(|request: Request<()>| {
        assert!(Attempts::get(request.extensions()).is_none());
        std::future::ready(Ok::<_, BoxError>(Response::new(Full::<Bytes>::default())))
    });
    let layer = TimeoutLayer::new().total(secs(1));
    layer
        .layer(upstream)
        .oneshot(Request::new(()))
        .await
        .unwrap();
}

#[test]
fn without_limits_there_is_no_timer() {
    // There is no runtime here, so that to make a timer would panic.
    let (mut service, mut upstream) = limited(TimeoutLayer::new());
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(Request::new(())));
    assert_pending!(call.poll());
    let mut next = task::spawn(upstream.next_request());
    let (_, reply) = match next.poll() {
        Poll::Ready(request) => request.unwrap(),
        Poll::Pending => panic!("the request should be there"),
    };
    reply.send_response(Response::new(Full::default()));
    let response = assert_ready_ok!(call.poll());
    let mut collected = task::spawn(response.into_body().collect());
    assert_ready_ok!(collected.poll());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_leaves_nothing_behind() {
    let alive = Arc::new(());
    let upstream = tower::service_fn(|_: Request<()>| {
        let alive = Arc::clone(&alive);
        async move {
            time::sleep(secs(1)).await;
            let mut body = Script::new([]).then_hangs();
            body.alive = alive;
            Ok::<_, BoxError>(Response::new(body))
        }
    });
    let layer = TimeoutLayer::new().total(secs(30));
    let mut service = layer.layer(upstream);
    drop(service.call(Request::new(())));
    assert_eq!(Arc::strong_count(&alive), 1, "before it was polled");

    let call = service.call(Request::new(()));
    time::timeout(millis(500), call).await.unwrap_err();
    assert_eq!(Arc::strong_count(&alive), 1, "before the head");

    let mut body = service.call(Request::new(())).await.unwrap().into_body();
    time::timeout(secs(1), body.frame()).await.unwrap_err();
    assert_eq!(Arc::strong_count(&alive), 2);
    drop(body);
    assert_eq!(Arc::strong_count(&alive), 1, "in the body");
}

#[tokio::test(start_paused = true)]
async fn readiness_and_failures_are_those_of_the_service_inside() {
    let (mut service, mut upstream) = limited(TimeoutLayer::new().total(secs(1)));
    upstream.allow(0);
    assert_pending!(service.poll_ready());
    upstream.allow(1);
    assert!(service.is_woken());
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(Request::new(())));
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_error(Error::new(Class::Quota, "out of credit"));
    assert_eq!(assert_ready_err!(call.poll()).class(), Class::Quota);

    upstream.send_error("gone for good");
    assert_eq!(
        assert_ready_err!(service.poll_ready()).class(),
        Class::Transport
    );
}

#[tokio::test(start_paused = true)]
async fn it_works_over_a_bare_client_with_an_error_of_its_own() {
    let client = tower::service_fn(|request: Request<Full<Bytes>>| async move {
        if request.uri() == "/reset" {
            return Err(io::Error::from(io::ErrorKind::ConnectionReset));
        }
        Ok(Response::new(request.into_body()))
    });
    let service = TimeoutLayer::new().total(secs(1)).layer(client);
    let hello = Full::new(Bytes::from("hello"));
    let answer = service.oneshot(Request::new(hello)).await.unwrap();
    assert_eq!(
        answer.into_body().collect().await.unwrap().to_bytes(),
        "hello"
    );

    let reset = Request::get("/reset").body(Full::default()).unwrap();
    let error = service.oneshot(reset).await.unwrap_err();
    assert_eq!(error.class(), Class::Transport);
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_limits_of_its_own() {
    let layer = TimeoutLayer::new().policy(ByStream {
        whole: Timeouts::new().total(secs(600)),
        stream: Timeouts::new().first_token(secs(30)).total(None),
    });
    for (stream, expected, took) in [(false, Phase::Total, 600), (true, Phase::FirstToken, 30)] {
        let mut head = Head::default();
        head.stream = stream;
        let call = Call::new(Operation::Chat, Dialect::OpenAi, Bytes::new(), head);
        let upstream = tower::service_fn(|_: Request<Call>| {
            std::future::pending::<Result<Response<Empty<Bytes>>, BoxError>>()
        });
        let started = Instant::now();
        let service = layer.layer(upstream);
        let error = service.oneshot(Request::new(call)).await.unwrap_err();
        assert_eq!(phase(&error), expected);
        assert_eq!(started.elapsed(), secs(took));
    }
}

#[tokio::test(start_paused = true)]
async fn limits_beyond_all_time_are_none() {
    let never = Some(Duration::MAX);
    let layer = TimeoutLayer::new()
        .first_token(never)
        .byte_idle(never)
        .content_idle(never)
        .total(never);
    let script = Script::new([(secs(1), ping()), (secs(2), word())]);
    let mut body = answer(layer, Request::new(()), secs(1), script)
        .await
        .unwrap()
        .into_body();
    let (frames, ending) = read(&mut body).await;
    assert_eq!(frames, 2);
    ending.unwrap();
}

#[test]
fn timeouts_are_counted_by_phase() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    ::metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let layer = TimeoutLayer::new().first_token(secs(1));
            hang(layer, Request::new(())).await;
            hang(TimeoutLayer::new(), with_deadline(secs(1))).await;
            hang(layer.total(millis(1)), Request::new(())).await;
            for layer in [
                TimeoutLayer::new().byte_idle(secs(1)),
                layer.content_idle(secs(1)),
            ] {
                let script = Script::new([(secs(0), word())]).then_hangs();
                let mut body = body_of(layer, script).await;
                read(&mut body).await.1.unwrap_err();
            }
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
            "Key(steeplechase_timeout_timeouts_total, [phase = byte idle]) = Counter(1)",
            "Key(steeplechase_timeout_timeouts_total, [phase = content idle]) = Counter(1)",
            "Key(steeplechase_timeout_timeouts_total, [phase = first token]) = Counter(1)",
            "Key(steeplechase_timeout_timeouts_total, [phase = total]) = Counter(2)",
        ]
    );
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "polled after completion")]
async fn polling_after_completion_is_a_bug_in_the_caller() {
    let (mut service, _upstream) = limited(TimeoutLayer::new());
    assert_ready_ok!(service.poll_ready());
    let mut call = task::spawn(service.call(with_deadline(Duration::ZERO)));
    assert_ready_err!(call.poll());
    let _ = call.poll();
}

#[tokio::test(start_paused = true)]
async fn what_should_be_send_and_sync_and_unpin_is() {
    fn assert_send<T: Send>(_: &T) {}
    fn assert_send_sync<T: Send + Sync>(_: &T) {}
    fn assert_send_sync_unpin<T: Send + Sync + Unpin>(_: &T) {}

    let layer = TimeoutLayer::new().total(secs(1));
    let (upstream, _handle) = mock::pair::<Request<()>, Response<Full<Bytes>>>();
    let service = layer.layer(upstream);
    assert_send_sync(&layer);
    assert_send_sync(&service);
    assert_send_sync_unpin(&body_of(layer, Script::new([])).await);

    let call = async move { service.oneshot(Request::new(())).await };
    assert_send(&call);
}

#[test]
fn the_service_inside_can_be_reached() {
    let mut service = TimeoutLayer::new().layer(1);
    *service.get_mut() += 1;
    assert_eq!(*service.get_ref(), 2);
    assert_eq!(service.into_inner(), 2);
}
