//! How much may be used in a minute.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tokio::time::{Instant, advance};

use super::{ONE_MILLI, SECOND};
use crate::Limits;
use crate::deployment::{Deployment, Full, Measure, Need};

const MINUTE: Duration = Duration::from_secs(60);

fn requests(limit: u64) -> Arc<Limits> {
    Arc::new(Limits::new(None).with_requests_per_minute(limit))
}

fn tokens(limit: u64) -> Arc<Limits> {
    Arc::new(Limits::new(None).with_tokens_per_minute(limit))
}

pub(super) fn assert_left(limits: &Limits, share: f32) {
    let left = limits.headroom(Instant::now());
    assert!((left - share).abs() < 1e-6, "{left} and not {share}");
}

/// A request whose tokens are known.
fn need(tokens: u64) -> Need {
    Need::new(tokens, Some(0))
}

fn wait(full: Full) -> Duration {
    match full {
        Full::Until(at) => at.saturating_duration_since(Instant::now()),
        other => panic!("there is no time at which there is room: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_minutes_worth_may_be_used_at_once_and_to_the_last_request() {
    let limits = requests(6);
    for _ in 0..6 {
        assert!(limits.has_room());
        drop(limits.try_acquire().unwrap());
    }
    assert!(!limits.has_room() && limits.try_acquire().is_none());
    assert_eq!(limits.in_flight(), 0, "a refusal holds no place");
    assert_eq!(limits.requests_per_minute(), Some(6));
}

#[tokio::test(start_paused = true)]
async fn what_was_used_comes_in_evenly_and_not_at_the_edge_of_a_minute() {
    let limits = requests(6);
    for _ in 0..6 {
        drop(limits.try_acquire().unwrap());
    }
    let now = Instant::now();
    assert_eq!(limits.opens_at(now), Some(now + 10 * SECOND));
    for _ in 0..6 {
        advance(Duration::from_millis(9_999)).await;
        assert!(!limits.has_room());
        advance(ONE_MILLI).await;
        assert!(limits.has_room());
        drop(limits.try_acquire().unwrap());
        assert!(!limits.has_room());
    }
}

#[tokio::test(start_paused = true)]
async fn what_can_never_fit_is_refused_for_good() {
    let limits = tokens(1_000);
    let full = limits.try_reserve(need(1_001)).unwrap_err();
    assert_eq!(
        full,
        Full::Never {
            needs: 1_001,
            limit: 1_000,
            of: Measure::TokensPerMinute,
        }
    );
    assert_left(&limits, 1.0);
    assert!(limits.try_reserve(need(1_000)).is_ok());
    assert_eq!(
        wait(limits.fits(need(500), Instant::now()).unwrap_err()),
        MINUTE / 2
    );
}

#[test]
fn where_there_are_none_there_is_never_room() {
    for limits in [requests(0), tokens(0)] {
        assert!(!limits.has_room());
        assert_eq!(limits.opens_at(Instant::now()), None);
        assert!(matches!(
            limits.try_reserve(Need::NONE),
            Err(Full::Never { limit: 0, .. })
        ));
        assert_eq!(limits.in_flight(), 0);
        assert_left(&limits, 0.0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_reserved_and_not_used_is_given_back() {
    let limits = tokens(1_000);
    let mut permit = limits.try_reserve(need(1_000)).unwrap();
    assert!(!limits.has_room());
    permit.settle(250, 0);
    permit.settle(250, 0);
    assert!(limits.fits(need(750), Instant::now()).is_ok());
    assert!(limits.fits(need(751), Instant::now()).is_err());
    drop(permit);
    assert!(
        limits.fits(need(751), Instant::now()).is_err(),
        "it was used"
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_used_and_not_reserved_is_owed_up_to_a_minutes_worth() {
    let limits = tokens(1_000);
    let mut permit = limits.try_reserve(need(500)).unwrap();
    permit.settle(1_500, 0);
    assert_left(&limits, 0.0);
    assert_eq!(
        wait(limits.fits(need(1), Instant::now()).unwrap_err()).as_millis(),
        30_060
    );
    permit.settle(1_000_000, 0);
    assert_eq!(
        wait(limits.fits(need(1), Instant::now()).unwrap_err()).as_millis(),
        60_060,
        "an estimate that is wrong by far does not close it for long"
    );
    drop(permit);
}

#[tokio::test(start_paused = true)]
async fn what_was_never_sent_takes_nothing() {
    let limits = Limits::new(Some(1))
        .with_requests_per_minute(1)
        .with_tokens_per_minute(100);
    let limits = Arc::new(limits);
    let permit = limits.try_reserve(need(100)).unwrap();
    assert_eq!(permit.tokens(), (100, 0));
    permit.give_back();
    assert_eq!(limits.in_flight(), 0);
    assert_left(&limits, 1.0);
    drop(limits.try_reserve(need(100)).unwrap());
    // Dropping it does not give it back.
    assert_left(&limits, 0.0);
}

#[tokio::test(start_paused = true)]
async fn of_two_limits_the_scarcer_counts() {
    let limits = Limits::new(None)
        .with_requests_per_minute(10)
        .with_tokens_per_minute(1_000);
    let limits = Arc::new(limits);
    assert_eq!(limits.tokens_per_minute(), Some(1_000));
    drop(limits.try_reserve(need(500)).unwrap());
    assert_left(&limits, 0.5);
    drop(limits.try_reserve(need(500)).unwrap());
    // A request would come in after 6 s, and 900 tokens after 54.
    assert_eq!(
        wait(limits.try_reserve(need(900)).unwrap_err()),
        Duration::from_secs(54)
    );
    assert!((limits.headroom(Instant::now() + 54 * SECOND) - 0.9).abs() < 1e-6);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_expected_to_be_as_long_as_nine_of_ten_are_and_no_longer_than_it_may_be() {
    let limits = tokens(1_000_000);
    let reserved = |need| {
        limits
            .try_reserve(need)
            .as_ref()
            .map(|permit| permit.tokens().0 + permit.tokens().1)
            .unwrap()
    };
    assert_eq!(reserved(Need::new(10, None)), 10 + 512, "nobody knows yet");
    assert_eq!(reserved(Need::new(10, Some(20))), 10 + 20);
    // Of ten answers one has 2 000 tokens, and the others have 100.
    for round in 0..3_000 {
        limits.answered(if round % 10 == 7 { 2_000 } else { 100 });
    }
    let usual = reserved(Need::new(10, None)) - 10;
    assert!((100..=2_000).contains(&usual), "{usual}");
    assert_eq!(reserved(Need::new(10, Some(50))), 10 + 50);
    assert_eq!(
        reserved(Need::new(10, Some(0))),
        10,
        "it has no answer of tokens"
    );
}

#[test]
fn a_deployment_has_the_limits_that_it_was_given_in_any_order() {
    let deployment = Deployment::builder("eu-1", "fast", crate::Dialect::OpenAi)
        .tokens_per_minute(1_000)
        .max_in_flight(3)
        .requests_per_minute(60)
        .build();
    let limits = deployment.limits();
    assert_eq!(limits.max_in_flight(), Some(3));
    assert_eq!(limits.requests_per_minute(), Some(60));
    assert_eq!(limits.tokens_per_minute(), Some(1_000));
    assert!(limits.has_rates() && limits.counts_tokens());
    assert!(!Limits::new(Some(3)).has_rates());
}

#[test]
fn many_threads_together_use_no_more_than_there_is() {
    let limits = requests(1_000);
    let taken = std::sync::atomic::AtomicU32::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..500 {
                    if limits.try_acquire().is_some() {
                        taken.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let taken = taken.into_inner();
    let came_in = started.elapsed().as_millis() * 1_000 / 60_000 + 1;
    assert!(
        (1_000..=1_000 + u32::try_from(came_in).unwrap()).contains(&taken),
        "{taken}"
    );
}

/// A bucket of tokens as one would write it down: how much is in it, and since when. In parts of a token
/// so small that nothing is ever rounded.
struct Model {
    limit: i128,
    level: i128,
    at: u128,
}

const WHOLE: i128 = 60_000_000_000;

impl Model {
    fn new(limit: u64) -> Self {
        let limit = i128::from(limit);
        Self {
            limit,
            level: limit * WHOLE,
            at: 0,
        }
    }

    fn advance(&mut self, to: u128) {
        let passed = i128::try_from(to - self.at).unwrap();
        self.level = (self.level + passed * self.limit).min(self.limit * WHOLE);
        self.at = to;
    }

    fn add(&mut self, tokens: i128) {
        let most = self.limit * WHOLE;
        self.level = (self.level + tokens * WHOLE).clamp(-most, most);
    }
}

proptest! {
    /// Rates are rounded by less than a nanosecond a step, so near the edge either answer is right.
    #[test]
    fn it_is_the_bucket_that_one_would_write_down(
        limit in 1..5_000_u64,
        steps in prop::collection::vec((0..40_000_u64, 0..6_000_u64, prop::option::of(0..9_000_u64)), 1..60),
    ) {
        let runtime = paused();
        runtime.block_on(async {
            let limits = tokens(limit);
            let (start, mut model) = (Instant::now(), Model::new(limit));
            for (index, (millis, amount, used)) in steps.into_iter().enumerate() {
                advance(Duration::from_millis(millis)).await;
                model.advance(start.elapsed().as_nanos());
                let slack = i128::from(limit) * 2 * i128::try_from(index + 1).unwrap();
                let spare = model.level - i128::from(amount) * WHOLE;
                match limits.try_reserve(need(amount)) {
                    Ok(mut permit) => {
                        prop_assert!(spare >= -slack);
                        model.add(-i128::from(amount));
                        if let Some(used) = used {
                            permit.settle(used, 0);
                            model.add(i128::from(amount) - i128::from(used));
                        }
                    }
                    Err(Full::Never { .. }) => prop_assert!(amount > limit),
                    Err(_) => prop_assert!(spare < slack || amount == 0),
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn when_it_says_that_there_is_room_there_is_and_a_nanosecond_before_there_is_not(
        limit in 1..1_000_000_u64,
        takes in prop::collection::vec((1..1_000_000_u64, 0..1_000_u64), 1..20),
        amount in 1..1_000_000_u64,
    ) {
        let runtime = paused();
        runtime.block_on(async {
            let limits = tokens(limit);
            for (tokens, millis) in takes {
                drop(limits.try_reserve(need(tokens % limit + 1)));
                advance(Duration::from_millis(millis)).await;
            }
            let (amount, now) = (need(amount % limit + 1), Instant::now());
            if let Err(Full::Until(at)) = limits.fits(amount, now) {
                prop_assert!(at > now);
                let before = at - Duration::from_nanos(1);
                prop_assert_eq!(limits.fits(amount, before), Err(Full::Until(at)));
                prop_assert_eq!(limits.fits(amount, at), Ok(()));
            }
            Ok(())
        })?;
    }
}

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
}
