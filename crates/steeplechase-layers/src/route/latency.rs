use steeplechase_core::Load;
use tokio::time::Instant;

use super::busy::{SAMPLE, queue};
use super::dice::{Cheapest, Dice, Reservoir};
use super::{Candidate, Candidates, Sampling, Strategy};

/// The deployment from which the first content is to be expected soonest.
///
/// The cost of a deployment is the peak EWMA of its time to the first content, see [`Load`], times how
/// many would be in flight there with one more, for its weight. The lowest wins; at a tie each has the
/// same chance. After Finagle's `PeakEwma`.
///
/// * A deployment of which nothing is known is taken for as quick as the quickest that is known, so it
///   gets a fair share until it has shown what it is.
/// * A few picks are made by chance, so that each deployment keeps being measured, and one that has
///   become quick again is found. One with weight zero is left out of that.
///
/// # Defaults
///
/// * [`buffer`](Self::buffer): 0, so the best gets all that it can take.
/// * [`explore`](Self::explore): 0.0125, so each deployment gets more than one pick of a hundred.
#[derive(Clone, Debug)]
#[must_use]
pub struct LowestLatency {
    dice: Dice,
    buffer: f64,
    explore: f64,
}

impl LowestLatency {
    /// The share of picks that are made by chance, at the most.
    pub const MAX_EXPLORED: f64 = 0.2;

    /// Gets its chances from the thread's random numbers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gets its chances from a seed, for tests.
    pub fn seeded(seed: u64) -> Self {
        Self {
            dice: Dice::seeded(seed),
            ..Self::default()
        }
    }

    /// Sets how much worse than the best is as good as the best: with 0.5, all that cost no more than
    /// one and a half times as much have the same chance. Negative numbers are zero.
    ///
    /// It is `lowest_latency_buffer` of LiteLLM.
    pub fn buffer(mut self, buffer: f64) -> Self {
        self.buffer = buffer.max(0.0);
        self
    }

    /// Sets the share of picks that each deployment gets by chance, whatever it costs. Negative numbers
    /// are zero. All together get no more than [`MAX_EXPLORED`](Self::MAX_EXPLORED).
    pub fn explore(mut self, share: f64) -> Self {
        self.explore = share.max(0.0);
        self
    }
}

impl Default for LowestLatency {
    fn default() -> Self {
        Self {
            dice: Dice::default(),
            buffer: 0.0,
            explore: 0.0125,
        }
    }
}

impl Strategy for LowestLatency {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let mut rng = self.dice.rng();
        let again = (self.buffer > 0.0).then(|| candidates.clone());
        let now = candidates.now();
        let population = candidates.population();
        let mut any = Reservoir::default();
        let mut known = Cheapest::default();
        let mut unknown = Cheapest::default();
        let mut quickest = f64::INFINITY;
        for candidate in candidates {
            if candidate.weight() > 0.0 {
                any.offer(candidate, &mut rng);
            }
            match latency(&candidate, now) {
                Some(latency) => {
                    quickest = quickest.min(latency);
                    known.offer(queue(&candidate) * latency, candidate, &mut rng);
                }
                None => unknown.offer(queue(&candidate), candidate, &mut rng),
            }
        }
        if quickest.is_infinite() {
            quickest = Load::UNKNOWN.as_secs_f64();
        }

        let population = population.map_or(any.seen(), |all| u32::try_from(all).unwrap_or(u32::MAX));
        let explored = (f64::from(population) * self.explore).min(Self::MAX_EXPLORED);
        if any.seen() > 1 && rng.f64() < explored {
            return any.kept();
        }
        unknown.scale(quickest);
        let best = known.or(unknown, &mut rng);
        let Some(again) = again else {
            return best.kept();
        };

        let good = best.cost() * (1.0 + self.buffer);
        let mut as_good = Reservoir::default();
        for candidate in again {
            if queue(&candidate) * latency(&candidate, now).unwrap_or(quickest) <= good {
                as_good.offer(candidate, &mut rng);
            }
        }
        as_good.kept().or(best.kept())
    }

    fn sampling(&self) -> Sampling {
        Sampling::Uniform(SAMPLE)
    }
}

/// The seconds to the first content that are to be expected, if anything is known of it.
fn latency(candidate: &Candidate<'_>, now: Instant) -> Option<f64> {
    let latency = candidate.deployment().load().latency_at(now);
    // What is known is never exactly this, but for an instant. And it is above zero, or what has long
    // had no traffic would take a queue of any length.
    (latency != Load::UNKNOWN).then(|| latency.as_secs_f64().max(1e-4))
}
