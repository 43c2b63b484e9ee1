//! What a provider says of its own limits.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{Instant, advance};

use super::SECOND;
use super::rates::assert_left;
use crate::Limits;
use crate::deployment::{Full, Headroom, Need, Quota};

fn quota(limit: Option<u64>, remaining: u64, reset: Option<u64>) -> Quota {
    Quota {
        limit,
        remaining: Some(remaining),
        reset: reset.map(Duration::from_secs),
    }
}

fn tokens(tokens: Quota) -> Headroom {
    Headroom {
        tokens,
        ..Headroom::default()
    }
}

fn requests(requests: Quota) -> Headroom {
    Headroom {
        requests,
        ..Headroom::default()
    }
}

/// The wait until a request of so many tokens fits.
fn wait(limits: &Limits, tokens: u64) -> Duration {
    let now = Instant::now();
    match limits.fits(Need::new(tokens, Some(0)), now) {
        Ok(()) => Duration::ZERO,
        Err(Full::Until(at)) => at - now,
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_known_until_something_is_said() {
    let limits = Limits::default();
    limits.provider_says(&Headroom::default(), Instant::now());
    assert!(!limits.has_rates() && !limits.counts_tokens() && limits.has_room());
    assert_eq!(wait(&limits, u64::MAX), Duration::ZERO);
    assert_left(&limits, 1.0);
}

#[tokio::test(start_paused = true)]
async fn what_is_left_has_to_cover_a_request() {
    let limits = Limits::default();
    limits.provider_says(&tokens(quota(Some(1_000), 400, Some(36))), Instant::now());
    assert_eq!(wait(&limits, 400), Duration::ZERO);
    assert!(limits.has_room(), "a small one fits");
    assert_left(&limits, 0.4);
    // 600 come in within 36 s, so 100 within six.
    assert_eq!(wait(&limits, 500), 6 * SECOND);
    assert_eq!(wait(&limits, 1_000), 36 * SECOND);
    assert_eq!(
        wait(&limits, 5_000),
        36 * SECOND,
        "more than there is, it may refuse itself"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_in_between_is_taken_off_until_the_provider_counts_anew() {
    let limits = Arc::new(Limits::default());
    limits.provider_says(&requests(quota(Some(60), 2, Some(58))), Instant::now());
    drop(limits.try_acquire().unwrap());
    drop(limits.try_acquire().unwrap());
    assert!(!limits.has_room() && limits.try_acquire().is_none());
    let now = Instant::now();
    assert_eq!(limits.opens_at(now), Some(now + SECOND));
    advance(SECOND).await;
    assert!(limits.has_room());

    limits.provider_says(&requests(quota(Some(60), 30, Some(30))), Instant::now());
    assert_left(&limits, 0.5);
}

#[tokio::test(start_paused = true)]
async fn where_no_limit_is_said_what_is_left_has_to_do_until_the_reset() {
    let limits = Limits::default();
    limits.provider_says(&tokens(quota(None, 0, Some(7))), Instant::now());
    assert!(!limits.has_room());
    assert_eq!(wait(&limits, 1), 7 * SECOND);
    advance(7 * SECOND).await;
    assert_eq!(wait(&limits, 1_000), Duration::ZERO, "it has passed");

    limits.provider_says(&tokens(quota(None, 300, Some(10))), Instant::now());
    assert_eq!(wait(&limits, 300), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn where_no_reset_is_said_a_limit_is_for_a_minute() {
    let limits = Limits::default();
    limits.provider_says(&requests(quota(Some(10), 0, None)), Instant::now());
    let now = Instant::now();
    assert_eq!(limits.opens_at(now), Some(now + 6 * SECOND));

    let unknown = Limits::default();
    unknown.provider_says(&requests(quota(None, 0, None)), now);
    assert!(unknown.has_room(), "nobody can tell for how long");
}

#[tokio::test(start_paused = true)]
async fn prompts_and_answers_may_have_limits_of_their_own() {
    let limits = Limits::default();
    let headroom = Headroom {
        input_tokens: quota(Some(1_000), 1_000, Some(0)),
        output_tokens: quota(Some(100), 50, Some(30)),
        ..Headroom::default()
    };
    limits.provider_says(&headroom, Instant::now());
    let now = Instant::now();
    assert!(limits.fits(Need::new(900, Some(50)), now).is_ok());
    assert_eq!(
        limits.fits(Need::new(900, Some(60)), now),
        Err(Full::Until(now + 6 * SECOND))
    );
}

proptest! {
    #[test]
    fn whatever_it_says_it_is_asked_again_within_minutes(
        said in prop::collection::vec(
            (
                prop::option::of(any::<u64>()),
                prop::option::of(any::<u64>()),
                prop::option::of(any::<Duration>()),
                0..4_usize,
            ),
            1..6,
        ),
        need in (any::<u64>(), prop::option::of(any::<u64>())),
    ) {
        let (limits, now) = (Arc::new(Limits::default()), Instant::now());
        for (limit, remaining, reset, which) in said {
            let mut headroom = Headroom::default();
            let quota = [
                &mut headroom.requests,
                &mut headroom.tokens,
                &mut headroom.input_tokens,
                &mut headroom.output_tokens,
            ];
            *quota.into_iter().nth(which).unwrap() = Quota {
                limit,
                remaining,
                reset,
            };
            limits.provider_says(&headroom, now);
        }
        let need = Need::new(need.0, need.1);
        let left = limits.headroom(now);
        prop_assert!((0.0..=1.0).contains(&left));
        match limits.fits(need, now) {
            Ok(()) => {}
            Err(Full::Until(at)) => {
                prop_assert!(at > now && at - now <= Duration::from_secs(300));
                prop_assert_eq!(limits.fits(need, at), Ok(()));
            }
            Err(other) => prop_assert!(false, "{:?}", other),
        }
        drop(limits.try_reserve(need));
        prop_assert_eq!(limits.in_flight(), 0);
    }
}
