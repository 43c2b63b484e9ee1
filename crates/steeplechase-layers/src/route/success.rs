use steeplechase_core::attempts::Score;
use tokio::time::Instant;

use super::busy::SAMPLE;
use super::dice::{Dice, Explore, Reservoir, Weighted};
use super::scores::SUCCESS;
use super::{Candidate, Candidates, Sampling, Scores, Strategy};

/// Each deployment gets its share by chance: in proportion to its weight, and to a power of its share of
/// successes in the last minutes.
///
/// The share is that of [`Load::success_share`](steeplechase_core::Load::success_share), smoothed as Laplace has
/// it: a new deployment begins at a half, and is tried.
///
/// The best does not get all: one call in a hundred that failed, where the others had none, is chance, and to
/// follow chance would send everything to one deployment, and then to another. What is much worse has next to
/// nothing with a high power; the few picks that each gets whatever it is worth, as with
/// [`LowestLatency`](super::LowestLatency), tell when it is better.
///
/// # Defaults
///
/// * [`power`](Self::power): 4. Of two deployments one that fails half of the time gets 6 % of the traffic, and
///   one that fails one in a hundred 49 %.
#[derive(Clone, Debug)]
#[must_use]
pub struct SuccessRate {
    dice: Dice,
    power: f64,
}

// ===== impl SuccessRate =====

impl SuccessRate {
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

    /// Sets the power of the share of successes. Clamped to between 0, when it makes no difference, and 64.
    pub fn power(mut self, power: f64) -> Self {
        self.power = power.clamp(0.0, 64.0);
        self
    }

    /// Each gets its part of the picks by this.
    fn weight(&self, candidate: &Candidate<'_>, now: Instant) -> f64 {
        let share = candidate.deployment().load().success_share(now);
        candidate.weight() * share.powf(self.power)
    }
}

impl Default for SuccessRate {
    fn default() -> Self {
        Self {
            dice: Dice::default(),
            power: 4.0,
        }
    }
}

impl Strategy for SuccessRate {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let mut rng = self.dice.rng();
        let (now, population) = (candidates.now(), candidates.population());
        let mut any = Reservoir::default();
        let mut kept = Weighted::default();
        for candidate in candidates {
            if candidate.weight() > 0.0 {
                any.offer(candidate, &mut rng);
            }
            kept.offer(self.weight(&candidate, now), candidate, &mut rng);
        }
        let explored = Explore::DEFAULT.roll(&any, population, &mut rng);
        explored.or(kept.kept())
    }

    fn score(&self, candidates: Candidates<'_>, scores: &mut Scores) {
        let now = candidates.now();
        for candidate in candidates {
            let weight = self.weight(&candidate, now);
            scores.tell(&candidate, Score::new(&SUCCESS, weight));
        }
    }

    fn sampling(&self) -> Sampling {
        Sampling::Uniform(SAMPLE)
    }
}
