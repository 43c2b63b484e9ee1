//! What there is to spend, when it comes, and what comes back.

use std::time::Duration;

use tokio::time;

use super::super::{ALMOST_A_SECOND, ONE_MILLI, SECOND};
use super::withdraw_all;
use crate::attempts::{Attempts, Budget, BudgetConfig, Kind, Permit};

/// Nothing comes by itself, and the number in flight does not matter.
const ONLY_RATE: BudgetConfig = BudgetConfig::new().reserve(0.0).min_in_flight(u16::MAX);

#[test]
fn extra_attempts_are_at_most_a_fifth_of_requests_and_the_burst() {
    let budget = Budget::new(ONLY_RATE);
    let mut extra = 0;
    for _ in 0..100_000 {
        let _entered = budget.enter();
        extra += withdraw_all(&budget);
    }
    // The first deposit overflows.
    assert_eq!(extra, 99_999 / 5 + 10);
}

#[test]
fn layers_that_all_ask_for_more_stay_within_one_budget() {
    let budget = Budget::new(ONLY_RATE);
    let mut started = 0;
    for _ in 0..100_000 {
        let attempts = Attempts::default();
        attempts.set_max(5);
        attempts.enter(&budget);
        for kind in [Kind::Hedge, Kind::Retry, Kind::Hedge, Kind::Retry] {
            started += u32::from(attempts.try_start(kind).is_ok());
        }
    }
    assert_eq!(started, 99_999 / 5 + 10);
    assert_eq!(
        (budget.requests_in_flight(), budget.extra_in_flight()),
        (0, 0)
    );
}

#[test]
fn a_million_small_deposits_do_not_drift() {
    let budget = Budget::new(ONLY_RATE.ratio(0.001).burst(2_000));
    assert_eq!(withdraw_all(&budget), 2_000);
    for _ in 0..1_000_000 {
        drop(budget.enter());
    }
    assert_eq!(withdraw_all(&budget), 1_000);
}

#[test]
fn a_ratio_is_exact_and_not_the_inverse_of_a_whole_number() {
    // In floats, the last is a bit below what it is written as.
    for (ratio, expected) in [(0.7, 700), (0.3, 300), (1.0, 1_000), (1.001, 1_001)] {
        let budget = Budget::new(ONLY_RATE.ratio(ratio).burst(2_000));
        withdraw_all(&budget);
        for _ in 0..1_000 {
            drop(budget.enter());
        }
        assert_eq!(withdraw_all(&budget), expected, "{ratio}");
    }
}

#[test]
fn the_bucket_never_holds_more_than_its_burst() {
    for burst in [0, 1, 10, u16::MAX] {
        let budget = Budget::new(ONLY_RATE.ratio(10.0).burst(burst));
        for _ in 0..10 {
            drop(budget.enter());
        }
        assert_eq!(withdraw_all(&budget), u64::from(burst));
    }
}

#[test]
fn settings_that_make_no_sense_are_clamped() {
    for ratio in [f64::NAN, f64::NEG_INFINITY, -1.0] {
        let budget = Budget::new(ONLY_RATE.ratio(ratio).burst(1));
        assert_eq!(withdraw_all(&budget), 1);
        drop(budget.enter());
        assert_eq!(withdraw_all(&budget), 0, "{ratio}");
    }
    let budget = Budget::new(ONLY_RATE.ratio(f64::INFINITY).burst(100));
    assert_eq!(withdraw_all(&budget), 100);
    drop(budget.enter());
    assert_eq!(withdraw_all(&budget), 10);
}

#[tokio::test(start_paused = true)]
async fn an_idle_group_gets_one_token_a_second_and_no_more_than_one() {
    let budget = Budget::new(BudgetConfig::new());
    assert_eq!(withdraw_all(&budget), 10);

    time::advance(ALMOST_A_SECOND).await;
    assert_eq!(withdraw_all(&budget), 0);
    time::advance(ONE_MILLI).await;
    assert_eq!(withdraw_all(&budget), 1);
    time::advance(SECOND * 3600 * 24 * 365).await;
    assert_eq!(withdraw_all(&budget), 1);
}

