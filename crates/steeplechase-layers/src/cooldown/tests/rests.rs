//! How a deployment rests that is overloaded and does not say for how long, one sentence for each test.

use tokio::time::{self, Instant};

use super::*;

/// How long it is left alone for a promise.
fn rest(bench: &Bench) -> Option<Duration> {
    let now = Instant::now();
    bench.health.cooling(now).map(|until| until - now)
}

/// One of a group of two, with rules for failures that are met by nothing.
fn one_of_two() -> (Bench, Bench) {
    let config = CooldownConfig::new();
    let (mut group, _) = benches(2, config.consecutive(100).success_share(0.0, 1));
    let other = group.pop().unwrap();
    (group.pop().unwrap(), other)
}

async fn overload(bench: &mut Bench) {
    bench.fail_times(Class::Overloaded, 1).await;
}

#[tokio::test(start_paused = true)]
async fn it_rests_for_longer_each_time_until_it_succeeds() {
    let (mut one, _other) = one_of_two();
    for time in [1, 2, 4, 8, 16, 32, 60, 60] {
        overload(&mut one).await;
        assert_eq!(rest(&one), Some(secs(time)));
        time::advance(secs(time)).await;
    }
    one.succeed().await;
    overload(&mut one).await;
    assert_eq!(rest(&one), Some(secs(1)));
}

#[tokio::test(start_paused = true)]
async fn other_failures_are_no_reason_to_rest() {
    let (mut one, _other) = one_of_two();
    for class in [Class::Server, Class::Transport, Class::Empty] {
        one.fail_times(class, 1).await;
        assert_eq!(rest(&one), None, "{class:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_than_half_of_a_group_rests() {
    for (count, most) in [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3)] {
        let (mut group, _) = benches(count, CooldownConfig::new());
        for bench in &mut group {
            overload(bench).await;
        }
        let resting = group.iter().filter(|bench| rest(bench).is_some()).count();
        assert_eq!(resting, most, "of {count}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_does_not_rest_while_another_is_out() {
    let (mut one, mut other) = one_of_two();
    let limited = Error::new(Class::RateLimited, "wait").with_retry_after(secs(9));
    other.fail(limited).await;
    overload(&mut one).await;
    assert_eq!(rest(&one), None);
    time::advance(secs(9)).await;
    overload(&mut one).await;
    assert_eq!(rest(&one), Some(secs(1)));
}

#[tokio::test(start_paused = true)]
async fn one_failure_among_many_answers_is_no_reason_to_rest_and_two_are() {
    let (mut one, _other) = one_of_two();
    for _ in 0..19 {
        one.succeed().await;
    }
    for _ in 0..3 {
        overload(&mut one).await;
        assert_eq!(rest(&one), None);
        for _ in 0..10 {
            one.succeed().await;
        }
    }
    overload(&mut one).await;
    overload(&mut one).await;
    assert_eq!(rest(&one), Some(secs(1)));
}

#[tokio::test(start_paused = true)]
async fn while_the_circuit_is_open_it_has_no_rest_besides() {
    let (mut group, _) = benches(2, CooldownConfig::new().enforce_promise(false));
    group[0].fail_times(Class::Overloaded, 4).await;
    let before = group[0].health.cooling(Instant::now());
    overload(&mut group[0]).await;
    assert!(group[0].is_open());
    assert_eq!(group[0].health.cooling(Instant::now()), before);

    // The probe that fails makes it open for longer, and no more than that.
    time::advance(secs(13)).await;
    overload(&mut group[0]).await;
    assert!(group[0].is_open());
    assert_eq!(rest(&group[0]), None);
}

#[tokio::test(start_paused = true)]
async fn a_time_that_the_provider_or_the_operator_gives_is_another_matter() {
    let (mut one, _other) = one_of_two();
    let busy = Error::new(Class::Overloaded, "busy").with_retry_after(secs(9));
    one.fail(busy).await;
    assert_eq!(rest(&one), Some(secs(9)));

    let config = CooldownConfig::new().cooldown_time(secs(1800));
    let (mut group, _) = benches(2, config);
    overload(&mut group[0]).await;
    assert_eq!(rest(&group[0]), Some(secs(1)));
}

#[tokio::test(start_paused = true)]
async fn it_can_be_turned_off_and_is_with_the_rules_of_litellm() {
    for config in [CooldownConfig::new().rest(false), CooldownConfig::litellm()] {
        let (mut group, _) = benches(2, config);
        overload(&mut group[0]).await;
        assert_eq!(rest(&group[0]), None);
    }
}
