//! What is dropped, and when.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

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

#[tokio::test(start_paused = true)]
async fn whoever_is_dropped_after_the_other_has_won_can_know_that_it_has_lost() {
    let primary_wins = Script::succeeds_after(DELAY * 2);
    let hedge_wins = Script::succeeds_after(DELAY / 2);
    let never = Script::succeeds_after(DELAY * 1000);
    for (primary, hedge, loser) in [
        (primary_wins, never.clone(), Kind::Hedge),
        (never, hedge_wins, Kind::First),
    ] {
        let lost = Arc::new(Mutex::new(Vec::new()));
        let upstream = {
            let lost = Arc::clone(&lost);
            tower::service_fn(move |request: Request<()>| {
                let attempts = Attempts::get(request.extensions()).unwrap().clone();
                let kind = request.extensions().get().copied().unwrap_or(Kind::First);
                let is_hedge = kind == Kind::Hedge;
                let latency = if is_hedge { &hedge } else { &primary }.latency;
                let record = Lost(Some(Arc::clone(&lost)), attempts, kind);
                async move {
                    time::sleep(latency).await;
                    record.ends();
                    Ok::<_, Error>(Response::new(()))
                }
            })
        };
        let service = HedgeLayer::after(DELAY).layer(upstream);
        service.oneshot(Request::new(())).await.unwrap();
        assert_eq!(*lost.lock().unwrap(), [(loser, true)]);
    }
}

/// Those that were dropped, and whether there was a winner then.
type Losers = Arc<Mutex<Vec<(Kind, bool)>>>;

/// An attempt that tells when it is dropped.
struct Lost(Option<Losers>, Attempts, Kind);

impl Lost {
    fn ends(mut self) {
        self.0 = None;
    }
}

impl Drop for Lost {
    fn drop(&mut self) {
        if let Some(losers) = &self.0 {
            losers.lock().unwrap().push((self.2, self.1.has_winner()));
        }
    }
}