#[tokio::test(start_paused = true)]
async fn the_reserve_comes_however_often_it_is_asked_for() {
    for reserve in [0.5, 1.0, 3.0] {
        let budget = Budget::new(BudgetConfig::new().reserve(reserve));
        withdraw_all(&budget);
        // More often than the smallest part of a token falls.
        let mut extra = 0;
        for _ in 0..100_000 {
            time::advance(Duration::from_micros(100)).await;
            extra += u32::from(budget.try_withdraw().is_some());
        }
        let expected = 10.0 * reserve;
        assert!((f64::from(extra) - expected).abs() <= 1.0, "{extra}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_reserve_is_what_requests_do_not_put_in() {
    // A fifth of so many requests a second, or one token a second.
    for (a_second, expected) in [(1, 100), (2, 100), (5, 100), (10, 200), (20, 400)] {
        let budget = Budget::new(BudgetConfig::new());
        withdraw_all(&budget);
        let mut extra = 0;
        for _ in 0..100 * a_second {
            drop(budget.enter());
            extra += withdraw_all(&budget);
            time::advance(SECOND / a_second).await;
        }
        assert!(
            expected - 1 <= extra && extra <= expected,
            "{extra} of {a_second}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_reserve_comes_back_soon_after_the_requests_have_gone() {
    let budget = Budget::new(BudgetConfig::new());
    // The first deposit overflows, and the others are whole tokens.
    for _ in 0..100_001 {
        drop(budget.enter());
        withdraw_all(&budget);
    }
    // They have put in a bucket ahead, of ten seconds.
    time::advance(SECOND * 10 + ALMOST_A_SECOND).await;
    assert_eq!(withdraw_all(&budget), 0);
    time::advance(ONE_MILLI).await;
    assert_eq!(withdraw_all(&budget), 1);
}

#[tokio::test(start_paused = true)]
async fn a_group_without_reserve_stays_empty() {
    let budget = Budget::new(BudgetConfig::new().reserve(0.0).burst(1));
    assert_eq!(withdraw_all(&budget), 1);
    time::advance(SECOND * 3600).await;
    assert_eq!(withdraw_all(&budget), 0);
}

#[test]
fn extra_attempts_in_flight_are_at_most_a_fifth_of_requests_in_flight() {
    let budget = Budget::new(BudgetConfig::new().burst(u16::MAX));
    for (requests, extra) in [(0, 3), (1, 3), (19, 3), (20, 4), (100, 20), (1_004, 200)] {
        let entered: Vec<_> = (0..requests).map(|_| budget.enter()).collect();
        let permits: Vec<_> = std::iter::from_fn(|| budget.try_withdraw()).collect();
        assert_eq!(permits.len(), extra, "{requests}");
        assert_eq!(budget.requests_in_flight(), requests);
        assert_eq!(budget.extra_in_flight(), extra as u64);
        drop((entered, permits));
        assert_eq!(
            (budget.requests_in_flight(), budget.extra_in_flight()),
            (0, 0)
        );
    }
}

#[test]
fn a_place_in_flight_that_is_given_back_can_be_taken_again() {
    let budget = Budget::default();
    let mut permits: Vec<Permit> = std::iter::from_fn(|| budget.try_withdraw()).collect();
    assert_eq!(permits.len(), 3);
    permits.pop();
    permits.extend(budget.try_withdraw());
    assert_eq!(permits.len(), 3);
}

#[test]
fn a_denied_withdrawal_costs_nothing() {
    let budget = Budget::new(BudgetConfig::new().burst(4).reserve(0.0));
    let permits: Vec<_> = std::iter::from_fn(|| budget.try_withdraw()).collect();
    for _ in 0..1_000 {
        assert!(budget.try_withdraw().is_none());
    }
    drop(permits);
    assert!(budget.try_withdraw().is_some(), "the fourth token is there");
}

#[test]
fn a_budget_is_ample_while_more_than_half_of_it_is_there() {
    let budget = Budget::new(ONLY_RATE);
    let ample = std::iter::from_fn(|| {
        let is_ample = budget.is_ample();
        budget.try_withdraw().map(|_| is_ample)
    });
    let ample: Vec<_> = ample.collect();
    assert_eq!(ample.iter().filter(|ample| **ample).count(), 5);
    assert!(ample[..5].iter().all(|ample| *ample));
}
