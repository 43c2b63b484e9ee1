//! When no hedge is sent.

use proptest::prelude::*;
use steeplechase_core::attempts::{Budget, BudgetConfig};
use tower::Service;

use super::*;
use crate::hedge::budget::Bucket;

/// A body that must not be cloned.
#[derive(Debug)]
struct Unique;

impl Clone for Unique {
    fn clone(&self) -> Self {
        panic!("cloned");
    }
}

#[test]
fn a_layer_that_is_off_neither_clones_nor_marks_nor_needs_a_clock() {
    let upstream = tower::service_fn(|request: Request<Unique>| async move {
        assert!(Attempts::get(request.extensions()).is_none());
        Ok::<_, Error>(Response::builder().status(503).body(()).unwrap())
    });
    let mut service = HedgeLayer::off().layer(upstream);
    let mut call = task::spawn(service.call(Request::new(Unique)));
    assert_eq!(assert_ready_ok!(call.poll()).status(), 503);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_the_policy_refuses_is_not_cloned() {
    let upstream = tower::service_fn(|_: Request<Unique>| async {
        time::sleep(DELAY * 10).await;
        Err::<Response<()>, _>(Error::new(Class::Server, ""))
    });
    let layer = HedgeLayer::after(DELAY).policy(|_: &Request<Unique>| false);

    let started = Instant::now();
    let result = layer.layer(upstream).oneshot(Request::new(Unique)).await;
    assert_eq!(result.unwrap_err().class(), Class::Server);
    assert_eq!(started.elapsed(), DELAY * 10);
}

#[tokio::test(start_paused = true)]
async fn no_copy_is_sent_where_there_is_no_other_deployment() {
    let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
    let (request, attempts) = request_with_attempts();
    let mut call = send_this(&mut service, request);
    // As a router does when it has picked one.
    attempts.set_alternatives(0);
    let primary = next(&mut upstream);
    assert_pending!(call.poll());

    time::advance(DELAY).await;
    assert_pending!(call.poll());
    assert_pending!(upstream.poll_request());

    // Nor after a failure.
    primary.send_response(response(500));
    assert_eq!(assert_ready_ok!(call.poll()).status(), 500);
    assert_eq!(attempts.used(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_that_asks_to_be_left_alone_is_left_alone_unless_there_is_another() {
    for (alternatives, follows) in [(None, false), (Some(1), true)] {
        let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
        let (request, attempts) = request_with_attempts();
        if let Some(alternatives) = alternatives {
            attempts.set_alternatives(alternatives);
        }
        let mut call = send_this(&mut service, request);
        let mut busy = response(429);
        busy.headers_mut()
            .insert("retry-after", "2".parse().unwrap());
        next(&mut upstream).send_response(busy);

        assert_eq!(call.poll().is_pending(), follows);
        assert_eq!(upstream.poll_request().is_ready(), follows);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_with_no_attempts_left_is_not_hedged() {
    let config = HedgeConfig::new(Delay::Fixed(DELAY)).burst(1);
    let (mut service, mut upstream) = hedged(HedgeLayer::with(config));
    let (request, attempts) = request_with_attempts();
    attempts.set_max(1);
    let mut call = send_this(&mut service, request);
    let primary = next(&mut upstream);
    assert_pending!(call.poll());
    time::advance(DELAY).await;
    assert_pending!(call.poll());
    assert_pending!(upstream.poll_request());
    primary.send_response(response(500));
    assert_eq!(assert_ready_ok!(call.poll()).status(), 500);

    // The hedge that it could not have is there for the next.
    let _both = both_in_flight(&mut service, &mut upstream).await;
}

#[tokio::test(start_paused = true)]
async fn no_more_than_their_share_of_requests_is_hedged() {
    let config = HedgeConfig::new(Delay::Fixed(DELAY))
        .max_extra(0.5)
        .burst(1);
    let (mut service, mut upstream) = hedged(HedgeLayer::with(config));
    let _first = both_in_flight(&mut service, &mut upstream).await;

    // Clones share the bucket.
    let mut clone = service.clone();
    let mut second = send(&mut clone);
    let primary = next(&mut upstream);
    assert_pending!(second.poll());
    time::advance(DELAY).await;
    assert_pending!(second.poll());
    assert_pending!(upstream.poll_request());

    // The primary is still good without a hedge.
    primary.send_response(response(200));
    assert_ready_ok!(second.poll());

    // Two requests make up for one hedge.
    let _third = both_in_flight(&mut service, &mut upstream).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_hangs_gets_the_next_hedge_that_comes_in() {
    let config = HedgeConfig::new(Delay::Fixed(DELAY))
        .max_extra(0.5)
        .burst(1);
    let (mut service, mut upstream) = hedged(HedgeLayer::with(config));
    let _first = both_in_flight(&mut service, &mut upstream).await;

    let mut hanging = send(&mut service);
    let _primary = next(&mut upstream);
    assert_pending!(hanging.poll());
    time::advance(DELAY).await;
    assert!(hanging.is_woken());
    assert_pending!(hanging.poll());
    assert_pending!(upstream.poll_request());

    // It makes up for the rest, and is answered before it may be hedged itself.
    let mut quick = send(&mut service);
    next(&mut upstream).send_response(response(200));
    assert_ready_ok!(quick.poll());

    time::advance(Duration::from_millis(499)).await;
    assert!(!hanging.is_woken(), "it looks twice a second");
    time::advance(Duration::from_millis(1)).await;
    assert!(hanging.is_woken());
    assert_pending!(hanging.poll());
    next(&mut upstream).send_response(response(200));
    assert_ready_ok!(hanging.poll());
}

#[tokio::test(start_paused = true)]
async fn one_that_hangs_gets_a_hedge_when_the_budget_of_the_group_has_one() {
    let budget = Budget::new(BudgetConfig::new().ratio(0.0).burst(1).reserve(1.0));
    drop(budget.try_withdraw().expect("it is full at the start"));
    let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
    let (request, attempts) = request_with_attempts();
    attempts.enter(&budget);
    let started = Instant::now();
    let mut call = send_this(&mut service, request);
    let _primary = next(&mut upstream);
    assert_pending!(call.poll());
    while upstream.poll_request().is_pending() {
        assert!(started.elapsed() < Duration::from_secs(2));
        time::advance(Duration::from_millis(50)).await;
        if call.is_woken() {
            assert_pending!(call.poll());
        }
    }
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(attempts.count(Kind::Hedge), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_primary_is_followed_though_the_share_is_used_up() {
    let config = HedgeConfig::new(Delay::Fixed(DELAY)).max_extra(0.0);
    let (mut service, mut upstream) = hedged(HedgeLayer::with(config));
    let mut call = send(&mut service);
    next(&mut upstream).send_response(response(500));
    assert_pending!(call.poll());
    next(&mut upstream).send_response(response(200));
    assert_eq!(assert_ready_ok!(call.poll()).status(), 200);
}

#[test]
fn a_share_that_is_no_number_is_none() {
    let bucket = Bucket::new(f64::NAN, 20);
    bucket.deposit();
    assert!(!bucket.try_withdraw());
}

/// What happens to a bucket.
#[derive(Clone, Copy, Debug)]
enum Op {
    Request,
    Hedge,
    Refund,
}

proptest! {
    #[test]
    fn the_bucket_does_what_exact_arithmetic_does(
        thousandths in 0..=1000_u32,
        burst in 0..30_u16,
        ops in prop::collection::vec(
            prop_oneof![Just(Op::Request), Just(Op::Hedge), Just(Op::Refund)],
            0..400,
        ),
    ) {
        let bucket = Bucket::new(f64::from(thousandths) / 1000.0, burst);
        // In thousandths of a hedge.
        let cap = if thousandths == 0 { 0 } else { i64::from(burst) * 1000 };
        let (mut level, mut out, mut requests, mut hedges) = (cap, 0, 0, 0);
        for op in ops {
            match op {
                Op::Request => {
                    bucket.deposit();
                    requests += 1;
                    level = (level + i64::from(thousandths)).min(cap);
                }
                Op::Hedge => {
                    prop_assert_eq!(bucket.try_withdraw(), level >= 1000);
                    if level >= 1000 {
                        level -= 1000;
                        out += 1;
                        hedges += 1;
                    }
                }
                // Only what was taken out is put back.
                Op::Refund if out > 0 => {
                    bucket.refund();
                    out -= 1;
                    hedges -= 1;
                    level = (level + 1000).min(cap);
                }
                Op::Refund => {}
            }
            prop_assert_eq!(bucket.is_scarce(), level * 2 < cap);
            prop_assert!(hedges * 1000 <= requests * i64::from(thousandths) + cap);
        }
    }
}
