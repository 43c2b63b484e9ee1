use std::time::Duration;

use fastrand::Rng;
use steeplechase_core::Load;
use tokio::time::Instant;

use super::dice::Cheapest;
use super::{Candidate, Candidates};

/// The one that costs the least, where the cost is a latency times a factor, in one pass.
///
/// One of whose latency nothing is known is taken for as quick as the quickest that is known, so it gets a fair
/// share until it has shown what it is.
#[derive(Debug)]
pub(super) struct Quickest<'a> {
    known: Cheapest<'a>,
    unknown: Cheapest<'a>,
    latency: f64,
}

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
                self.latency = self.latency.min(latency);
                self.known.offer(factor * latency, candidate, rng);
            }
            None => self.unknown.offer(factor, candidate, rng),
        }
    }

    /// The latency of the quickest, in seconds.
    pub(super) fn latency(&self) -> f64 {
        if self.latency.is_infinite() {
            return Load::UNKNOWN.as_secs_f64();
        }
        self.latency
    }

    /// The one that costs the least, and what it costs.
    pub(super) fn best(self, rng: &mut Rng) -> Cheapest<'a> {
        let latency = self.latency();
        let Self {
            known, mut unknown, ..
        } = self;
        unknown.scale(latency);
        known.or(unknown, rng)
    }
}

impl Default for Quickest<'_> {
    fn default() -> Self {
        Self {
            known: Cheapest::default(),
            unknown: Cheapest::default(),
            latency: f64::INFINITY,
        }
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
