//! Who is given leave to start one more attempt, and who is not.

use std::time::Duration;

use tokio::time::{self, Instant};

use super::super::{ALMOST_A_SECOND, ONE_MILLI, SECOND};
use super::denied;
use crate::attempts::{Attempts, BudgetConfig, Denied, Kind};
use crate::{Budget, Controls, Deployment, Dialect};

const EXTRA: [Kind; 4] = [Kind::Retry, Kind::Hedge, Kind::Race, Kind::Fallback];

#[test]
fn a_request_has_three_attempts_of_which_the_first_needs_no_leave() {
    let attempts = Attempts::default();
    assert_eq!((attempts.used(), attempts.left()), (1, 2));
    assert_eq!(attempts.count(Kind::First), 1);

    assert!(attempts.try_start(Kind::Retry).is_ok());
    assert!(attempts.try_start(Kind::Hedge).is_ok());
    for kind in EXTRA {
        assert_eq!(denied(&attempts, kind), Denied::AttemptsSpent);
    }
    assert_eq!((attempts.used(), attempts.left()), (3, 0));
}

#[test]
fn a_maximum_is_clamped_to_between_one_and_five() {
    for (max, left) in [(0, 0), (1, 0), (2, 1), (5, 4), (6, 4), (255, 4)] {
        let attempts = Attempts::default();
        attempts.set_max(max);
        assert_eq!(attempts.left(), left, "{max}");
        let started = (0..10).filter(|_| attempts.try_start(Kind::Race).is_ok());
        assert_eq!(started.count(), usize::from(left), "{max}");
    }
}

#[test]
fn a_maximum_below_what_was_used_leaves_none() {
    let attempts = Attempts::default();
    let _leave = attempts.try_start(Kind::Retry).unwrap();
    attempts.set_max(1);
    assert_eq!((attempts.used(), attempts.left()), (2, 0));
    assert_eq!(denied(&attempts, Kind::Fallback), Denied::AttemptsSpent);
}

#[test]
fn what_is_held_for_fallbacks_no_retry_and_no_hedge_can_use() {
    let attempts = Attempts::default();
    attempts.hold(1);
    assert_eq!(attempts.left(), 2, "what is held is left");

    assert!(attempts.try_start(Kind::Retry).is_ok());
    for kind in [Kind::Retry, Kind::Hedge] {
        assert_eq!(denied(&attempts, kind), Denied::AttemptsSpent);
    }
    assert!(attempts.was_denied());
    assert!(attempts.try_start(Kind::Fallback).is_ok());
    assert_eq!(denied(&attempts, Kind::Fallback), Denied::AttemptsSpent);
}

#[test]
fn any_number_can_be_held() {
    let attempts = Attempts::default();
    attempts.hold(u8::MAX);
    assert_eq!(denied(&attempts, Kind::Retry), Denied::AttemptsSpent);
    attempts.hold(0);
    assert!(attempts.try_start(Kind::Retry).is_ok());
}

