use std::fmt;
use std::sync::Arc;

use steeplechase_core::Deployment;
use steeplechase_core::attempts::Score;
use tokio::time::Instant;

use super::busy::{SAMPLE, queue};
use super::dice::{Cheapest, Dice};
use super::scores::{IN_FLIGHT, USED};
use super::{Candidate, Candidates, Sampling, Scores, Strategy};

/// The deployment of which the least is used.
///
/// What is used is the part of what is scarcest, of the requests and tokens that a deployment takes in a minute: by
/// its own limits, and by what the provider says of its own. See
/// [`Limits::headroom`](steeplechase_core::Limits::headroom). Of those of which as much is used, as if nobody has
/// limits, the least busy for its weight.
///
/// It is `usage-based-routing` of LiteLLM and its `usage-based-routing-v2`, which go by the tokens of this minute
/// whatever the limits are: then of two deployments the larger one stands idle for half of its time. That one which
/// is at its limit gets nothing is not a matter of the strategy.
///
/// # Example
///
/// ```
/// use steeplechase_layers::route::UsageBased;
///
/// // The part of the places that are taken.
/// let strategy = UsageBased::by(|deployment, _now| {
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
    /// Goes by the limits that are known.
    pub fn new() -> Self {
        Self::by(|deployment, now| 1.0 - f64::from(deployment.limits().headroom(now)))
    }

    /// Goes by how much is used of a deployment as `used` says, which is asked at each pick. What is no number is
    /// as much as can be.
    pub fn by(used: impl Fn(&Deployment, Instant) -> f64 + Send + Sync + 'static) -> Self {
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

    fn used(&self, candidate: &Candidate<'_>, now: Instant) -> f64 {
        let used = (self.used)(candidate.deployment(), now);
        if used.is_nan() { f64::INFINITY } else { used }
    }
}

impl Default for UsageBased {
    fn default() -> Self {
        Self::new()
    }
}

impl Strategy for UsageBased {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let mut rng = self.dice.rng();
        let now = candidates.now();
        let (mut least, mut least_busy) = (f64::INFINITY, Cheapest::default());
        for candidate in candidates {
            let used = self.used(&candidate, now);
            if used < least {
                (least, least_busy) = (used, Cheapest::default());
            }
            if used <= least {
                least_busy.offer(queue(&candidate), candidate, &mut rng);
            }
        }
        least_busy.kept()
    }

    fn score(&self, candidates: Candidates<'_>, scores: &mut Scores) {
        let now = candidates.now();
        for candidate in candidates {
            let score = Score::new(&USED, self.used(&candidate, now));
            scores.tell(&candidate, score.then(&IN_FLIGHT, queue(&candidate)));
        }
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
