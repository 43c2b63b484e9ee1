//! What the layer does with promises, one sentence for each test.

use http_body_util::BodyExt;
use tokio::time::{self, Instant};

use super::*;

fn limited() -> Error {
    Error::new(Class::RateLimited, "too many requests")
}

fn cooling(bench: &Bench) -> Option<Duration> {
    let now = Instant::now();
    bench.health.cooling(now).map(|until| until - now)
}

/// Waits until the promise is over, and says how long it was.
async fn wait(bench: &Bench) -> Duration {
    let time = cooling(bench).expect("a promise");
    time::advance(time).await;
    time
}

#[tokio::test(start_paused = true)]
async fn each_outcome_that_is_about_time_is_believed_for_its_time() {
    for (error, time) in [
        (limited(), Some(secs(1))),
        (limited().with_retry_after(secs(9)), Some(secs(9))),
        (Error::new(Class::Quota, "spent"), Some(secs(900))),
        (
            Error::new(Class::Quota, "spent").with_retry_after(secs(9)),
            Some(secs(900)),
        ),
        (Error::new(Class::Auth, "refused"), Some(secs(300))),
        (
            Error::new(Class::NotFound, "no such model"),
            Some(secs(300)),
        ),
        (Error::new(Class::Overloaded, "busy"), None),
        (
            Error::new(Class::Overloaded, "busy").with_retry_after(secs(9)),
            Some(secs(9)),
        ),
        (Error::new(Class::Server, "failed"), None),
        (
            Error::new(Class::InvalidRequest, "wrong").with_retry_after(secs(9)),
            None,
        ),
    ] {
        let mut bench = Bench::new(CooldownConfig::new());
        bench.fail(error.clone()).await;
        assert_eq!(cooling(&bench), time, "{error:?}");
        assert_eq!(bench.health.circuit(), Circuit::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_promise_is_kept_and_says_when_it_is_over() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.fail(limited().with_retry_after(secs(9))).await;
    time::advance(secs(4)).await;
    assert_eq!(bench.refused().await.retry_after(), Some(secs(5)));
    time::advance(secs(5)).await;
    bench.succeed().await;
}

#[tokio::test(start_paused = true)]
async fn a_promise_can_be_left_to_a_router() {
    let mut bench = Bench::new(CooldownConfig::new().enforce_promise(false));
    bench.fail(limited().with_retry_after(secs(9))).await;
    assert_eq!(cooling(&bench), Some(secs(9)));
    bench.succeed().await;
    assert_eq!(cooling(&bench), Some(secs(9)));
}

#[tokio::test(start_paused = true)]
async fn rate_limits_in_a_row_cool_for_longer_each_time_until_a_success() {
    // The share of successes is another matter.
    let mut bench = Bench::new(CooldownConfig::new().success_share(0.0, 1));
    for time in [1, 2, 4, 8, 16, 32, 60, 60] {
        bench.fail(limited()).await;
        assert_eq!(wait(&bench).await, secs(time));
    }
    bench.succeed().await;
    bench.fail(limited()).await;
    assert_eq!(wait(&bench).await, secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_hundred_that_meet_one_limit_together_cool_once() {
    let mut bench = Bench::new(CooldownConfig::new().success_share(0.0, 1));
    let mut together = Vec::new();
    for _ in 0..100 {
        together.push(bench.start().await);
    }
    for (index, (call, reply)) in together.into_iter().enumerate() {
        if index > 1 {
            time::advance(Duration::from_millis(1)).await;
        }
        reply.send_error(limited());
        call.await.unwrap_err();
    }
    assert_eq!(cooling(&bench), Some(Duration::from_millis(902)));
    time::advance(secs(1)).await;
    bench.fail(limited()).await;
    assert_eq!(cooling(&bench), Some(secs(2)));
}

#[tokio::test(start_paused = true)]
async fn a_promise_is_made_longer_and_never_shorter() {
    let mut bench = Bench::new(CooldownConfig::new().enforce_promise(false));
    bench.fail(limited().with_retry_after(secs(9))).await;
    bench.fail(limited().with_retry_after(secs(5))).await;
    assert_eq!(cooling(&bench), Some(secs(9)));
    bench.fail(limited().with_retry_after(secs(20))).await;
    assert_eq!(cooling(&bench), Some(secs(20)));
}

#[tokio::test(start_paused = true)]
async fn rate_limits_open_the_circuit_by_the_share_but_not_by_the_row() {
    let mut bench = Bench::new(CooldownConfig::new().enforce_promise(false));
    bench.fail_times(Class::RateLimited, 9).await;
    assert_eq!(bench.health.circuit(), Circuit::Closed);
    bench.fail_times(Class::RateLimited, 1).await;
    assert!(matches!(bench.health.circuit(), Circuit::Open { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_time_of_the_operator_replaces_those_that_the_provider_has_not_given() {
    let config = CooldownConfig::new().cooldown_time(secs(1800));
    for (error, time) in [
        (limited(), 1800),
        (limited().with_retry_after(secs(9)), 9),
        (Error::new(Class::Quota, "spent"), 1800),
        (Error::new(Class::Auth, "refused"), 1800),
        (Error::new(Class::NotFound, "no such model"), 1800),
    ] {
        let mut bench = Bench::new(config);
        bench.fail(error).await;
        assert_eq!(cooling(&bench), Some(secs(time)));
    }

    // So does the first opening of the circuit.
    let mut bench = Bench::new(CooldownConfig::new().cooldown_time(secs(100)));
    bench.open().await;
    let wait = bench.refused().await.retry_after().unwrap();
    assert!((secs(80)..=secs(120)).contains(&wait), "{wait:?}");
}

#[tokio::test(start_paused = true)]
async fn the_longest_promise_can_be_set() {
    let mut bench = Bench::new(CooldownConfig::new().promise_max(secs(30)));
    bench.fail(Error::new(Class::Quota, "spent")).await;
    assert_eq!(cooling(&bench), Some(secs(30)));
}

#[tokio::test(start_paused = true)]
async fn turned_off_it_neither_cools_nor_opens() {
    for config in [
        CooldownConfig::new().disabled(),
        CooldownConfig::new().cooldown_time(Duration::ZERO),
    ] {
        let mut bench = Bench::new(config);
        bench.fail_times(Class::Server, 20).await;
        bench.fail_times(Class::Auth, 20).await;
        bench.fail(limited().with_retry_after(secs(9))).await;
        assert_eq!(cooling(&bench), None);
        assert_eq!(bench.health.circuit(), Circuit::Closed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_that_no_clock_holds_is_taken_for_a_long_one() {
    let config = CooldownConfig::new()
        .cooldown_time(Duration::MAX)
        .open_for(Duration::MAX, Duration::MAX)
        .probe_ttl(Duration::MAX)
        .promise_max(Duration::MAX);
    let mut bench = Bench::new(config.enforce_promise(false));
    bench.fail(Error::new(Class::Auth, "refused")).await;
    assert_eq!(cooling(&bench), Some(secs(30 * 24 * 3600)));
    bench.open().await;
    time::advance(secs(40 * 24 * 3600)).await;
    let (probe, _reply) = bench.start().await;
    drop(probe);
}

#[tokio::test(start_paused = true)]
async fn a_limit_in_the_middle_of_an_answer_cools_too() {
    let mut bench = Bench::new(CooldownConfig::new());
    let (call, reply) = bench.start().await;
    let script = Script::failing(limited().with_retry_after(secs(9)));
    reply.send_response(Response::new(script));
    let body = call.await.unwrap().into_body();
    body.collect().await.unwrap_err();
    assert_eq!(cooling(&bench), Some(secs(9)));
}

#[tokio::test(start_paused = true)]
async fn a_promise_takes_no_probe_from_anybody() {
    let mut bench = Bench::new(CooldownConfig::new());
    bench.open_and_wait().await;
    bench.health.cool_until(Instant::now() + secs(3));
    assert_eq!(bench.refused().await.retry_after(), Some(secs(3)));
    assert!(matches!(bench.health.circuit(), Circuit::Open { .. }));
    time::advance(secs(3)).await;
    bench.succeed().await;
}