#[test]
fn attempts_are_counted_by_kind() {
    let attempts = Attempts::default();
    attempts.set_max(5);
    for kind in [Kind::Hedge, Kind::Hedge, Kind::Race] {
        assert!(attempts.try_start(kind).is_ok());
    }
    let counts = [Kind::First, Kind::Retry, Kind::Hedge, Kind::Race].map(|k| attempts.count(k));
    assert_eq!(counts, [1, 0, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_started_from_the_deadline_on() {
    let attempts = Attempts::default();
    assert_eq!(attempts.time_left(), None);
    attempts.limit_deadline(Instant::now() + SECOND);
    assert_eq!(attempts.time_left(), Some(SECOND));

    time::advance(ALMOST_A_SECOND).await;
    assert!(attempts.try_start(Kind::Retry).is_ok());
    time::advance(ONE_MILLI).await;
    assert_eq!(denied(&attempts, Kind::Retry), Denied::DeadlinePassed);
    time::advance(SECOND).await;
    assert_eq!(attempts.time_left(), Some(Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_moves_only_forward() {
    let attempts = Attempts::default();
    let now = Instant::now();
    attempts.limit_deadline(now + SECOND * 2);
    attempts.limit_deadline(now + SECOND * 3);
    assert_eq!(attempts.deadline(), Some(now + SECOND * 2));
    attempts.limit_deadline(now + SECOND);
    assert_eq!(attempts.deadline(), Some(now + SECOND));
}

#[test]
fn retries_and_hedges_draw_on_the_budget_and_nothing_else_does() {
    for kind in EXTRA {
        let budget = Budget::new(BudgetConfig::new().burst(1).ratio(0.0).reserve(0.0));
        let attempts = Attempts::default();
        attempts.enter(&budget);

        let leave = attempts.try_start(kind).unwrap();
        let draws = matches!(kind, Kind::Hedge | Kind::Retry);
        assert_eq!(budget.extra_in_flight(), u64::from(draws), "{kind:?}");
        drop(leave);
        assert_eq!(budget.extra_in_flight(), 0, "{kind:?}");

        let again = attempts.try_start(kind);
        if draws {
            assert_eq!(again.unwrap_err(), Denied::BudgetSpent);
        } else {
            assert!(again.is_ok());
        }
    }
}

#[test]
fn a_fallback_from_a_group_that_has_sent_nothing_is_no_extra_attempt() {
    let attempts = Attempts::default();
    attempts.set_max(1);
    // A router has looked, and has found nobody.
    attempts.set_alternatives(0);
    assert!(attempts.try_start(Kind::Fallback).is_ok());
    assert_eq!((attempts.used(), attempts.count(Kind::Fallback)), (1, 1));

    attempts.mark_tried(7);
    assert_eq!(denied(&attempts, Kind::Fallback), Denied::AttemptsSpent);
}

#[test]
fn to_enter_the_same_budget_again_is_to_stay() {
    let budget = Budget::new(BudgetConfig::new().burst(1).ratio(0.5).reserve(0.0));
    let attempts = Attempts::default();
    attempts.enter(&budget);
    let _leave = attempts.try_start(Kind::Retry).unwrap();
    for _ in 0..10 {
        attempts.enter(&budget);
    }
    assert_eq!(budget.requests_in_flight(), 1);
    assert_eq!(denied(&attempts, Kind::Retry), Denied::BudgetSpent);
}

#[test]
fn what_is_denied_is_not_counted() {
    let budget = Budget::new(BudgetConfig::new().burst(0).reserve(0.0));
    let attempts = Attempts::default();
    attempts.enter(&budget);
    for _ in 0..100 {
        assert_eq!(denied(&attempts, Kind::Retry), Denied::BudgetSpent);
    }
    assert_eq!((attempts.used(), attempts.count(Kind::Retry)), (1, 0));
    assert_eq!(budget.extra_in_flight(), 0);
}

#[test]
fn an_attempt_that_is_denied_for_another_reason_costs_no_budget() {
    let budget = Budget::new(BudgetConfig::new().burst(1).ratio(0.0).reserve(0.0));
    let spent = Attempts::default();
    spent.set_max(1);
    spent.enter(&budget);
    assert_eq!(denied(&spent, Kind::Retry), Denied::AttemptsSpent);

    let late = Attempts::default();
    late.enter(&budget);
    late.limit_deadline(Instant::now());
    assert_eq!(denied(&late, Kind::Retry), Denied::DeadlinePassed);

    assert!(budget.try_withdraw().is_some(), "its only token is there");
}

#[test]
fn the_first_empty_answer_is_told_from_the_others() {
    let attempts = Attempts::default();
    assert!(attempts.mark_empty());
    assert!(!attempts.mark_empty());
    assert!(!attempts.clone().mark_empty());
}

#[test]
fn reasons_and_kinds_have_names_for_labels() {
    let kinds = [Kind::First, Kind::Retry, Kind::Hedge, Kind::Race].map(Kind::as_str);
    assert_eq!(kinds, ["first", "retry", "hedge", "race"]);
    assert_eq!(Kind::Fallback.as_str(), "fallback");
    let reasons = [
        Denied::AttemptsSpent,
        Denied::BudgetSpent,
        Denied::DeadlinePassed,
        Denied::DeadlineNear,
    ];
    let names = [
        "attempts_spent",
        "budget_spent",
        "deadline_passed",
        "deadline_near",
    ];
    assert_eq!(reasons.map(Denied::as_str), names);
}

#[tokio::test(start_paused = true)]
async fn each_leg_has_its_share_of_the_time_and_the_next_one_what_is_left() {
    let attempts = Attempts::default();
    let now = Instant::now();
    attempts.limit_time(now, SECOND * 9);
    attempts.begin_leg(2);
    assert_eq!(attempts.deadline(), Some(now + SECOND * 3));
    assert!(attempts.has_held());

    time::advance(SECOND * 3).await;
    assert!(attempts.is_leg_over());
    assert_eq!(denied(&attempts, Kind::Race), Denied::DeadlinePassed);
    assert!(attempts.try_start(Kind::Fallback).is_ok());

    // It is early, so there is more for the others.
    attempts.begin_leg(1);
    assert!(!attempts.is_leg_over());
    assert_eq!(attempts.time_left(), Some(SECOND * 3));
    time::advance(SECOND * 2).await;
    attempts.begin_leg(0);
    assert_eq!(attempts.deadline(), Some(now + SECOND * 9));
    time::advance(SECOND * 9).await;
    assert!(!attempts.is_leg_over(), "it is all over");
}

#[tokio::test(start_paused = true)]
async fn a_leg_without_a_deadline_has_none() {
    let attempts = Attempts::default();
    attempts.limit_time(Instant::now(), Duration::MAX);
    attempts.begin_leg(3);
    assert_eq!(attempts.deadline(), None);
    assert!(!attempts.is_leg_over());
}

#[test]
fn a_call_may_have_as_many_attempts_as_it_asks_for_and_one_that_is_a_retry_two() {
    let mut controls = Controls::default();
    assert_eq!(controls.max_attempts(3), 3);
    controls.num_retries = Some(1);
    assert_eq!(controls.max_attempts(3), 3);
    controls.num_retries = Some(3);
    assert_eq!(controls.max_attempts(3), 4);
    controls.fallbacks = Some(["a".into(), "b".into()].into());
    assert_eq!(controls.max_attempts(3), 6, "the cap is for `set_max`");
    controls.is_retry = true;
    assert_eq!((controls.max_attempts(5), controls.max_attempts(1)), (2, 1));
}

#[test]
fn who_was_picked_is_tried_and_its_retries_are_its_own() {
    let deployment = Deployment::builder("eu-1", "fast", Dialect::OpenAi);
    let deployment = deployment.num_retries(4).build();
    let other = Deployment::builder("eu-2", "fast", Dialect::OpenAi).build();
    let attempts = Attempts::default();
    attempts.pick(&deployment, 1);
    assert!(attempts.has_tried(deployment.key()));
    assert_eq!(
        (attempts.alternatives(), attempts.own_retries()),
        (Some(1), Some(4))
    );
    attempts.pick(&other, 0);
    assert_eq!(
        (attempts.alternatives(), attempts.own_retries()),
        (Some(0), None)
    );
}

#[test]
fn a_continuation_draws_on_the_budget() {
    let attempts = Attempts::default();
    attempts.enter(&Budget::new(BudgetConfig::new().burst(0).reserve(0.0)));
    assert_eq!(denied(&attempts, Kind::Continuation), Denied::BudgetSpent);
}
