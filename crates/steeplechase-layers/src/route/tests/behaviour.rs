//! What becomes of a request that was sent, one sentence for each test.

use http::StatusCode;
use http_body_util::BodyExt;
use metrics_util::debugging::DebuggingRecorder;
use steeplechase_core::{Class, Load};
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};
use tower::layer::util::Identity;
use tower_test::mock;

use super::*;

type Client = mock::Mock<Request<()>, Response<Body>>;
type Upstream = mock::Handle<Request<()>, Response<Body>>;

/// One deployment, and a client that does what the test says.
fn scripted() -> (Arc<Deployment>, Route<Client, WeightedShuffle>, Upstream) {
    let deployment = builder("a").build();
    let (client, upstream) = mock::pair();
    let group = [Arc::clone(&deployment)];
    let layer = RouteLayer::new(group, WeightedShuffle::new(), |_| Identity::new());
    (deployment, layer.layer(client), upstream)
}

fn response() -> Response<Body> {
    Response::new(Body::from("hello"))
}

#[tokio::test(start_paused = true)]
async fn the_answer_is_handed_on_and_says_who_has_served_it() {
    let (deployment, mut service, mut upstream) = scripted();
    let mut call = task::spawn(service.call(Request::new(())));
    assert_pending!(call.poll());

    let (request, reply) = upstream.next_request().await.unwrap();
    assert!(
        Attempts::get(request.extensions())
            .unwrap()
            .has_tried(deployment.key())
    );
    reply.send_response(response());

    assert!(call.is_woken());
    let response = assert_ready_ok!(call.poll());
    assert_eq!(response.served_by(), "a");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "hello");
}

#[tokio::test(start_paused = true)]
async fn it_is_always_ready_and_an_attempt_waits_for_its_own_service() {
    let (_, mut service, mut upstream) = scripted();
    upstream.allow(0);
    let mut ready = task::spawn(());
    ready.enter(|cx, _| assert_ready_ok!(service.poll_ready(cx)));

    let mut call = task::spawn(service.call(Request::new(())));
    assert_pending!(call.poll());
    assert_pending!(upstream.poll_request());

    upstream.allow(1);
    assert!(call.is_woken());
    assert_pending!(call.poll());
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(response());
    assert!(call.is_woken());
    assert_ready_ok!(call.poll());
}

