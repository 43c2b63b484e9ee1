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
///   what it takes the quickest of the three. It is not the EWMA that other strategies go by: one slow answer would
///   send all conversations away, and that of a deployment without traffic falls to nothing.
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

/// What is in flight at all candidates together, and what they weigh.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    in_flight: f64,
    weight: f64,
}

/// Those with the highest hashes, the highest first.
#[derive(Debug, Default)]
struct Homes<'a>([Option<(f64, Candidate<'a>)>; HOMES]);

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
        let mut homes = Homes::default();
        for candidate in candidates.clone().near() {
            let score = score(key ^ candidates.mark(&candidate), candidate.weight());
            // Without weight one is used when there is no other.
            if score > 0.0 {
                homes.offer(score, candidate);
            }
        }
        let total = Total::of(candidates);
        let p90 = |it: &Candidate<'_>| it.deployment().load().p90(candidates.now());
        let quickest = homes.iter().filter_map(|it| p90(&it)).min();
        let bound = quickest.map(|quickest| quickest.as_secs_f64() * self.slower);
        let is_quick = |it: &Candidate<'_>| {
            let bound = bound.unwrap_or(f64::INFINITY);
            p90(it).is_none_or(|p90| p90.as_secs_f64() <= bound)
        };
        homes
            .iter()
            .find(|home| self.has_room(home, total) && is_quick(home))
    }

    fn has_room(&self, home: &Candidate<'_>, total: Total) -> bool {
        let in_flight = home.deployment().load().in_flight();
        let mean = (total.in_flight + 1.0) * home.weight() / total.weight;
        in_flight < Self::FREE || f64::from(in_flight) + 1.0 <= (self.bound * mean).ceil()
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

// ===== impl Total =====

impl Total {
    fn of(candidates: &Candidates<'_>) -> Self {
        let mut total = Self::default();
        for candidate in candidates.clone() {
            total.in_flight += f64::from(candidate.deployment().load().in_flight());
            total.weight += candidate.weight();
        }
        total
    }
}

// ===== impl Homes =====

impl<'a> Homes<'a> {
    fn offer(&mut self, score: f64, candidate: Candidate<'a>) {
        let mut next = Some((score, candidate));
        for place in &mut self.0 {
            let is_higher = match (&next, &*place) {
                (Some((score, _)), Some((old, _))) => score > old,
                (next, _) => next.is_some(),
            };
            if is_higher {
                std::mem::swap(place, &mut next);
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = Candidate<'a>> + '_ {
        self.0.iter().flatten().map(|(_, candidate)| *candidate)
    }
}
