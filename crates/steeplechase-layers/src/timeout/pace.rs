use std::sync::Arc;
use std::time::Duration;

use steeplechase_core::deployment::Turns;
use steeplechase_core::model_info::Ability;
use steeplechase_core::quantile::Histogram;
use steeplechase_core::{Cached, Deployment};
use tokio::time::Instant;

/// How long the first content takes at the deployments of a group, but for one call in some hundreds: for
/// [`Patience`](super::Patience).
///
/// Of each deployment that may be used it is estimated from the median and the p90 of the last minutes, as if the
/// logarithm were normal, and the shortest counts: what another attempt has to expect. The tail itself tells little:
/// it is of few calls, and many of them are those that never end, or were given up when another attempt was quicker.
///
/// It costs a look at the clock; the estimate is worked out once a second, of a large group by some in turn.
///
/// # Defaults
///
/// * Between 5 s and 120 s; between 30 s and 120 s if a model of the group is known to think before it speaks.
/// * While fewer than 200 first contents of a deployment are known: 30 s if all models are known not to think
///   before they speak, else 120 s.
#[derive(Debug)]
pub struct Pace {
    pool: Box<[Arc<Deployment>]>,
    unknown: Duration,
    least: Duration,
    kept: Cached,
    turns: Turns,
}

/// Fewer say nothing of their tail.
const MIN_SAMPLES: u64 = 200;

/// How long an estimate is good.
const FRESH: Duration = Duration::from_secs(1);

/// How many times as far from the median, in logarithms, as the p90: the p99.8 of a normal distribution.
const TAIL: f64 = 2.878_16 / 1.281_55;

// ===== impl Pace =====

impl Pace {
    /// The longest that it comes to.
    pub const MOST: Duration = Duration::from_secs(120);

    const LEAST: Duration = Duration::from_secs(5);
    const THINKING: Duration = Duration::from_secs(30);

    /// That of a group.
    pub fn of(pool: impl IntoIterator<Item = Arc<Deployment>>) -> Self {
        let pool: Box<[_]> = pool.into_iter().collect();
        let thinks = |one: &Arc<Deployment>| one.model_info().abilities.get(Ability::Reasoning);
        let does_any = pool.iter().any(|one| thinks(one) == Some(true));
        let does_none = pool.iter().all(|one| thinks(one) == Some(false));
        Self {
            unknown: if does_none {
                Self::THINKING
            } else {
                Self::MOST
            },
            least: if does_any {
                Self::THINKING
            } else {
                Self::LEAST
            },
            pool,
            kept: Cached::new(),
            turns: Turns::new(),
        }
    }

    /// How long the first content of an attempt may take before another attempt is worth more.
    pub fn limit(&self, now: Instant) -> Duration {
        let learnt = self.kept.get(now, FRESH, || self.learnt(now));
        learnt.map_or(self.unknown, |tail| tail.clamp(self.least, Self::MOST))
    }

    fn learnt(&self, now: Instant) -> Option<Duration> {
        let some = self.turns.of(&self.pool);
        let usable = some.filter(|one| one.health().is_ready(now));
        usable
            .filter_map(|one| tail(&one.load().lately(now)?))
            .min()
    }
}

/// The tail of a distribution, by its middle.
fn tail(latencies: &Histogram) -> Option<Duration> {
    if latencies.known() < MIN_SAMPLES {
        return None;
    }
    let (median, p90) = (latencies.quantile(0.5)?, latencies.quantile(0.9)?);
    let spread = p90.as_secs_f64() / median.as_secs_f64();
    Duration::try_from_secs_f64(median.as_secs_f64() * spread.powf(TAIL)).ok()
}
