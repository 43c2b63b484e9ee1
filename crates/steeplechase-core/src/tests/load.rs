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
    let per_token = load.per_token_within(SECOND, Instant::now());
    assert_eq!(per_token, Some(Load::PENALTY));
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
    for _ in 0..9 {
        load.observe(SECOND);
    }
    // The first is more than what is expected, the others are not.
    for _ in 0..3 {
        load.at_least(SECOND * 5);
    }
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

#[tokio::test(start_paused = true)]
async fn what_is_older_than_asked_for_is_not_known() {
    let load = Load::default();
    assert_eq!(load.latency_within(Duration::MAX, Instant::now()), None);
    load.observe(SECOND);
    time::advance(SECOND * 5).await;
    let now = Instant::now();
    assert_eq!(load.latency_within(SECOND * 4, now), None);
    assert_eq!(
        load.latency_within(SECOND * 5, now),
        Some(load.latency_at(now))
    );
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer_is_as_slow_as_its_tokens_are() {
    let now = Instant::now();
    // Without tokens it is as slow as it is.
    for (tokens, expected) in [(4, ONE_MILLI * 500), (0, SECOND * 2)] {
        let load = Load::default();
        assert_eq!(load.per_token_within(Duration::MAX, now), None);
        load.observe_whole(SECOND * 2, tokens, now);
        assert_eq!(load.per_token_within(Duration::MAX, now), Some(expected));
        assert_eq!(load.per_token_within(SECOND, now + SECOND * 2), None);
        assert_eq!(load.latency(), Load::UNKNOWN, "it says nothing of a stream");
    }
}

#[test]
fn the_mean_of_the_answers_follows_them() {
    let load = Load::default();
    load.observe_output(0);
    assert_eq!(load.mean_output(), None);
    load.observe_output(100);
    assert_eq!(load.mean_output(), Some(100.0));
    load.observe_output(260);
    assert_eq!(load.mean_output(), Some(110.0));
    (0..200).for_each(|_| load.observe_output(500));
    assert!(load.mean_output().unwrap() > 499.0);
}

#[tokio::test(start_paused = true)]
async fn the_share_of_successes_begins_at_a_half_and_comes_back_to_it() {
    let load = Load::default();
    let share = || load.success_share(Instant::now());
    assert!((share() - 0.5).abs() < 1e-9);
    (0..8).for_each(|_| load.observe(SECOND));
    assert!((share() - 0.9).abs() < 1e-9);
    (0..10).for_each(|_| load.penalise(None));
    assert!((share() - 0.45).abs() < 1e-9);
    // What was given up tells nothing of that.
    load.at_least(SECOND * 100);
    assert!((share() - 0.45).abs() < 1e-9);

    let mut last = share();
    for _ in 0..5 {
        time::advance(Load::MEMORY).await;
        assert!(share() > last && share() < 0.5);
        last = share();
    }
    assert!(last > 0.49);
}

#[tokio::test(start_paused = true)]
async fn the_quantile_is_that_of_the_last_minute_and_at_most_a_second_old() {
    let load = Load::default();
    let p90 = || load.p90(Instant::now());
    assert_eq!(p90(), None);
    for tenth in 1..=10 {
        load.observe(SECOND * tenth);
    }
    assert_eq!(p90(), None, "it was looked up a moment ago");
    time::advance(SECOND).await;
    let found = p90().unwrap();
    assert!(found.abs_diff(SECOND * 9) < SECOND / 4, "{found:?}");
    time::advance(SECOND * 70).await;
    assert_eq!(p90(), None);
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
