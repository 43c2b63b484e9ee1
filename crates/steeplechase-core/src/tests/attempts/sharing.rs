//! What clones of a request share, and what they give back.

use http::{Extensions, Request};

use super::super::SECOND;
use crate::attempts::{Attempt, Attempts, Ending, Kind};
use crate::{Budget, Class};

#[test]
fn attempts_are_made_when_they_are_first_asked_for() {
    let mut extensions = Extensions::new();
    assert!(Attempts::get(&extensions).is_none());
    Attempts::of(&mut extensions).set_max(2);
    assert_eq!(Attempts::get(&extensions).unwrap().left(), 1);
    assert_eq!(Attempts::of(&mut extensions).left(), 1);
}

#[test]
fn the_clones_of_a_request_share_its_attempts() {
    let mut request = Request::new(());
    let attempts = Attempts::of(request.extensions_mut());
    let mut clones = [request.clone(), request.clone()];
    for clone in &mut clones {
        let attempts = Attempts::of(clone.extensions_mut());
        assert!(attempts.try_start(Kind::Retry).is_ok());
        attempts.mark_tried(7);
    }
    assert_eq!((attempts.used(), attempts.left()), (3, 0));
    assert!(attempts.has_tried(7) && !attempts.has_tried(8));
}

#[test]
fn a_request_that_was_cloned_before_has_attempts_of_its_own() {
    let mut request = Request::new(());
    let mut other = request.clone();
    assert!(
        Attempts::of(request.extensions_mut())
            .try_start(Kind::Retry)
            .is_ok()
    );
    assert_eq!(Attempts::of(other.extensions_mut()).used(), 1);
}

#[test]
fn the_tried_are_kept_in_order() {
    let attempts = Attempts::default();
    for key in [3, 1, 2] {
        attempts.mark_tried(key);
    }
    assert_eq!(attempts.with_tried(<[u32]>::to_vec), [3, 1, 2]);
}

#[test]
fn the_log_is_shared_and_in_the_order_of_the_endings() {
    let attempts = Attempts::default();
    attempts.record(Attempt::new("b", Ending::Dropped, SECOND));
    let failed = Ending::Failed(Class::Server);
    attempts
        .clone()
        .record(Attempt::new("a", failed, SECOND * 2));

    let log = attempts.log();
    let endings: Vec<_> = log.iter().map(|a| (&*a.deployment, a.ending)).collect();
    assert_eq!(endings, [("b", Ending::Dropped), ("a", failed)]);
    assert!(
        log.iter()
            .all(|a| a.usage.is_none() && a.first_content.is_none())
    );
}

#[test]
fn a_router_says_how_many_alternatives_there_are() {
    let attempts = Attempts::default();
    assert_eq!(attempts.alternatives(), None);
    attempts.clone().set_alternatives(0);
    assert_eq!(attempts.alternatives(), Some(0));
}

#[test]
fn only_the_attempt_that_was_started_last_can_be_a_probe() {
    let attempts = Attempts::default();
    assert!(!attempts.is_probing());
    attempts.mark_tried(7);
    attempts.clone().set_probe(true);
    assert!(attempts.is_probing());
    attempts.mark_tried(8);
    assert!(!attempts.is_probing());
}

#[test]
fn a_request_is_in_flight_until_its_last_handle_is_dropped() {
    let budget = Budget::default();
    let attempts = Attempts::default();
    attempts.enter(&budget);
    let clone = attempts.clone();
    assert_eq!(budget.requests_in_flight(), 1);
    drop(attempts);
    assert_eq!(budget.requests_in_flight(), 1);
    drop(clone);
    assert_eq!(budget.requests_in_flight(), 0);
}

#[test]
fn entering_another_group_leaves_the_one_before() {
    let (one, other) = (Budget::default(), Budget::default());
    let attempts = Attempts::default();
    attempts.enter(&one);
    let leave = attempts.try_start(Kind::Retry).unwrap();
    attempts.enter(&other);
    assert_eq!(
        (one.requests_in_flight(), other.requests_in_flight()),
        (0, 1)
    );

    // An attempt that runs gives back to whom it has drawn on.
    assert_eq!((one.extra_in_flight(), other.extra_in_flight()), (1, 0));
    drop(leave);
    assert_eq!(one.extra_in_flight(), 0);
    assert!(attempts.try_start(Kind::Retry).is_ok());
}

#[test]
fn entering_the_same_group_again_keeps_one_place() {
    let budget = Budget::default();
    let attempts = Attempts::default();
    attempts.enter(&budget);
    attempts.enter(&budget);
    assert_eq!(budget.requests_in_flight(), 1);
}

#[test]
fn a_leave_may_outlive_the_request() {
    let budget = Budget::default();
    let attempts = Attempts::default();
    attempts.enter(&budget);
    let leave = attempts.try_start(Kind::Hedge).unwrap();
    drop(attempts);
    assert_eq!(
        (budget.requests_in_flight(), budget.extra_in_flight()),
        (0, 1)
    );
    drop(leave);
    assert_eq!(budget.extra_in_flight(), 0);
}

#[test]
fn many_threads_together_start_no_more_than_the_maximum() {
    for _ in 0..50 {
        let attempts = Attempts::default();
        attempts.set_max(5);
        let started: usize = std::thread::scope(|scope| {
            let ask = || {
                (0..5)
                    .filter(|_| attempts.try_start(Kind::Race).is_ok())
                    .count()
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).sum()
        });
        assert_eq!(started, 4);
        assert_eq!(attempts.used(), 5);
    }
}
