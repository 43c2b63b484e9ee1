use std::fmt;
use std::sync::Arc;

use steeplechase_core::Deployment;
use tokio::time::Instant;

use super::busy::SAMPLE;
use super::dice::{Cheapest, Dice};
use super::{Candidate, Candidates, Sampling, Strategy};

/// The deployment of which the least is used.
///
/// What counts as used is said by a function: the part of a limit that is spent, or the tokens of this minute.
/// The lowest wins; at a tie each has the same chance. With the tokens of this minute it is
/// `usage-based-routing` of LiteLLM, and its `usage-based-routing-v2`: that a deployment that is at its limit
/// gets nothing is not a matter of the strategy.
///
/// # Example
///
/// ```
/// use steeplechase_layers::route::UsageBased;
///
/// // The part of the places that are taken.
/// let strategy = UsageBased::new(|deployment, _now| {
///     let limits = deployment.limits();
///     let places = limits.max_in_flight().unwrap_or(u32::MAX);
///     f64::from(limits.in_flight()) / f64::from(places)
/// });
/// # let _ = strategy;
/// ```
#[derive(Clone)]
pub struct UsageBased {
    dice: Dice,
    used: Arc<Used>,
}

type Used = dyn Fn(&Deployment, Instant) -> f64 + Send + Sync;

// ===== impl UsageBased =====

impl UsageBased {
    /// Goes by how much is used of a deployment, which is looked up at each pick. What is no number is as much
    /// as can be.
    pub fn new(used: impl Fn(&Deployment, Instant) -> f64 + Send + Sync + 'static) -> Self {
        Self {
            dice: Dice::default(),
            used: Arc::new(used),
        }
    }

    /// Gets its chances from a seed, for tests.
    #[must_use]
    pub fn seeded(mut self, seed: u64) -> Self {
        self.dice = Dice::seeded(seed);
        self
    }
}

impl Strategy for UsageBased {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let mut rng = self.dice.rng();
        let now = candidates.now();
        let mut least = Cheapest::default();
        for candidate in candidates {
            let used = (self.used)(candidate.deployment(), now);
            let used = if used.is_nan() { f64::INFINITY } else { used };
            least.offer(used, candidate, &mut rng);
        }
        least.kept()
    }

    fn sampling(&self) -> Sampling {
        Sampling::Uniform(SAMPLE)
    }
}

impl fmt::Debug for UsageBased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsageBased").finish_non_exhaustive()
    }
}
