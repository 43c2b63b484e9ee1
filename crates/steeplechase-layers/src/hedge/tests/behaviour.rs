//! What the layer does, one sentence for each test.

use std::convert::Infallible;
use std::io;

use steeplechase_core::{Retry, Scope};
use tokio_test::assert_ready_err;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_primary_that_answers_in_time_is_all_that_is_sent() {
    let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
    let mut call = send(&mut service);
    let primary = next(&mut upstream);

    time::advance(ALMOST_DELAY).await;
    assert_pending!(call.poll());
    primary.send_response(response(200));

    assert_eq!(assert_ready_ok!(call.poll()).status(), 200);
    time::advance(DELAY).await;
    assert_pending!(upstream.poll_request());
}

#[tokio::test(start_paused = true)]
async fn a_hedge_is_sent_when_the_delay_is_over_and_no_sooner() {
    let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
    let mut call = send(&mut service);
    let _primary = next(&mut upstream);
    assert_pending!(call.poll());

    time::advance(ALMOST_DELAY).await;
    assert!(!call.is_woken());
    assert_pending!(call.poll());
    assert_pending!(upstream.poll_request());

    time::advance(ONE_MILLI).await;
    assert!(call.is_woken());
    assert_pending!(call.poll());
    let _hedge = next(&mut upstream);

    // There is no third copy.
    time::advance(DELAY * 100).await;
    assert_pending!(call.poll());
    assert_pending!(upstream.poll_request());
}

#[tokio::test(start_paused = true)]
async fn a_primary_that_is_ready_together_with_the_delay_is_not_hedged() {
    let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
    let mut call = send(&mut service);
    let primary = next(&mut upstream);
    assert_pending!(call.poll());

    time::advance(DELAY).await;
    primary.send_response(response(200));

    assert_ready_ok!(call.poll());
    assert_pending!(upstream.poll_request());
}

