use steeplechase_core::attempts::Score;
use tokio::time::Instant;

use super::busy::SAMPLE;
use super::hash::mix;
use super::scores::{AFFINITY, IN_FLIGHT, P90};
use super::{Candidate, Candidates, Sampling, Scores, Strategy};

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

/// Those that can be home, and what they are held against.
#[derive(Debug)]
struct Homes<'a> {
    nearest: Nearest<'a>,
    total: Total,
    /// The longest that nine of ten first contents may take, in seconds.
    bound: f64,
    now: Instant,
}

/// Those with the highest hashes, the highest first.
#[derive(Debug, Default)]
struct Nearest<'a>([Option<(f64, Candidate<'a>)>; HOMES]);

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

    fn homes<'a>(&self, key: u64, candidates: &Candidates<'a>) -> Homes<'a> {
        let mut nearest = Nearest::default();
        for candidate in candidates.clone().near() {
            let affinity = affinity(key, &candidate, candidates);
            // Without weight one is used when there is no other.
            if affinity > 0.0 {
                nearest.offer(affinity, candidate);
            }
        }
        let now = candidates.now();
        let quickest = nearest
            .iter()
            .filter_map(|it| it.deployment().load().p90(now));
        let quickest = quickest.min().map(|quickest| quickest.as_secs_f64());
        Homes {
            bound: quickest.map_or(f64::INFINITY, |quickest| quickest * self.slower),
            total: Total::of(candidates),
            nearest,
            now,
        }
    }

    fn home<'a>(&self, homes: &Homes<'a>) -> Option<Candidate<'a>> {
        let mut nearest = homes.nearest.iter();
        nearest.find(|home| self.passed_over(home, homes).is_none())
    }

    /// By what one is not home though it is near, if it is not: it is too busy, or too slow.
    fn passed_over(&self, home: &Candidate<'_>, homes: &Homes<'_>) -> Option<Score> {
        let load = home.deployment().load();
        let in_flight = load.in_flight();
        let mean = (homes.total.in_flight + 1.0) * home.weight() / homes.total.weight;
        if in_flight >= Self::FREE && f64::from(in_flight) + 1.0 > (self.bound * mean).ceil() {
            return Some(Score::new(&IN_FLIGHT, f64::from(in_flight) + 1.0));
        }
        let p90 = load.p90(homes.now)?.as_secs_f64();
        (p90 > homes.bound).then(|| Score::new(&P90, p90))
    }
}

impl<St: Strategy> Strategy for Affinity<St> {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let key = candidates.asked().affinity();
        let home = key.and_then(|key| self.home(&self.homes(key, &candidates)));
        home.or_else(|| self.inner.pick(candidates))
    }

    fn score(&self, candidates: Candidates<'_>, scores: &mut Scores) {
        let key = candidates.asked().affinity();
        let homes = key.map(|key| (key, self.homes(key, &candidates)));
        let homes = homes.filter(|(_, homes)| self.home(homes).is_some());
        let Some((key, homes)) = homes else {
            return self.inner.score(candidates, scores);
        };
        for candidate in candidates.clone().near() {
            let affinity = affinity(key, &candidate, &candidates);
            scores.tell(&candidate, Score::new(&AFFINITY, affinity));
        }
        for home in homes.nearest.iter() {
            if let Some(score) = self.passed_over(&home, &homes) {
                scores.tell(&home, score);
            }
        }
    }

    fn sampling(&self) -> Sampling {
        match self.inner.sampling() {
            Sampling::Whole => Sampling::Whole,
            _ => Sampling::Keyed(SAMPLE),
        }
    }
}

/// How much a deployment is home to what has this key: the greatest of several is each time that of one with a
/// chance in proportion to its weight.
fn affinity(key: u64, candidate: &Candidate<'_>, candidates: &Candidates<'_>) -> f64 {
    let hash = key ^ candidates.mark(candidate);
    // Never 0 and never 1.
    #[allow(clippy::cast_precision_loss, reason = "it has 52 bits")]
    let part = ((mix(hash) >> 12) as f64 + 0.5) / (1_u64 << 52) as f64;
    candidate.weight() / -part.ln()
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

// ===== impl Nearest =====

impl<'a> Nearest<'a> {
    fn offer(&mut self, affinity: f64, candidate: Candidate<'a>) {
        let mut next = Some((affinity, candidate));
        for place in &mut self.0 {
            let is_higher = match (&next, &*place) {
                (Some((affinity, _)), Some((old, _))) => affinity > old,
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
