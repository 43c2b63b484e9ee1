//! Tokens of prompts and of answers by themselves, and limits for a day.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{Instant, advance};

use super::rates::assert_left;
use super::{ONE_MILLI, SECOND, paused};
use crate::deployment::{Days, Deployment, Full, Measure, Need, Permit};
use crate::{Dialect, Limits};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A prompt and an answer of so many tokens.
fn need(prompt: u64, answer: u64) -> Need {
    Need::new(prompt, Some(answer))
}

fn limits(limits: impl IntoIterator<Item = (Measure, u64)>) -> Arc<Limits> {
    let with = |all: Limits, (of, limit)| all.with(of, limit);
    Arc::new(limits.into_iter().fold(Limits::default(), with))
}

/// So much of a kind on a day that begins at `begin`, where it is `now`.
fn daily(of: Measure, limit: u64, now: Duration, begin: Duration) -> Arc<Limits> {
    let limits = Limits::default().with_days(Days::as_of(now, begin));
    Arc::new(limits.with(of, limit))
}

fn wait(full: Full) -> Duration {
    match full {
        Full::Until(at) => at.saturating_duration_since(Instant::now()),
        other => panic!("there is no time at which there is room: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn prompts_and_answers_have_limits_of_their_own_beside_one_for_both() {
    let all = [
        (Measure::InputPerMinute, 100),
        (Measure::OutputPerMinute, 600),
        (Measure::TokensPerMinute, 660),
    ];
    let limits = limits(all);
    let fits = |prompt, answer| limits.fits(need(prompt, answer), Instant::now());
    assert!(limits.counts_tokens());
    assert_eq!(fits(100, 500), Ok(()));
    let of = |full| match full {
        Err(Full::Never { needs, limit, of }) => (needs, limit, of),
        other => panic!("{other:?}"),
    };
    // No answer is expected to have more than 512.
    assert_eq!(of(fits(101, 0)), (101, 100, Measure::InputPerMinute));
    assert_eq!(of(fits(650, 20)).2, Measure::TokensPerMinute);
    drop(limits.try_reserve(need(10, 300)).unwrap());
    assert_eq!(fits(90, 250), Ok(()));
    assert_eq!(wait(fits(91, 250).unwrap_err()), 600 * ONE_MILLI);
    assert_eq!(wait(fits(1, 301).unwrap_err()), 100 * ONE_MILLI);
    assert_left(&limits, 0.5);
}

#[tokio::test(start_paused = true)]
async fn each_is_settled_by_what_was_used_of_it() {
    let limits = limits([
        (Measure::InputPerMinute, 100),
        (Measure::OutputPerMinute, 100),
    ]);
    let mut permit = limits.try_reserve(need(50, 80)).unwrap();
    assert_eq!(permit.tokens(), (50, 80));
    permit.settle(70, 10);
    let now = Instant::now();
    assert_eq!(limits.fits(need(30, 90), now), Ok(()));
    assert!(limits.fits(need(31, 90), now).is_err());
    assert!(limits.fits(need(30, 91), now).is_err());
    permit.give_back();
    assert_left(&limits, 1.0);
}

#[tokio::test(start_paused = true)]
async fn who_finds_one_of_them_used_up_takes_nothing_of_the_others() {
    let limits = limits([
        (Measure::RequestsPerMinute, 9),
        (Measure::InputPerMinute, 100),
        (Measure::OutputPerMinute, 10),
        (Measure::RequestsPerDay, 9),
        (Measure::TokensPerDay, 100),
    ]);
    drop(limits.try_reserve(need(10, 10)).unwrap());
    for _ in 0..20 {
        assert!(limits.try_reserve(need(10, 10)).is_err());
    }
    advance(60 * SECOND).await;
    for _ in 0..4 {
        drop(limits.try_reserve(need(20, 0)).unwrap());
        advance(60 * SECOND).await;
    }
    assert!(!limits.has_room(), "a day has had 20 + 80 tokens");
}

#[tokio::test(start_paused = true)]
async fn a_day_may_be_used_up_at_any_time_and_to_the_last_and_is_over_at_its_reset() {
    let limits = daily(Measure::RequestsPerDay, 3, 20 * HOUR, 23 * HOUR);
    for _ in 0..3 {
        drop(limits.try_acquire().unwrap());
    }
    let now = Instant::now();
    assert_eq!(limits.opens_at(now), Some(now + 3 * HOUR));
    assert_left(&limits, 0.0);
    advance((3 * HOUR).saturating_sub(ONE_MILLI)).await;
    assert!(!limits.has_room() && limits.try_acquire().is_none());
    advance(ONE_MILLI).await;
    assert_left(&limits, 1.0);
    for _ in 0..3 {
        drop(limits.try_acquire().unwrap());
    }
    let now = Instant::now();
    assert_eq!(limits.opens_at(now), Some(now + DAY));
    advance(9 * DAY + HOUR).await;
    assert_eq!(limits.opens_at(Instant::now()), None, "there is room now");
    drop(limits.try_acquire().unwrap());
    assert!((limits.headroom(Instant::now()) - 2.0 / 3.0).abs() < 1e-6);
}

#[tokio::test(start_paused = true)]
async fn the_next_day_begins_when_the_clock_next_shows_its_beginning() {
    for (now, begin, until) in [
        (Duration::ZERO, Duration::ZERO, DAY),
        (HOUR, Duration::ZERO, 23 * HOUR),
        (HOUR, 90 * 60 * SECOND, HOUR / 2),
        (90 * 60 * SECOND, HOUR, 23 * HOUR + HOUR / 2),
        (DAY.saturating_sub(ONE_MILLI), Duration::ZERO, ONE_MILLI),
        (400 * DAY + 5 * HOUR, 30 * HOUR, HOUR),
    ] {
        let limits = daily(Measure::TokensPerDay, 1, now, begin);
        drop(limits.try_reserve(need(1, 0)).unwrap());
        let full = limits.fits(need(1, 0), Instant::now()).unwrap_err();
        assert_eq!(wait(full), until, "{now:?} {begin:?}");
    }
    let today = Days::beginning(Duration::ZERO);
    assert_eq!(today.begin(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn what_a_call_has_used_counts_on_the_day_on_which_it_began() {
    let limits = daily(Measure::TokensPerDay, 100, 23 * HOUR, Duration::ZERO);
    let mut late = limits.try_reserve(need(60, 0)).unwrap();
    advance(HOUR).await;
    let mut early = limits.try_reserve(need(60, 0)).unwrap();
    late.settle(0, 0);
    assert!(
        limits.fits(need(41, 0), Instant::now()).is_err(),
        "what comes back of yesterday is no more for today"
    );
    late.settle(1_000, 0);
    assert_eq!(limits.fits(need(40, 0), Instant::now()), Ok(()));
    early.settle(10, 0);
    assert_eq!(limits.fits(need(90, 0), Instant::now()), Ok(()));
    late.give_back();
    assert!(limits.fits(need(91, 0), Instant::now()).is_err());
}

#[test]
fn where_there_are_none_there_is_never_room() {
    for of in [
        Measure::InputPerMinute,
        Measure::OutputPerMinute,
        Measure::RequestsPerDay,
        Measure::TokensPerDay,
    ] {
        let limits = limits([(of, 0)]);
        assert!(!limits.has_room(), "{of:?}");
        assert_eq!(limits.opens_at(Instant::now()), None);
        assert!(matches!(
            limits.try_reserve(Need::NONE),
            Err(Full::Never { limit: 0, .. })
        ));
        assert_left(&limits, 0.0);
    }
}

#[test]
fn a_deployment_goes_on_with_its_day_if_the_limits_and_the_reset_are_the_same() {
    let builder = |limit, begin| {
        let it = Deployment::builder("eu-1", "fast", Dialect::OpenAi);
        it.at_most(Measure::RequestsPerDay, limit)
            .days(Days::beginning(begin))
    };
    let old = builder(5, HOUR).build();
    assert_eq!(old.limits().limit(Measure::RequestsPerDay), Some(5));
    drop(old.limits().try_acquire());
    for (new, goes_on) in [
        (builder(5, HOUR), true),
        (builder(6, HOUR), false),
        (builder(5, 2 * HOUR), false),
        (builder(5, HOUR).at_most(Measure::TokensPerDay, 9), false),
    ] {
        let new = new.continue_from(&old).build();
        assert_eq!(Arc::ptr_eq(new.limits(), old.limits()), goes_on);
    }
}

#[test]
fn many_threads_together_use_no_more_of_a_day_than_there_is() {
    let limits = limits([
        (Measure::RequestsPerDay, 1_000),
        (Measure::TokensPerDay, 700),
    ]);
    let taken = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..500 {
                    if limits.try_reserve(need(1, 0)).is_ok() {
                        taken.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(taken.into_inner(), 700);
    assert_eq!(limits.in_flight(), 0);
}

proptest! {
    /// What is used of each day is written down beside it.
    #[test]
    fn a_day_never_gives_more_than_its_limit_and_gets_back_no_more_than_was_taken_of_it(
        limit in 0..500_u64,
        begin in 0..24_u32,
        steps in prop::collection::vec((0..9_u32, 0..300_u64, any::<Option<(u8, u16)>>()), 1..80),
    ) {
        paused(async {
            let limits = daily(Measure::TokensPerDay, limit, Duration::ZERO, begin * HOUR);
            let first = match begin { 0 => 24, begin => begin };
            let (mut hours, mut used) = (0, HashMap::<u32, u64>::new());
            let mut open: Vec<(Permit, u32, u64)> = Vec::new();
            for (pass, amount, settle) in steps {
                advance(pass * HOUR).await;
                hours += pass;
                let today = (hours + 24 - first) / 24;
                let left = limit.saturating_sub(used.get(&today).copied().unwrap_or(0));
                match limits.try_reserve(need(amount, 0)) {
                    Ok(permit) => {
                        prop_assert!(amount.max(1) <= left);
                        *used.entry(today).or_default() += amount;
                        open.push((permit, today, amount));
                    }
                    Err(Full::Never { .. }) => prop_assert!(amount.max(1) > limit),
                    Err(Full::Until(at)) => {
                        prop_assert!(amount.max(1) > left);
                        let ends = (first + 24 * today - hours) * HOUR;
                        prop_assert_eq!(at, Instant::now() + ends);
                    }
                    Err(other) => prop_assert!(false, "{:?}", other),
                }
                let Some((which, tokens)) = settle.filter(|_| !open.is_empty()) else { continue };
                let (mut permit, day, taken) = open.swap_remove(usize::from(which) % open.len());
                permit.settle(tokens.into(), 0);
                // A day that is over is not looked at again.
                let all = used.entry(day).or_default();
                *all = *all - taken + u64::from(tokens);
            }
            Ok(())
        })?;
    }
}
