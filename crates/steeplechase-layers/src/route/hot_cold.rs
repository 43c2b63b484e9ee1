use std::time::Duration;

use steeplechase_core::attempts::Score;

use super::busy::SAMPLE;
use super::dice::{Cheapest, Dice, Explore, Reservoir};
use super::quickest::{Clock, Quickest};
use super::scores::IN_FLIGHT;
use super::{Candidate, Candidates, Sampling, Scores, Strategy};

/// The quickest deployment of those that are not busier than most; if all are, the least busy.
///
/// ```text
///            in flight, for the weight
///  hot   ───────────────────────────────  the two busiest of six: not used while there is a cold one
///        ░░░ 0.84 quantile ░░░░░░░░░░░░░
///  cold  ───────────────────────────────  of these the lowest time to the first content, for the weight
/// ```
///
/// It is the hot-cold lexicographic rule of Prequal (Wydrowski et al., NSDI 2024), on what is seen of the calls
/// themselves, without probes. Latency alone sends all to the quickest until it is slow, and all gateways at the
/// same time; a queue alone sends as much to the slow as to the quick. Here a queue only says who is left out.
///
/// * One is never hot while no other has less in flight.
/// * What is not known, and picks by chance, are as with [`LowestLatency`](super::LowestLatency).
/// * Of a group with more than [`Sampling::SMALL`] deployments six are drawn.
///
/// # Defaults
///
/// * [`quantile`](Self::quantile): 0.84, as Prequal has it.
/// * [`explore`](Self::explore): 0.0125.
#[derive(Clone, Debug)]
#[must_use]
pub struct HotCold {
    dice: Dice,
    quantile: f64,
    explore: Explore,
}

/// How busy each of several is.
#[derive(Debug)]
struct Heats {
    heats: [f64; KEPT],
    seen: usize,
}

/// How busy one may be that is cold.
#[derive(Clone, Copy, Debug)]
struct Cold {
    coldest: f64,
    hot: f64,
}

/// Of more than so many the last ones tell.
const KEPT: usize = 32;

// ===== impl HotCold =====

impl HotCold {
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

    /// Sets from which quantile of the calls in flight on a deployment is hot. Clamped to between 0, when only
    /// the least busy are cold, and 1.
    pub fn quantile(mut self, quantile: f64) -> Self {
        self.quantile = quantile.clamp(0.0, 1.0);
        self
    }

    /// Sets the share of picks that each deployment gets by chance, as with
    /// [`LowestLatency`](super::LowestLatency::explore).
    pub fn explore(mut self, share: f64) -> Self {
        self.explore = Explore::new(share);
        self
    }
}

impl Default for HotCold {
    fn default() -> Self {
        Self {
            dice: Dice::default(),
            quantile: 0.84,
            explore: Explore::DEFAULT,
        }
    }
}

impl Strategy for HotCold {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let mut rng = self.dice.rng();
        let mut any = Reservoir::default();
        let mut heats = Heats::new();
        for candidate in candidates.clone() {
            if candidate.weight() > 0.0 {
                any.offer(candidate, &mut rng);
            }
            heats.add(&candidate);
        }
        if let Some(explored) = self.explore.roll(&any, candidates.population(), &mut rng) {
            return Some(explored);
        }

        let cold = heats.cold(self.quantile);
        let clock = Clock::of(&candidates, Duration::MAX);
        let mut quickest = Quickest::default();
        let mut least = Cheapest::default();
        for candidate in candidates {
            // It is looked up anew, and another thread may have changed it.
            let heat = heat(&candidate);
            if cold.has(heat) {
                let (latency, factor) = (clock.latency(&candidate), factor(&candidate));
                quickest.offer(latency, factor, candidate, &mut rng);
            }
            least.offer(heat, candidate, &mut rng);
        }
        quickest.best(&mut rng).kept().or(least.kept())
    }

    fn score(&self, candidates: Candidates<'_>, scores: &mut Scores) {
        let mut heats = Heats::new();
        for candidate in candidates.clone() {
            heats.add(&candidate);
        }
        let cold = heats.cold(self.quantile);
        let clock = Clock::of(&candidates, Duration::MAX);
        let is_cold = |it: &Candidate<'_>| cold.has(heat(it));
        clock.score(candidates.clone().filter(is_cold), factor, scores);
        for candidate in candidates.filter(|it| !is_cold(it)) {
            scores.tell(&candidate, Score::new(&IN_FLIGHT, heat(&candidate)));
        }
    }

    fn sampling(&self) -> Sampling {
        Sampling::Uniform(SAMPLE)
    }
}

/// How many are in flight, for the weight. Without weight it is hotter than any.
fn heat(candidate: &Candidate<'_>) -> f64 {
    let weight = candidate.weight();
    if weight > 0.0 {
        f64::from(candidate.deployment().load().in_flight()) / weight
    } else {
        f64::INFINITY
    }
}

/// How long one takes that is cold is counted for its weight.
fn factor(candidate: &Candidate<'_>) -> f64 {
    1.0 / candidate.weight()
}

// ===== impl Heats =====

impl Heats {
    fn new() -> Self {
        Self {
            heats: [0.0; KEPT],
            seen: 0,
        }
    }

    /// Adds one, if it has a weight.
    fn add(&mut self, candidate: &Candidate<'_>) {
        if candidate.weight() > 0.0 {
            self.heats[self.seen % KEPT] = heat(candidate);
            self.seen += 1;
        }
    }

    /// Those below a quantile are cold.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "it is at most the number of those that are kept"
    )]
    fn cold(mut self, quantile: f64) -> Cold {
        let heats = &mut self.heats[..self.seen.min(KEPT)];
        heats.sort_unstable_by(f64::total_cmp);
        let last = heats.len().saturating_sub(1);
        // Rounded down, or of a few only the busiest would be hot.
        let at = (quantile * last as f64) as usize;
        let heat = |at: usize| heats.get(at).copied().unwrap_or(f64::INFINITY);
        Cold {
            coldest: heat(0),
            hot: heat(at),
        }
    }
}

// ===== impl Cold =====

impl Cold {
    fn has(self, heat: f64) -> bool {
        heat < self.hot || heat <= self.coldest
    }
}
