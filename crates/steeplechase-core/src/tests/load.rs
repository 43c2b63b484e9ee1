//! How busy and how quick a deployment is.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{self, Instant};

use super::{ONE_MILLI, SECOND, paused};
use crate::{Load, RetryAfter};

#[tokio::test(start_paused = true)]
async fn a_deployment_without_samples_is_taken_for_one_second() {
    let load = Load::default();
    time::advance(SECOND * 100).await;
    assert_eq!(load.latency(), SECOND);
    assert_eq!(Load::UNKNOWN, SECOND);
}

#[tokio::test(start_paused = true)]
async fn the_first_sample_counts_in_full() {
    let load = Load::default();
    load.observe(ONE_MILLI * 20);
    assert_eq!(load.latency(), ONE_MILLI * 20);
}

#[tokio::test(start_paused = true)]
async fn a_slower_sample_counts_at_once() {
    let load = Load::default();
    load.observe(SECOND);
    load.observe(SECOND * 4);
    assert_eq!(load.latency(), SECOND * 4);
}

#[tokio::test(start_paused = true)]
async fn quicker_samples_count_by_and_by() {
    let load = Load::default();
    load.observe(SECOND * 4);
    load.observe(SECOND);
    assert_eq!(load.latency(), SECOND * 4, "no time has passed");

    // After one time constant, 1/e of the old is left.
    time::advance(Load::DECAY).await;
    load.observe(SECOND);
    let expected = 4.0 * (-1.0_f64).exp() + (1.0 - (-1.0_f64).exp());
    assert!((load.latency().as_secs_f64() - expected).abs() < 1e-6);
}

#[tokio::test(start_paused = true)]
async fn what_was_slow_is_forgotten_while_no_samples_come() {
    let load = Load::default();
    load.observe(SECOND * 10);
    let mut last = load.latency();
    for _ in 0..20 {
        time::advance(SECOND).await;
        assert!(load.latency() < last);
        last = load.latency();
    }
    let expected = 10.0 * (-2.0_f64).exp();
    assert!((last.as_secs_f64() - expected).abs() < 1e-6);
    assert_eq!(load.latency_at(Instant::now()), last);
}

#[tokio::test(start_paused = true)]
async fn a_failure_counts_as_slow_however_fast_it_was() {
    let load = Load::default();
    load.observe(ONE_MILLI);
    load.penalise(None);
    assert_eq!(load.latency(), Load::PENALTY);
}

#[tokio::test(start_paused = true)]
async fn a_failure_counts_as_slow_as_the_provider_asks_within_the_clamp() {
    for (asked, expected) in [
        (SECOND, Load::PENALTY),
        (SECOND * 42, SECOND * 42),
        (SECOND * 3600, RetryAfter::MAX),
        (Duration::MAX, RetryAfter::MAX),
    ] {
        let load = Load::default();
        load.penalise(Some(asked));
        assert_eq!(load.latency(), expected, "{asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_deployment_looks_no_better_for_a_failure() {
    let load = Load::default();
    load.observe(SECOND * 60);
    for _ in 0..10 {
        time::advance(SECOND).await;
        let before = load.latency();
        load.penalise(None);
        assert!(load.latency() >= before);
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_given_up_makes_it_look_slower_and_never_quicker() {
    let load = Load::default();
    load.observe(SECOND * 2);
    load.at_least(SECOND);
    assert_eq!(load.latency(), SECOND * 2);
    load.at_least(SECOND * 3);
    assert_eq!(load.latency(), SECOND * 3);
}

#[tokio::test(start_paused = true)]
async fn what_was_given_up_is_among_the_latest_as_a_bound() {
    let load = Load::default();
    assert!(load.recent(Instant::now()).is_none());
    (0..9).for_each(|_| load.observe(SECOND));
    // The first is more than what is expected, the others are not.
    (0..3).for_each(|_| load.at_least(SECOND * 5));
    load.penalise(None);

    let recent = load.recent(Instant::now()).unwrap();
    assert_eq!((recent.len(), recent.known()), (12, 9));
    let about = |q, expected: Duration| {
        let found = recent.quantile(q).unwrap();
        found.abs_diff(expected) < expected / 40
    };
    assert!(about(0.75, SECOND));
    assert!(about(0.76, SECOND * 5));

    time::advance(SECOND * 60).await;
    assert!(load.recent(Instant::now()).unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_endless_latency_is_no_panic() {
    let load = Load::default();
    load.observe(Duration::MAX);
    assert_eq!(load.latency(), Duration::MAX);
    time::advance(Load::DECAY).await;
    assert!(load.latency() < Duration::MAX);
}

#[test]
fn a_call_is_in_flight_until_it_is_dropped() {
    let load = Arc::new(Load::default());
    let calls: Vec<_> = (0..5).map(|_| load.start()).collect();
    assert_eq!(load.in_flight(), 5);
    drop(calls);
    assert_eq!(load.in_flight(), 0);
}

#[test]
fn calls_of_many_threads_are_all_counted_and_all_given_back() {
    let load = Arc::new(Load::default());
    let kept: Vec<_> = std::thread::scope(|scope| {
        let call = || (0..1_000).map(|_| load.start()).next_back();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(call)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(load.in_flight(), 4);
    drop(kept);
    assert_eq!(load.in_flight(), 0);
}

proptest! {
    #[test]
    fn what_is_expected_is_never_above_the_slowest_sample(
        samples in proptest::collection::vec((0..100_000_u64, 0..20_000_u64), 1..30),
    ) {
        paused(async {
            let load = Load::default();
            let mut slowest = Duration::ZERO;
            for (millis, pause) in samples {
                let sample = Duration::from_millis(millis);
                slowest = slowest.max(sample);
                load.observe(sample);
                // A float is not quite what it was made from.
                prop_assert!(load.latency() + Duration::from_micros(1) >= sample);
                prop_assert!(load.latency() <= slowest + Duration::from_micros(1));
                time::advance(Duration::from_millis(pause)).await;
            }
            Ok(())
        })?;
    }
}
