//! What the layer does, one sentence for each test.

use std::convert::Infallible;
use std::io;

use metrics_util::debugging::DebuggingRecorder;
use steeplechase_core::attempts::{Budget, BudgetConfig};

use super::*;

/// A body that must not be cloned.
struct Unique;

impl Clone for Unique {
    fn clone(&self) -> Self {
        panic!("cloned");
    }
}

/// Lanes for requests that differ in their body.
#[derive(Clone)]
struct Numbered(u8);

impl Lanes<u8> for Numbered {
    fn start(&self, request: Request<u8>) -> Start<Request<u8>> {
        Start::Variants(request, (1..self.0).map(Request::new).collect())
    }
}

#[tokio::test(start_paused = true)]
async fn a_single_lane_is_neither_cloned_nor_marked() {
    let upstream = tower::service_fn(|request: Request<Unique>| async move {
        assert!(Attempts::get(request.extensions()).is_none());
        Ok::<_, Infallible>(Response::new(()))
    });
    for width in [0, 1] {
        let mut service = RaceLayer::new(width).layer(upstream);
        let mut call = task::spawn(service.call(Request::new(Unique)));
        let response = assert_ready_ok!(call.poll());
        assert!(response.extensions().get::<Won>().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_success_wins_and_wakes_the_caller() {
    for winner in 0..3 {
        let (mut service, mut upstream) = raced(3);
        let mut call = send(&mut service);
        assert_pending!(call.poll());
        let mut lanes = Vec::new();
        for _ in 0..3 {
            lanes.push(next(&mut upstream));
        }
        assert!(!call.is_woken());
        assert_pending!(upstream.poll_request());

        lanes.remove(winner).send_response(response(201));
        assert!(call.is_woken());
        assert_eq!(assert_ready_ok!(call.poll()).status(), 201);
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_lane_that_is_ready_at_once_is_all_that_is_started() {
    let (mut service, mut upstream) = raced(2);
    let mut call = send(&mut service);
    next(&mut upstream).send_response(response(200));
    assert_ready_ok!(call.poll());
    assert_pending!(upstream.poll_request());
}

#[tokio::test(start_paused = true)]
async fn a_later_lane_that_is_ready_at_once_ends_the_race_before_the_next_is_started() {
    let upstream = tower::service_fn(|request: Request<()>| async move {
        if Attempts::get(request.extensions()).unwrap().used() == 1 {
            std::future::pending::<()>().await;
        }
        Ok::<_, Infallible>(Response::new(()))
    });
    let mut service = RaceLayer::new(3).layer(upstream);
    let (request, attempts) = request(());
    let mut call = task::spawn(service.call(request));
    assert_ready_ok!(call.poll());
    assert_eq!(attempts.used(), 2);
}

#[test]
fn lanes_that_fail_at_once_are_followed_by_the_next() {
    let fails = Script::fails_after(Duration::ZERO, Class::Server);
    let scripts = [fails.clone(), fails.clone(), Script::succeeds_after(SECOND)];
    assert_eq!(run(Width(3), &scripts, 5), (Ok(2), SECOND, 3));

    let scripts = [fails.clone(), fails];
    let told = Err((Class::Server, 0));
    assert_eq!(run(Width(2), &scripts, 5), (told, Duration::ZERO, 2));
}

#[tokio::test(start_paused = true)]
async fn only_the_lane_that_is_woken_matters() {
    let (mut service, mut upstream) = raced(2);
    let mut call = send(&mut service);
    assert_pending!(call.poll());
    let first = next(&mut upstream);
    let second = next(&mut upstream);

    first.send_error("connection reset");
    assert!(call.is_woken());
    assert_pending!(call.poll());
    assert!(!call.is_woken());

    second.send_response(response(200));
    assert!(call.is_woken());
    assert_ready_ok!(call.poll());
}

#[tokio::test(start_paused = true)]
async fn of_two_that_are_ready_together_the_first_lane_wins() {
    let (mut service, mut upstream) = raced(2);
    let mut call = send(&mut service);
    assert_pending!(call.poll());
    let first = next(&mut upstream);
    let second = next(&mut upstream);
    second.send_response(response(202));
    first.send_response(response(201));
    assert_eq!(assert_ready_ok!(call.poll()).status(), 201);
}

#[tokio::test(start_paused = true)]
async fn each_lane_is_called_before_the_next_is_started() {
    // A router that gives each lane a deployment of its own, of which there are three.
    let upstream = tower::service_fn(|request: Request<()>| {
        let attempts = Attempts::get(request.extensions()).unwrap();
        let tried = attempts.with_tried(<[u32]>::len);
        attempts.mark_tried(u32::try_from(tried).unwrap());
        attempts.set_alternatives(2_u32.saturating_sub(u32::try_from(tried).unwrap()));
        std::future::pending::<Result<Response<()>, Infallible>>()
    });
    let mut service = RaceLayer::new(5).layer(upstream);
    let (request, attempts) = request(());
    let mut call = task::spawn(service.call(request));
    assert_eq!(attempts.with_tried(<[u32]>::to_vec), [0]);
    assert_pending!(call.poll());

    // A fourth copy would have had to run where one runs already.
    assert_eq!(attempts.with_tried(<[u32]>::to_vec), [0, 1, 2]);
    assert_eq!((attempts.used(), attempts.count(Kind::Race)), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn a_lane_waits_for_its_own_service_to_be_ready() {
    let (mut service, mut upstream) = raced(2);
    upstream.allow(1);
    let mut call = send(&mut service);
    assert_pending!(call.poll());
    let _first = next(&mut upstream);
    assert_pending!(upstream.poll_request());

    upstream.allow(1);
    assert!(call.is_woken());
    assert_pending!(call.poll());
    next(&mut upstream).send_response(response(200));
    assert_ready_ok!(call.poll());
}

#[tokio::test(start_paused = true)]
async fn the_losers_are_dropped_before_the_winner_is_read() {
    let in_flight = Arc::new(());
    for winner in 0..3 {
        let upstream = tower::service_fn(|request: Request<()>| {
            let in_flight = Arc::clone(&in_flight);
            let lane = Attempts::get(request.extensions())
                .unwrap()
                .count(Kind::Race);
            async move {
                time::sleep(if lane == winner { SECOND } else { SECOND * 9 }).await;
                drop(in_flight);
                Ok::<_, Infallible>(Response::new(()))
            }
        });
        let mut service = RaceLayer::new(3).layer(upstream);
        let mut call = task::spawn(service.call(request(()).0));
        assert_pending!(call.poll());
        assert_eq!(Arc::strong_count(&in_flight), 4, "all should be in flight");
        time::advance(SECOND).await;
        assert_ready_ok!(call.poll());

        // `call` is still alive here, as it is for a caller that has yet to read the body.
        assert_eq!(Arc::strong_count(&in_flight), 1, "none should be left");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_takes_all_lanes_with_it_at_any_poll() {
    let budget = Budget::new(BudgetConfig::new());
    let in_flight = Arc::new(());
    for polls in 0..=3 {
        let upstream = tower::service_fn(|request: Request<()>| {
            let in_flight = Arc::clone(&in_flight);
            let lane = Attempts::get(request.extensions())
                .unwrap()
                .count(Kind::Race);
            async move {
                time::sleep(SECOND * u32::from(lane + 1)).await;
                drop(in_flight);
                Err::<Response<()>, _>(Error::new(Class::Server, ""))
            }
        });
        let mut service = RaceLayer::new(4).layer(upstream);
        let (request, attempts) = request(());
        attempts.enter(&budget);
        drop(attempts);
        let mut call = task::spawn(service.call(request));
        for _ in 0..polls {
            assert_pending!(call.poll());
            time::advance(SECOND).await;
        }
        assert!(Arc::strong_count(&in_flight) > 1);
        drop(call);
        assert_eq!(Arc::strong_count(&in_flight), 1);
        assert_eq!(budget.requests_in_flight(), 0);
        assert_eq!(budget.extra_in_flight(), 0);
    }
}

#[test]
fn a_failing_lane_never_wins_while_another_lives() {
    for class in [Class::Server, Class::ContentPolicy, Class::Unsupported] {
        let scripts = [
            Script::fails_after(SECOND, class),
            Script::succeeds_after(SECOND * 3),
            Script::fails_after(SECOND * 2, class),
        ];
        assert_eq!(run(Width(3), &scripts, 5), (Ok(1), SECOND * 3, 3));
    }
}

#[test]
fn a_failure_that_every_copy_must_meet_ends_all_copies() {
    let scripts = [
        Script::succeeds_after(SECOND * 3),
        Script::fails_after(SECOND, Class::InvalidRequest),
    ];
    let wrong = Err((Class::InvalidRequest, 1));
    assert_eq!(run(Width(2), &scripts, 5), (wrong, SECOND, 2));
}

#[test]
fn when_all_fail_the_caller_is_told_what_it_can_make_most_of() {
    let fails = |secs, class| Script::fails_after(SECOND * secs, class);
    let scripts = [
        fails(3, Class::Server),
        fails(4, Class::RateLimited),
        fails(1, Class::RateLimited),
        fails(2, Class::Overloaded),
    ];
    let told = Err((Class::RateLimited, 1));
    assert_eq!(run(Width(4), &scripts, 5), (told, SECOND * 4, 4));
}

#[test]
fn lanes_that_are_denied_are_not_started() {
    let scripts = vec![Script::succeeds_after(SECOND); 5];
    assert_eq!(run(Width(5), &scripts, 3).2, 3);
    assert_eq!(run(Width(5), &scripts, 1).2, 1);
    assert_eq!(run(Width(255), &scripts, 5).2, 5);
}

#[tokio::test(start_paused = true)]
async fn variants_share_attempts_survive_a_wrong_one_and_name_the_winner() {
    let upstream = tower::service_fn(|request: Request<u8>| {
        let attempts = Attempts::get(request.extensions()).unwrap();
        // One that a variant has not, though it would be of no use to a copy.
        attempts.set_alternatives(0);
        let (lane, used) = (*request.body(), attempts.used());
        async move {
            assert_eq!(used, lane + 1);
            if lane == 0 {
                return Err(Error::new(Class::InvalidRequest, ""));
            }
            time::sleep(SECOND / u32::from(lane)).await;
            Ok(Response::new(lane))
        }
    });
    let service = RaceLayer::new(1).policy(Numbered(3)).layer(upstream);
    let response = service.oneshot(request(0).0).await.unwrap();
    assert_eq!(*response.body(), 2);
    let won = response.extensions().get::<Won>();
    assert_eq!(won, Some(&Won { lane: 2, lanes: 3 }));
}

#[tokio::test(start_paused = true)]
async fn there_are_no_more_variants_than_attempts_can_be() {
    let upstream = tower::service_fn(|request: Request<u8>| {
        assert!(*request.body() < Attempts::HARD_CAP);
        std::future::pending::<Result<Response<()>, Infallible>>()
    });
    let mut service = RaceLayer::new(1).policy(Numbered(9)).layer(upstream);
    let (request, attempts) = request(0);
    let mut call = task::spawn(service.call(request));
    assert_pending!(call.poll());
    assert_eq!(attempts.used(), Attempts::HARD_CAP);
}

#[tokio::test(start_paused = true)]
async fn it_works_over_a_bare_client_whose_error_is_not_ours() {
    let upstream = tower::service_fn(|request: Request<Body>| async move {
        let attempts = Attempts::get(request.extensions()).unwrap();
        if attempts.count(Kind::Race) == 0 {
            return Err(io::Error::from(io::ErrorKind::ConnectionReset));
        }
        Ok(Response::new(Full::new(Bytes::from_static(b"hello"))))
    });
    let service = RaceLayer::new(2).layer(upstream);
    let answered = service.oneshot(Request::new(Body::default())).await;
    assert_eq!(answered.unwrap().status(), 200);

    let refused = tower::service_fn(|_: Request<Body>| async {
        Err::<Response<Body>, _>(io::Error::from(io::ErrorKind::ConnectionRefused))
    });
    let service = RaceLayer::new(2).layer(refused);
    let error = service.oneshot(Request::new(Body::default())).await;
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn lanes_are_counted_by_what_became_of_them() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    ::metrics::with_local_recorder(&recorder, || {
        let scripts = [
            Script::fails_after(SECOND, Class::Server),
            Script::succeeds_after(SECOND * 2),
            Script::succeeds_after(SECOND * 3),
        ];
        assert_eq!(run(Width(5), &scripts, 3).0, Ok(1));
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
            "Key(steeplechase_race_lanes_total, [result = denied]) = Counter(2)",
            "Key(steeplechase_race_lanes_total, [result = failed]) = Counter(1)",
            "Key(steeplechase_race_lanes_total, [result = lost]) = Counter(1)",
            "Key(steeplechase_race_lanes_total, [result = won]) = Counter(1)",
        ]
    );
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "polled after completion")]
async fn polling_after_completion_is_a_bug_in_the_caller() {
    let (mut service, mut upstream) = raced(2);
    let mut call = send(&mut service);
    next(&mut upstream).send_error("no");
    assert_pending!(call.poll());
    next(&mut upstream).send_error("no");
    assert_ready_err!(call.poll());
    let _ = call.poll();
}

#[test]
fn what_should_be_send_and_sync_is() {
    fn assert_send<T: Send>(_: &T) {}
    fn assert_send_sync<T: Send + Sync>(_: &T) {}

    let layer = RaceLayer::new(2);
    let (upstream, _handle) = mock::pair::<Request<Body>, Response<Body>>();
    let service = layer.layer(upstream);
    assert_send_sync(&layer);
    assert_send_sync(&service);

    let call = async move { service.oneshot(Request::new(Body::default())).await };
    assert_send(&call);
}