#[tokio::test(start_paused = true)]
async fn a_call_is_in_flight_until_its_body_has_ended() {
    let (deployment, mut service, mut upstream) = scripted();
    let load = deployment.load();

    let mut call = task::spawn(service.call(Request::new(())));
    assert_eq!(load.in_flight(), 1);
    assert_pending!(call.poll());
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_response(response());
    let response = assert_ready_ok!(call.poll());
    assert_eq!(load.in_flight(), 1, "the answer has only begun");

    response.into_body().collect().await.unwrap();
    assert_eq!(load.in_flight(), 0);
    drop(call);
    assert_eq!(load.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_is_no_longer_in_flight() {
    let (deployment, mut service, mut upstream) = scripted();
    let load = deployment.load();

    // Before it is polled, while it waits for its service, for the answer, for the body.
    for polls in 0..4 {
        upstream.allow(0);
        let mut call = task::spawn(service.call(Request::new(())));
        if polls > 0 {
            assert_pending!(call.poll());
        }
        upstream.allow(1);
        if polls > 1 {
            assert_pending!(call.poll());
            let (_, reply) = upstream.next_request().await.unwrap();
            if polls > 2 {
                reply.send_response(response());
                let response = assert_ready_ok!(call.poll());
                assert_eq!(load.in_flight(), 1);
                drop(response);
            }
        }
        drop(call);
        assert_eq!(load.in_flight(), 0, "after {polls} polls");
    }
}

#[tokio::test(start_paused = true)]
async fn the_latency_of_a_success_is_the_time_to_its_answer() {
    let (deployment, mut service, mut upstream) = scripted();
    let mut call = task::spawn(service.call(Request::new(())));
    assert_pending!(call.poll());
    let (_, reply) = upstream.next_request().await.unwrap();
    time::advance(SECOND * 3).await;
    reply.send_response(response());
    assert_ready_ok!(call.poll());
    assert_eq!(deployment.load().latency(), SECOND * 3);
}

#[tokio::test(start_paused = true)]
async fn a_failure_counts_as_slow_and_the_callers_fault_as_nothing() {
    let hint = SECOND * 20;
    for (error, expected) in [
        (Error::new(Class::Server, "broken"), Load::PENALTY),
        (
            Error::new(Class::RateLimited, "busy").with_retry_after(hint),
            hint,
        ),
        // It says nothing about health, and fails at once and for good.
        (Error::new(Class::Auth, "wrong key"), Load::PENALTY),
        (Error::new(Class::NotFound, "wrong model"), Load::PENALTY),
        (Error::new(Class::InvalidRequest, "bad"), Load::UNKNOWN),
        (Error::new(Class::Unavailable, "full"), Load::UNKNOWN),
    ] {
        let (deployment, mut service, mut upstream) = scripted();
        let class = error.class();
        let mut call = task::spawn(service.call(Request::new(())));
        assert_pending!(call.poll());
        let (_, reply) = upstream.next_request().await.unwrap();
        reply.send_error(error);

        let error = assert_ready_err!(call.poll());
        assert_eq!(error.class(), class);
        assert_eq!(error.deployment(), Some("a"));
        assert_eq!(deployment.load().latency(), expected, "{class:?}");
        assert_eq!(deployment.load().in_flight(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_dropped_has_taken_at_least_as_long_as_it_was_waited_for() {
    let (deployment, mut service, mut upstream) = scripted();
    for (waited, expected) in [(SECOND / 2, Load::UNKNOWN), (SECOND * 4, SECOND * 4)] {
        let mut call = task::spawn(service.call(Request::new(())));
        assert_pending!(call.poll());
        let _request = upstream.next_request().await.unwrap();
        time::advance(waited).await;
        drop(call);
        assert_eq!(deployment.load().latency(), expected);
    }
}

#[tokio::test]
async fn an_error_that_names_its_deployment_keeps_it() {
    let (_, mut service, mut upstream) = scripted();
    let mut call = task::spawn(service.call(Request::new(())));
    assert_pending!(call.poll());
    let (_, reply) = upstream.next_request().await.unwrap();
    reply.send_error(Error::new(Class::Server, "broken").with_deployment("another"));
    assert_eq!(assert_ready_err!(call.poll()).deployment(), Some("another"));
}

#[tokio::test(start_paused = true)]
async fn over_a_bare_client_it_goes_by_the_status_and_takes_any_error() {
    let bare = |status: Option<StatusCode>| {
        let client = tower::service_fn(move |_: Request<Body>| async move {
            let status = status.ok_or(std::io::ErrorKind::ConnectionReset)?;
            let mut response = response();
            *response.status_mut() = status;
            Ok::<_, std::io::Error>(response)
        });
        let deployment = builder("a").build();
        let layer = RouteLayer::new([Arc::clone(&deployment)], LeastBusy::new(), tag);
        (deployment, layer.layer(client))
    };

    let (deployment, service) = bare(Some(StatusCode::BAD_GATEWAY));
    let answer = service.oneshot(Request::default()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(deployment.load().latency(), Load::PENALTY);

    let (deployment, service) = bare(None);
    let error = service.oneshot(Request::default()).await.unwrap_err();
    assert_eq!(error.class(), Class::Transport);
    assert_eq!(error.deployment(), Some("a"));
    assert_eq!(deployment.load().latency(), Load::PENALTY);
}

#[test]
fn picks_are_counted_by_deployment_and_reason() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    ::metrics::with_local_recorder(&recorder, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let group = deployments(1);
            let mut service = healthy(&group);
            let mut request = Request::new(());
            attempts(&mut request);
            // The second time it was tried already.
            for request in [request.clone(), request] {
                service.call(request).await.unwrap();
            }
            open_for(&group[0], SECOND);
            service.call(Request::new(())).await.unwrap();
            time::advance(SECOND).await;
            service.call(Request::new(())).await.unwrap();
            cool_for(&group[0], SECOND);
            assert!(service.call(Request::new(())).await.is_err());
        });
    });

    let counted = snapshotter.snapshot().into_vec().into_iter();
    let mut counted: Vec<_> = counted
        .map(|(key, _, _, value)| format!("{} = {value:?}", key.key()))
        .collect();
    counted.sort();
    let pick = |reason| {
        format!(
            "Key(steeplechase_route_picks_total, [deployment = a, reason = {reason}]) = Counter(1)"
        )
    };
    assert_eq!(
        counted,
        [
            pick("again"),
            pick("panic"),
            pick("probe"),
            pick("strategy"),
            "Key(steeplechase_route_refused_total, [reason = cooling]) = Counter(1)".to_owned(),
        ]
    );
}

#[tokio::test]
#[should_panic(expected = "polled after completion")]
async fn polling_after_completion_is_a_bug_in_the_caller() {
    let group = deployments(1);
    let mut call = task::spawn(healthy(&group).call(Request::new(())));
    assert!(call.poll().is_ready());
    let _ = call.poll();
}

#[test]
fn what_should_be_send_and_sync_is() {
    fn assert_send<T: Send>(_: &T) {}
    fn assert_send_sync<T: Send + Sync>(_: &T) {}

    let strategy: Arc<dyn Strategy> = Arc::new(LowestLatency::new());
    let layer = RouteLayer::new(deployments(2), strategy, tag::<()>);
    let (client, _upstream): (Client, Upstream) = mock::pair();
    let mut service = layer.layer(client);
    assert_send_sync(&layer);
    assert_send_sync(&service);
    assert_send(&service.call(Request::new(())));
    assert!(format!("{layer:?} {service:?}").contains("LowestLatency"));
}

#[tokio::test(start_paused = true)]
async fn a_failure_says_how_long_its_deployment_is_left_alone() {
    let deployment = builder("lone").build();
    let health = Arc::clone(deployment.health());
    let layer = RouteLayer::new(
        [deployment],
        WeightedShuffle::new(),
        |_: &Arc<Deployment>| Identity::new(),
    );
    let service = layer.layer(tower::service_fn(move |_: Request<()>| {
        health.cool_until(Instant::now() + Duration::from_secs(7));
        async {
            let error = Error::new(Class::RateLimited, "too many requests");
            Err::<Response<Body>, _>(error)
        }
    }));
    let error = service.oneshot(Request::new(())).await.unwrap_err();
    assert_eq!(error.class(), Class::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
}
