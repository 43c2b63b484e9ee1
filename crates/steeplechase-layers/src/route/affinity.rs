use std::time::Duration;

use super::busy::SAMPLE;
use super::hash::mix;
use super::{Candidate, Candidates, Sampling, Strategy};

/// The deployment that has had the same conversation before, while it is not much busier nor much slower than
/// the others; else what another strategy picks.
///
/// Providers keep the beginning of a prompt for some minutes and charge a tenth for it, and answer sooner: but
/// each deployment for itself. So calls with the same [affinity](super::Describe::affinity) go to the same
/// deployment, and all others are spread as before.
///
/// ```text
///  affinity ──► the highest hash with it: home ──► has room? is quick? ──► home
///                        the second, the third ───────────┘ no ┘
///                                                 none of the three ─────► the other strategy
/// ```
///
/// * Which one is home is rendezvous hashing (Thaler, Ravishankar: 1996), by weight: nothing is stored, all
///   gateways agree, and a deployment that goes away only moves its own conversations. One that cannot take the
///   call is no candidate, so the next is home until it can again.
/// * *Has room*: with the call it has no more in flight than the mean for its weight, times
///   [`bound`](Self::bound). That is consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam:
///   2016). [`FREE`](Self::FREE) calls are no load, or two calls at once would have to part in a quiet hour.
/// * *Is quick*: nine of ten first contents of the last minute have come within [`slower`](Self::slower) times
///   what it takes the quickest. It is not the EWMA that other strategies go by, as that of a deployment without
///   traffic falls to nothing.
/// * A call without an affinity goes to the other strategy.
///
/// Of a group with more than [`Sampling::SMALL`] deployments home is one of the eight that follow the affinity on a
/// ring, and the mean is that of those and of six by chance, of which the other strategy picks.
///
/// # Defaults
///
/// * [`bound`](Self::bound): 1.25; [`slower`](Self::slower): 2.
#[derive(Clone, Debug)]
#[must_use]
pub struct Affinity<St> {
    inner: St,
    bound: f64,
    slower: f64,
}

/// What is known of all candidates together.
#[derive(Clone, Copy, Debug)]
struct Others {
    in_flight: f64,
    weight: f64,
    quickest: Duration,
}

/// How many are tried, from the highest hash on, before the other strategy is asked.
const HOMES: usize = 3;

// ===== impl Affinity =====

impl<St> Affinity<St> {
    /// So many calls in flight are no load.
    pub const FREE: u32 = 4;

    /// Lets another strategy pick if there is no affinity, or nobody near to it has room.
    pub fn or(inner: St) -> Self {
        Self {
            inner,
            bound: 1.25,
            slower: 2.0,
        }
    }

    /// Sets how many times the mean may be in flight at a home. At least 1.
    pub fn bound(mut self, bound: f64) -> Self {
        self.bound = bound.max(1.0);
        self
    }

    /// Sets how many times as long as the quickest a home may take to its first content. At least 1.
    pub fn slower(mut self, slower: f64) -> Self {
        self.slower = slower.max(1.0);
        self
    }

    fn home<'a>(&self, key: u64, candidates: &Candidates<'a>) -> Option<Candidate<'a>> {
        let others = Others::of(candidates);
        let mut last = f64::INFINITY;
        for _ in 0..HOMES {
            let near = candidates.clone().near();
            let scored = near.map(|it| (score(key ^ candidates.mark(&it), it.weight()), it));
            let next = scored.filter(|(score, _)| *score < last);
            let (score, home) = next.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
            if score <= 0.0 {
                // Without weight one is used when there is no other.
                return None;
            }
            if self.has_room(&home, others) && self.is_quick(&home, others, candidates) {
                return Some(home);
            }
            last = score;
        }
        None
    }

    fn has_room(&self, home: &Candidate<'_>, others: Others) -> bool {
        let in_flight = home.deployment().load().in_flight();
        let mean = (others.in_flight + 1.0) * home.weight() / others.weight;
        in_flight < Self::FREE || f64::from(in_flight) + 1.0 <= (self.bound * mean).ceil()
    }

    fn is_quick(&self, home: &Candidate<'_>, others: Others, candidates: &Candidates<'_>) -> bool {
        let p90 = home.deployment().load().p90(candidates.now());
        p90.is_none_or(|p90| p90.as_secs_f64() <= others.quickest.as_secs_f64() * self.slower)
    }
}

impl<St: Strategy> Strategy for Affinity<St> {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let key = candidates.asked().affinity();
        let home = key.and_then(|key| self.home(key, &candidates));
        home.or_else(|| self.inner.pick(candidates))
    }

    fn sampling(&self) -> Sampling {
        match self.inner.sampling() {
            Sampling::Whole => Sampling::Whole,
            _ => Sampling::Keyed(SAMPLE),
        }
    }
}

/// How much a deployment with such a hash and weight is home: the greatest of several is each time that of one
/// with a chance in proportion to its weight.
fn score(hash: u64, weight: f64) -> f64 {
    // Never 0 and never 1.
    #[allow(clippy::cast_precision_loss, reason = "it has 52 bits")]
    let part = ((mix(hash) >> 12) as f64 + 0.5) / (1_u64 << 52) as f64;
    weight / -part.ln()
}

// ===== impl Others =====

impl Others {
    fn of(candidates: &Candidates<'_>) -> Self {
        let mut others = Self {
            in_flight: 0.0,
            weight: 0.0,
            quickest: Duration::MAX,
        };
        for candidate in candidates.clone() {
            let load = candidate.deployment().load();
            others.in_flight += f64::from(load.in_flight());
            others.weight += candidate.weight();
            if let Some(p90) = load.p90(candidates.now()) {
                others.quickest = others.quickest.min(p90);
            }
        }
        others
    }
}
