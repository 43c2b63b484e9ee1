//! The rules of `LiteLLM`'s router, one sentence for each test.

use steeplechase_core::deployment::Availability;
use tokio::time::{self, Instant};

use super::*;

fn lone() -> Bench {
    benches(1, CooldownConfig::litellm()).0.remove(0)
}

fn one_of_two() -> Bench {
    benches(2, CooldownConfig::litellm()).0.remove(0)
}

fn is_ready(bench: &Bench) -> bool {
    bench.health.availability(Instant::now()) == Availability::Ready(1.0)
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_cools_one_of_several_and_not_a_lone_one() {
    for (mut bench, ready) in [(one_of_two(), false), (lone(), true)] {
        bench.fail_times(Class::RateLimited, 1).await;
        assert_eq!(is_ready(&bench), ready);
        time::advance(secs(5)).await;
        assert!(is_ready(&bench));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_and_a_missing_model_cool_at_once_even_a_lone_one() {
    for class in [Class::Auth, Class::NotFound, Class::Quota] {
        for mut bench in [one_of_two(), lone()] {
            bench.fail_times(class, 1).await;
            assert!(!is_ready(&bench));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn more_than_half_failures_of_five_open() {
    for (successes, failures, opens) in [
        (40, 41, true),
        (7, 3, false),
        (0, 1, false),
        (0, 4, false),
        (0, 5, true),
        (5, 5, false),
    ] {
        let mut bench = one_of_two();
        for _ in 0..successes {
            bench.succeed().await;
        }
        bench.fail_times(Class::Server, failures).await;
        assert_eq!(bench.is_open(), opens, "{failures} to {successes}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lone_one_opens_after_a_thousand_failures_and_no_success() {
    let mut bench = lone();
    bench.fail_times(Class::Server, 999).await;
    assert!(is_ready(&bench));
    bench.fail_times(Class::Server, 1).await;
    assert!(bench.is_open());
}

#[tokio::test(start_paused = true)]
async fn it_opens_for_five_seconds_each_time_and_all_of_the_traffic_comes_back_at_once() {
    let mut bench = one_of_two();
    for _ in 0..4 {
        bench.fail_times(Class::Server, 5).await;
        assert_eq!(bench.refused().await.retry_after(), Some(secs(5)));
        time::advance(secs(5)).await;
        let _together = (bench.start().await, bench.start().await);
        assert_eq!(bench.health.circuit(), Circuit::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn of_three_that_fail_now_and_then_none_opens_and_one_that_fails_often_does() {
    for (often, open) in [(4, [false; 3]), (2, [true, false, false])] {
        let (mut group, _) = benches(3, CooldownConfig::litellm());
        for attempt in 0..100 {
            for (index, bench) in group.iter_mut().enumerate() {
                // The first fails in 60 of 100 then, or in 25 as the others do.
                let fails = match (index, often) {
                    (0, 2) => attempt % 5 != 0 && attempt % 5 != 1,
                    _ => attempt % 4 == 3,
                };
                match fails {
                    _ if bench.is_open() => {}
                    true => bench.fail_times(Class::Server, 1).await,
                    false => bench.succeed().await,
                }
            }
        }
        assert_eq!(group.iter().map(Bench::is_open).collect::<Vec<_>>(), open);
    }
}
