use std::time::Duration;

use super::busy::{SAMPLE, queue};
use super::dice::{Dice, Explore, Reservoir};
use super::quickest::{Clock, Quickest};
use super::{Candidate, Candidates, Sampling, Scores, Strategy};

/// The deployment from which the first content is to be expected soonest.
///
/// The cost of a deployment is the peak EWMA of its time to the first content, see
/// [`Load`](steeplechase_core::Load), times how many would be in flight there with one more, for its weight. The
/// lowest wins; at a tie each has the same chance. After Finagle's `PeakEwma`. This is `latency-based-routing` of
/// LiteLLM.
///
/// * For an answer that comes whole, it is the time for each of its tokens: the whole time says how long the
///   answer was. That takes a [`Describe`](super::Describe) that knows which calls are streamed, and an observe
///   layer that reports whole answers; without them it is the time to the first content all the same.
/// * A deployment of which nothing is known is taken for as quick as the quickest that is known, so it
///   gets a fair share until it has shown what it is.
/// * A few picks are made by chance, so that each deployment keeps being measured, and one that has
///   become quick again is found. One with weight zero is left out of that.
///
/// # Defaults
///
/// * [`buffer`](Self::buffer): 0, so the best gets all that it can take.
/// * [`explore`](Self::explore): 0.0125, so each deployment gets more than one pick of a hundred.
/// * [`ttl`](Self::ttl): an hour, as LiteLLM has it. What is some seconds old counts for little anyway.
#[derive(Clone, Debug)]
#[must_use]
pub struct LowestLatency {
    dice: Dice,
    buffer: f64,
    explore: Explore,
    ttl: Duration,
}

impl LowestLatency {
    /// The share of picks that are made by chance, at the most.
    pub const MAX_EXPLORED: f64 = Explore::MAX;

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
    /// are zero. All together get no more than [`MAX_EXPLORED`](Self::MAX_EXPLORED), in a group of any size.
    pub fn explore(mut self, share: f64) -> Self {
        self.explore = Explore::new(share);
        self
    }

    /// Sets how long a deployment is known after its last attempt. It is `ttl` of LiteLLM.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl;
        self
    }
}

impl Default for LowestLatency {
    fn default() -> Self {
        Self {
            dice: Dice::default(),
            buffer: 0.0,
            explore: Explore::DEFAULT,
            ttl: Duration::from_secs(3600),
        }
    }
}

impl Strategy for LowestLatency {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let mut rng = self.dice.rng();
        let again = (self.buffer > 0.0).then(|| candidates.clone());
        let clock = Clock::of(&candidates, self.ttl);
        let population = candidates.population();
        let mut any = Reservoir::default();
        let mut quickest = Quickest::default();
        for candidate in candidates {
            if candidate.weight() > 0.0 {
                any.offer(candidate, &mut rng);
            }
            let latency = clock.latency(&candidate);
            quickest.offer(latency, queue(&candidate), candidate, &mut rng);
        }
        if let Some(explored) = self.explore.roll(&any, population, &mut rng) {
            return Some(explored);
        }
        let soonest = quickest.soonest();
        let best = quickest.best(&mut rng);
        let Some(again) = again else {
            return best.kept();
        };

        let good = best.cost() * (1.0 + self.buffer);
        let mut as_good = Reservoir::default();
        for candidate in again {
            if soonest.cost(clock.latency(&candidate), queue(&candidate)) <= good {
                as_good.offer(candidate, &mut rng);
            }
        }
        as_good.kept().or(best.kept())
    }

    fn score(&self, candidates: Candidates<'_>, scores: &mut Scores) {
        let clock = Clock::of(&candidates, self.ttl);
        clock.score(candidates, queue, scores);
    }

    fn sampling(&self) -> Sampling {
        Sampling::Uniform(SAMPLE)
    }
}
