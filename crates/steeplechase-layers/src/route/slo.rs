use std::time::Duration;

use steeplechase_core::{Deployment, Load};
use tokio::time::Instant;

use super::busy::queue;
use super::cheapest::{Bargain, Expected};
use super::dice::Dice;
use super::quickest::{Clock, Quickest};
use super::{Candidate, Candidates, Sampling, Strategy};

/// The cheapest deployment that is quick enough; if none is, the quickest.
///
/// Quick enough is one whose first content has come within a bound nine times of ten in the last minute, see
/// [`Load::p90`]. What a call costs is as with [`CheapestFirst`](super::CheapestFirst), and who is the quickest as
/// with [`LowestLatency`](super::LowestLatency).
///
/// One that had no answers in the last minute is taken for quick enough while it has nothing in flight: so a
/// cheap one that was too slow is tried again after a minute, by one call and not by all at once.
#[derive(Clone, Debug)]
#[must_use]
pub struct SloCheapest {
    dice: Dice,
    bound: Duration,
}

/// How many of a large group are looked at, from the cheapest on.
const FIRST: u8 = 12;

// ===== impl SloCheapest =====

impl SloCheapest {
    /// Takes a deployment for quick enough whose first content comes within `bound`. Gets its chances from the
    /// thread's random numbers.
    pub fn new(bound: Duration) -> Self {
        Self {
            dice: Dice::default(),
            bound,
        }
    }

    /// Gets its chances from a seed, for tests.
    pub fn seeded(mut self, seed: u64) -> Self {
        self.dice = Dice::seeded(seed);
        self
    }

    fn is_quick(&self, load: &Load, now: Instant) -> bool {
        match load.p90(now) {
            Some(p90) => p90 <= self.bound,
            None => load.in_flight() == 0,
        }
    }
}

impl Strategy for SloCheapest {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let mut rng = self.dice.rng();
        let now = candidates.now();
        let expected = Expected::of(&candidates);
        let clock = Clock::of(&candidates, Duration::MAX);
        let mut bargain = Bargain::default();
        let mut quickest = Quickest::default();
        for candidate in candidates {
            let (latency, queue) = (clock.latency(&candidate), queue(&candidate));
            let deployment = candidate.deployment();
            if self.is_quick(deployment.load(), now)
                && let Some(cheapest) = bargain.at(expected.price(deployment))
            {
                cheapest.offer(latency, queue, candidate, &mut rng);
            }
            quickest.offer(latency, queue, candidate, &mut rng);
        }
        let bargain = bargain.quickest().best(&mut rng).kept();
        bargain.or_else(|| quickest.best(&mut rng).kept())
    }

    fn sampling(&self) -> Sampling {
        Sampling::Ranked(FIRST)
    }

    fn rank(&self, deployment: &Deployment) -> f64 {
        Expected::default().price(deployment)
    }
}
