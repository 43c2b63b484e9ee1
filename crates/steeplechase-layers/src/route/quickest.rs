use std::time::Duration;

use fastrand::Rng;
use steeplechase_core::Load;
use steeplechase_core::attempts::{Measure, Score};
use tokio::time::Instant;

use super::dice::Cheapest;
use super::scores::{LATENCY, PER_TOKEN};
use super::{Candidate, Candidates, Scores};

/// The one that costs the least, where the cost is a latency times a factor, in one pass.
///
/// One of whose latency nothing is known is taken for as quick as the quickest that is known, so it gets a fair
/// share until it has shown what it is.
#[derive(Debug, Default)]
pub(super) struct Quickest<'a> {
    known: Cheapest<'a>,
    unknown: Cheapest<'a>,
    soonest: Soonest,
}

/// The latency of the quickest of several, in seconds. Infinite if nothing is known of any.
#[derive(Clone, Copy, Debug)]
pub(super) struct Soonest(f64);

/// How quick deployments are at what a request wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    ttl: Duration,
    now: Instant,
    /// By the time for a token of a whole answer, and not by that to the first content.
    by_token: bool,
}

// ===== impl Quickest =====

impl<'a> Quickest<'a> {
    /// Offers a candidate whose latency is in seconds.
    pub(super) fn offer(
        &mut self,
        latency: Option<f64>,
        factor: f64,
        candidate: Candidate<'a>,
        rng: &mut Rng,
    ) {
        match latency {
            Some(latency) => {
                self.soonest.see(latency);
                let cost = self.soonest.cost(Some(latency), factor);
                self.known.offer(cost, candidate, rng);
            }
            None => self.unknown.offer(factor, candidate, rng),
        }
    }

    /// The latency of the quickest.
    pub(super) fn soonest(&self) -> Soonest {
        self.soonest
    }

    /// The one that costs the least, and what it costs.
    pub(super) fn best(self, rng: &mut Rng) -> Cheapest<'a> {
        let Self {
            known,
            mut unknown,
            soonest,
        } = self;
        unknown.scale(soonest.cost(None, 1.0));
        known.or(unknown, rng)
    }
}

// ===== impl Soonest =====

impl Soonest {
    /// That of those that a clock knows.
    pub(super) fn of<'a>(candidates: impl Iterator<Item = Candidate<'a>>, clock: Clock) -> Self {
        let mut soonest = Self::default();
        for latency in candidates.filter_map(|it| clock.latency(&it)) {
            soonest.see(latency);
        }
        soonest
    }

    /// What one costs with that latency, if it is known, times a factor.
    pub(super) fn cost(self, latency: Option<f64>, factor: f64) -> f64 {
        let unknown = || match self.0 {
            soonest if soonest.is_finite() => soonest,
            _ => Load::UNKNOWN.as_secs_f64(),
        };
        factor * latency.unwrap_or_else(unknown)
    }

    fn see(&mut self, latency: f64) {
        self.0 = self.0.min(latency);
    }
}

impl Default for Soonest {
    fn default() -> Self {
        Self(f64::INFINITY)
    }
}

// ===== impl Clock =====

impl Clock {
    /// Goes by what is not older than `ttl`. A request whose answer is to come whole is timed by its tokens,
    /// if that is known of any candidate.
    pub(super) fn of(candidates: &Candidates<'_>, ttl: Duration) -> Self {
        let clock = Self {
            ttl,
            now: candidates.now(),
            by_token: true,
        };
        let is_whole = candidates.asked().is_stream() == Some(false);
        let by_token = is_whole && candidates.clone().any(|it| clock.latency(&it).is_some());
        Self { by_token, ..clock }
    }

    /// Says what each costs: its seconds, times a factor.
    pub(super) fn score<'a>(
        self,
        candidates: impl Iterator<Item = Candidate<'a>> + Clone,
        factor: impl Fn(&Candidate<'a>) -> f64,
        scores: &mut Scores,
    ) {
        let (mut soonest, mut has_unknown) = (Soonest::default(), false);
        for candidate in candidates.clone() {
            let latency = self.latency(&candidate);
            has_unknown |= latency.is_none();
            if let Some(latency) = latency {
                soonest.see(latency);
                let cost = soonest.cost(Some(latency), factor(&candidate));
                scores.tell(&candidate, Score::new(self.measure(), cost));
            }
        }
        // They are as quick as the quickest, which is known by now.
        let unknown = candidates.filter(|it| has_unknown && self.latency(it).is_none());
        for candidate in unknown {
            let cost = soonest.cost(None, factor(&candidate));
            scores.tell(&candidate, Score::new(self.measure(), cost));
        }
    }

    /// What its seconds are of.
    pub(super) fn measure(&self) -> &'static Measure {
        if self.by_token { &PER_TOKEN } else { &LATENCY }
    }

    /// The seconds that are to be expected, if anything is known of it.
    pub(super) fn latency(&self, candidate: &Candidate<'_>) -> Option<f64> {
        let load = candidate.deployment().load();
        let latency = if self.by_token {
            load.per_token_within(self.ttl, self.now)
        } else {
            load.latency_within(self.ttl, self.now)
        };
        // Above zero, or what has long had no traffic would take a queue of any length.
        latency.map(|latency| latency.as_secs_f64().max(1e-4))
    }
}