#[tokio::test(start_paused = true)]
async fn the_first_success_wins() {
    for winner in [Copy::Primary, Copy::Hedge] {
        let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
        let (mut call, primary, hedge) = both_in_flight(&mut service, &mut upstream).await;

        match winner {
            Copy::Primary => primary.send_response(response(201)),
            Copy::Hedge => hedge.send_response(response(201)),
        }

        assert!(call.is_woken());
        assert_eq!(assert_ready_ok!(call.poll()).status(), 201);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_hedge_leaves_it_to_the_primary() {
    let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
    let (mut call, primary, hedge) = both_in_flight(&mut service, &mut upstream).await;

    hedge.send_response(response(502));
    assert_pending!(call.poll());

    primary.send_response(response(200));
    assert!(call.is_woken());
    assert_eq!(assert_ready_ok!(call.poll()).status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_failed_primary_leaves_it_to_the_hedge_in_flight() {
    let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
    let (mut call, primary, hedge) = both_in_flight(&mut service, &mut upstream).await;

    primary.send_error("connection reset");
    assert_pending!(call.poll());

    hedge.send_response(response(200));
    assert!(call.is_woken());
    assert_eq!(assert_ready_ok!(call.poll()).status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_primary_that_fails_in_time_is_followed_by_the_hedge_at_once() {
    let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
    let (request, attempts) = request_with_attempts();
    let mut call = send_this(&mut service, request);
    next(&mut upstream).send_error("connection refused");

    assert_pending!(call.poll());
    let hedge = next(&mut upstream);
    assert_eq!(attempts.count(Kind::Hedge), 1);

    // It was the one hedge of the request: the delay brings no other.
    time::advance(DELAY * 2).await;
    assert_pending!(call.poll());
    assert_pending!(upstream.poll_request());

    hedge.send_response(response(200));
    assert!(call.is_woken());
    assert_eq!(assert_ready_ok!(call.poll()).status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_primary_that_nobody_would_do_better_than_is_returned_at_once() {
    let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
    let mut call = send(&mut service);
    next(&mut upstream).send_response(response(400));

    assert_eq!(assert_ready_ok!(call.poll()).status(), 400);
    time::advance(DELAY).await;
    assert_pending!(upstream.poll_request());
}

#[test]
fn a_failure_that_every_copy_must_meet_ends_both() {
    let slow = Script::succeeds_after(DELAY * 9);
    let wrong = Script::fails_after(DELAY * 2, Class::InvalidRequest);
    let layer = || HedgeLayer::after(DELAY);

    let (answer, at) = run(&layer(), &wrong, &slow);
    assert_eq!(answer, Err((Class::InvalidRequest, Copy::Primary)));
    assert_eq!(at, DELAY * 2);

    let (answer, at) = run(&layer(), &slow, &wrong);
    assert_eq!(answer, Err((Class::InvalidRequest, Copy::Hedge)));
    assert_eq!(at, DELAY * 3);
}

#[test]
fn a_failure_that_another_copy_need_not_meet_ends_nothing() {
    let error = |scope, retry| {
        Error::new(Class::Server, "")
            .with_scope(scope)
            .with_retry(retry)
    };
    for error in [
        error(Scope::Deployment, Retry::Never),
        error(Scope::Request, Retry::OtherModel),
        Error::new(Class::ContentPolicy, ""),
        Error::new(Class::Unsupported, ""),
    ] {
        let end = End::Fails(error);
        let latency = DELAY * 2;
        let (answer, _) = run(
            &HedgeLayer::after(DELAY),
            &Script { latency, end },
            &Script::succeeds_after(DELAY * 9),
        );
        assert_eq!(answer, Ok(Copy::Hedge));
    }
}

#[test]
fn when_both_fail_the_caller_is_told_what_it_can_make_more_of() {
    let classes = [
        Class::ContextWindow,
        Class::Quota,
        Class::RateLimited,
        Class::Overloaded,
        Class::Timeout(steeplechase_core::Phase::FirstToken),
        Class::Transport,
    ];
    for primary in classes {
        for hedge in classes {
            for first in [Copy::Primary, Copy::Hedge] {
                let late = if first == Copy::Primary { 2 } else { 8 };
                let (answer, _) = run(
                    &HedgeLayer::after(DELAY),
                    &Script::fails_after(DELAY * late, primary),
                    &Script::fails_after(DELAY * 4, hedge),
                );
                let told = if hedge.usefulness() > primary.usefulness() {
                    (hedge, Copy::Hedge)
                } else {
                    (primary, Copy::Primary)
                };
                assert_eq!(answer, Err(told), "{first:?} fails first");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hedge_waits_for_its_own_service_to_be_ready() {
    let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
    upstream.allow(1);
    let mut call = send(&mut service);
    let _primary = next(&mut upstream);
    assert_pending!(call.poll());

    time::advance(DELAY).await;
    assert_pending!(call.poll());
    assert_pending!(upstream.poll_request());

    upstream.allow(1);
    assert!(call.is_woken());
    assert_pending!(call.poll());
    let _hedge = next(&mut upstream);
}

#[tokio::test(start_paused = true)]
async fn it_works_over_a_bare_client_whose_error_is_not_ours() {
    let upstream = tower::service_fn(|request: Request<Body>| async move {
        let attempts = Attempts::get(request.extensions()).unwrap();
        if attempts.count(Kind::Hedge) == 0 {
            return Err(io::Error::from(io::ErrorKind::ConnectionReset));
        }
        Ok(Response::new(Full::new(Bytes::from_static(b"hello"))))
    });

    let service = HedgeLayer::auto().layer(upstream);
    let response = service.oneshot(request()).await.unwrap();
    assert_eq!(response.status(), 200);

    let refused = tower::service_fn(|_: Request<Body>| async {
        Err::<Response<Body>, _>(io::Error::from(io::ErrorKind::ConnectionRefused))
    });
    let service = HedgeLayer::auto().layer(refused);
    let error = service.oneshot(request()).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn hedges_are_counted_by_what_became_of_them() {
    let (recorder, snapshotter) = recorder();
    let (slow, fast) = (DELAY * 3, DELAY);
    let slow = Script::succeeds_after(slow);
    let fast = Script::succeeds_after(fast);
    let fails = Script::fails_after(ONE_MILLI, Class::Server);

    ::metrics::with_local_recorder(&recorder, || {
        let layer = || HedgeLayer::after(DELAY).group("fast");
        let none = HedgeLayer::with(HedgeConfig::new(Delay::Fixed(DELAY)).max_extra(0.0));
        let refused = layer().policy(|_: &Request<()>| false);

        assert_eq!(run(&layer(), &slow, &fast).0, Ok(Copy::Hedge));
        assert_eq!(run(&layer(), &slow, &slow).0, Ok(Copy::Primary));
        assert_eq!(run(&layer(), &fails, &fast).0, Ok(Copy::Hedge));
        assert_eq!(run(&none.group("fast"), &slow, &fast).0, Ok(Copy::Primary));
        block_on(async {
            let upstream = tower::service_fn(|_| async {
                time::sleep(DELAY * 2).await;
                Ok::<_, Infallible>(Response::new(()))
            });
            let service = refused.layer(upstream);
            service.oneshot(Request::new(())).await.unwrap();
        });
    });

    let line = |result, n| {
        format!(
            "Key(steeplechase_hedge_hedges_total, [group = fast, result = {result}]) = Counter({n})"
        )
    };
    assert_eq!(
        counted(&snapshotter),
        [
            "Key(steeplechase_hedge_delay_seconds, [group = fast]) = Gauge(0.1)".to_owned(),
            line("budget", 1),
            line("failover", 1),
            line("ineligible", 1),
            line("lost", 1),
            line("sent", 2),
            line("won", 2),
        ]
    );
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "polled after completion")]
async fn polling_after_completion_is_a_bug_in_the_caller() {
    let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
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

    let layer = HedgeLayer::after(DELAY);
    let (upstream, _handle) = mock::pair::<Request<Body>, Response<Body>>();
    let service = layer.layer(upstream);
    assert_send_sync(&layer);
    assert_send_sync(&service);

    let call = async move { service.oneshot(request()).await };
    assert_send(&call);
}
