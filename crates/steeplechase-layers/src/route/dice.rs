use std::sync::{Arc, Mutex, PoisonError};

use fastrand::Rng;

use super::Candidate;

/// Where a strategy gets its chances from: the thread, or a seed. Clones share the seed.
#[derive(Clone, Debug, Default)]
pub(super) struct Dice(Option<Arc<Mutex<Rng>>>);

/// One of several, each with the same chance, in one pass.
#[derive(Debug, Default)]
pub(super) struct Reservoir<'a> {
    seen: u32,
    kept: Option<Candidate<'a>>,
}

/// One of several, each with a chance in proportion to its weight, in one pass: A-Chao's weighted reservoir
/// sampling with a reservoir of one. One without weight is kept if there is no other.
#[derive(Debug, Default)]
pub(super) struct Weighted<'a> {
    total: f64,
    kept: Option<Candidate<'a>>,
    weightless: Reservoir<'a>,
}

/// The one with the lowest cost, at a tie each with the same chance, in one pass.
#[derive(Debug, Default)]
pub(super) struct Cheapest<'a> {
    cost: f64,
    ties: Reservoir<'a>,
}

/// The share of picks that each deployment gets by chance, whatever is known of it, so that it keeps being
/// measured. One with weight zero is left out of that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Explore(f64);

// ===== impl Dice =====

impl Dice {
    pub(super) fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(Mutex::new(Rng::with_seed(seed)))))
    }

    /// A generator for one pick.
    pub(super) fn rng(&self) -> Rng {
        self.0.as_ref().map_or_else(Rng::new, |rng| {
            rng.lock().unwrap_or_else(PoisonError::into_inner).fork()
        })
    }
}

// ===== impl Reservoir =====

impl<'a> Reservoir<'a> {
    pub(super) fn offer(&mut self, candidate: Candidate<'a>, rng: &mut Rng) {
        self.seen += 1;
        if self.seen == 1 || rng.u32(..self.seen) == 0 {
            self.kept = Some(candidate);
        }
    }

    pub(super) fn kept(&self) -> Option<Candidate<'a>> {
        self.kept
    }
}

// ===== impl Weighted =====

impl<'a> Weighted<'a> {
    /// Offers a candidate with a weight, which is never NaN.
    pub(super) fn offer(&mut self, weight: f64, candidate: Candidate<'a>, rng: &mut Rng) {
        if weight > 0.0 {
            self.total += weight;
            if rng.f64() * self.total < weight {
                self.kept = Some(candidate);
            }
        } else {
            self.weightless.offer(candidate, rng);
        }
    }

    pub(super) fn kept(&self) -> Option<Candidate<'a>> {
        self.kept.or_else(|| self.weightless.kept())
    }
}

// ===== impl Cheapest =====

impl<'a> Cheapest<'a> {
    /// Offers a candidate for `cost`, which is never NaN.
    pub(super) fn offer(&mut self, cost: f64, candidate: Candidate<'a>, rng: &mut Rng) {
        if self.ties.seen == 0 || cost < self.cost {
            self.cost = cost;
            self.ties = Reservoir::default();
        }
        if cost <= self.cost {
            self.ties.offer(candidate, rng);
        }
    }

    /// Multiplies the cost of all that were offered.
    pub(super) fn scale(&mut self, factor: f64) {
        self.cost *= factor;
    }

    /// The cheapest of those that were offered to either.
    pub(super) fn or(self, other: Self, rng: &mut Rng) -> Self {
        let (ours, theirs) = (self.ties.seen, other.ties.seen);
        let is_ours = match (ours, theirs) {
            (0, _) => false,
            (_, 0) => true,
            _ if self.cost < other.cost => true,
            _ if self.cost > other.cost => false,
            _ => rng.u32(..ours + theirs) < ours,
        };
        if is_ours { self } else { other }
    }

    pub(super) fn cost(&self) -> f64 {
        self.cost
    }

    pub(super) fn kept(&self) -> Option<Candidate<'a>> {
        self.ties.kept
    }
}

// ===== impl Explore =====

impl Explore {
    /// The share of picks that are made by chance, at the most.
    pub(super) const MAX: f64 = 0.2;

    /// More than one pick of a hundred.
    pub(super) const DEFAULT: Self = Self(0.0125);

    /// Negative numbers are zero.
    pub(super) fn new(share: f64) -> Self {
        Self(share.max(0.0))
    }

    /// The one that gets this pick by chance, if one does: of those `any` was offered, which were drawn out of
    /// `population` if they are not all.
    pub(super) fn roll<'a>(
        self,
        any: &Reservoir<'a>,
        population: Option<usize>,
        rng: &mut Rng,
    ) -> Option<Candidate<'a>> {
        if any.seen < 2 {
            return None;
        }
        let population = population.and_then(|all| u32::try_from(all).ok());
        let all = f64::from(population.unwrap_or(any.seen));
        let is_explored = rng.f64() < (all * self.0).min(Self::MAX);
        any.kept.filter(|_| is_explored)
    }
}
