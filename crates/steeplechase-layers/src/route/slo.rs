use std::time::Duration;

use steeplechase_core::attempts::Score;
use steeplechase_core::{Deployment, Load};
use tokio::time::Instant;

use super::busy::queue;
use super::cheapest::{Bargain, Expected};
use super::dice::Dice;
use super::quickest::{Clock, Quickest};
use super::scores::{IN_FLIGHT, P90};
use super::{Candidate, Candidates, Sampling, Scores, Strategy};

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
        self.too_slow(load, now).is_none()
    }

    /// By what one is not quick enough, if it is not.
    fn too_slow(&self, load: &Load, now: Instant) -> Option<Score> {
        match (load.p90(now), load.in_flight()) {
            (Some(p90), _) => (p90 > self.bound).then(|| Score::new(&P90, p90.as_secs_f64())),
            (None, in_flight) => {
                (in_flight > 0).then(|| Score::new(&IN_FLIGHT, f64::from(in_flight)))
            }
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

    fn score(&self, candidates: Candidates<'_>, scores: &mut Scores) {
        let now = candidates.now();
        let clock = Clock::of(&candidates, Duration::MAX);
        let too_slow = |it: &Candidate<'_>| self.too_slow(it.deployment().load(), now);
        let quick = candidates.clone().filter(|it| too_slow(it).is_none());
        if quick.clone().next().is_none() {
            return clock.score(candidates, queue, scores);
        }
        Expected::of(&candidates).score(quick, clock, scores);
        for candidate in candidates {
            if let Some(score) = too_slow(&candidate) {
                scores.tell(&candidate, score);
            }
        }
    }

    fn sampling(&self) -> Sampling {
        Sampling::Ranked(FIRST)
    }

    fn rank(&self, deployment: &Deployment) -> f64 {
        Expected::default().price(deployment)
    }
}
