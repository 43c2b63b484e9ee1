//! What is dropped, and when.

use std::convert::Infallible;
use std::sync::Arc;

use steeplechase_core::attempts::{Budget, BudgetConfig};
use tower::Service;

use super::*;

#[tokio::test(start_paused = true)]
async fn the_loser_is_dropped_before_the_winner_is_read() {
    let in_flight = Arc::new(());
    for winner in [Copy::Primary, Copy::Hedge] {
        let upstream = tower::service_fn(|request: Request<()>| {
            let in_flight = Arc::clone(&in_flight);
            let hedges = Attempts::get(request.extensions())
                .unwrap()
                .count(Kind::Hedge);
            let wins = (winner == Copy::Hedge) == (hedges == 1);
            async move {
                time::sleep(if wins { DELAY * 2 } else { DELAY * 10 }).await;
                drop(in_flight);
                Ok::<_, Infallible>(Response::new(()))
            }
        });
        let mut service = HedgeLayer::after(DELAY).layer(upstream);
        let mut call = task::spawn(service.call(Request::new(())));

        assert_pending!(call.poll());
        time::advance(DELAY).await;
        assert_pending!(call.poll());
        assert_eq!(Arc::strong_count(&in_flight), 3, "both should be in flight");
        time::advance(DELAY * 2).await;
        assert_ready_ok!(call.poll());

        // `call` is still alive here, as it is for a caller that has yet to read the body.
        assert_eq!(Arc::strong_count(&in_flight), 1, "neither should be left");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_takes_all_with_it_whatever_it_waits_for() {
    let budget = Budget::new(BudgetConfig::new());
    let in_flight = Arc::new(());
    // Before the first poll, while the hedge is due, while both run, while the hedge runs alone.
    for polls in 0..=3 {
        let upstream = tower::service_fn(|request: Request<()>| {
            let in_flight = Arc::clone(&in_flight);
            let attempts = Attempts::get(request.extensions()).unwrap();
            let is_primary = attempts.count(Kind::Hedge) == 0;
            async move {
                time::sleep(if is_primary { DELAY * 2 } else { DELAY * 9 }).await;
                drop(in_flight);
                Err::<Response<()>, _>(Error::new(Class::Server, ""))
            }
        });
        let mut service = HedgeLayer::after(DELAY).layer(upstream);
        let mut request = Request::new(());
        Attempts::of(request.extensions_mut()).enter(&budget);

        let mut call = task::spawn(service.call(request));
        for _ in 0..polls {
            assert_pending!(call.poll());
            time::advance(DELAY).await;
        }
        assert_eq!(budget.extra_in_flight(), u64::from(polls >= 2));
        drop(call);
        assert_eq!(Arc::strong_count(&in_flight), 1);
        assert_eq!(budget.extra_in_flight(), 0);
        assert_eq!(budget.requests_in_flight(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hedge_holds_its_leave_until_it_has_lost() {
    let budget = Budget::new(BudgetConfig::new());
    let (mut service, mut upstream) = hedged(HedgeLayer::after(DELAY));
    let (request, attempts) = request_with_attempts();
    attempts.enter(&budget);
    let mut call = send_this(&mut service, request);
    let primary = next(&mut upstream);
    assert_pending!(call.poll());
    time::advance(DELAY).await;
    assert_pending!(call.poll());
    assert_eq!((attempts.used(), budget.extra_in_flight()), (2, 1));

    primary.send_response(response(200));
    assert_ready_ok!(call.poll());
    assert_eq!((attempts.used(), budget.extra_in_flight()), (2, 0));
}
