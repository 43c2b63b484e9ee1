use std::collections::HashMap;
use std::sync::Arc;

use ::metrics::Gauge;
use steeplechase_core::purse::{Claim, Purse, Purses};
use steeplechase_core::{Attempts, Cost, Deployment, Usage};
use tokio::time::Instant;

use super::metrics;

/// The purses that attempts at one deployment draw on.
pub(super) struct Spending {
    /// Whatever the call.
    own: Vec<Drawn>,
    /// If the call has the tag.
    tags: HashMap<Arc<str>, Drawn>,
}

/// A purse, and the metric of what was spent of it.
#[derive(Clone)]
struct Drawn {
    purse: Arc<Purse>,
    spent: Gauge,
}

/// What is reserved for one attempt. Nothing, and no memory, where nobody counts.
#[derive(Default)]
pub(super) struct Claims(Vec<(Claim, Drawn)>);

/// How long an answer is taken to be before there has been one.
const FIRST: u64 = 512;

// ===== impl Spending =====

impl Spending {
    /// Of a deployment. `None` if no attempt at it can draw on any.
    pub(super) fn of(deployment: &Deployment, purses: &Purses) -> Option<Self> {
        let own: Vec<_> = purses.of(deployment).map(Drawn::new).collect();
        let tags = purses.tags();
        let tags: HashMap<_, _> = tags
            .map(|purse| (Arc::clone(purse.owner().name()), Drawn::new(purse)))
            .collect();
        (!own.is_empty() || !tags.is_empty()).then_some(Self { own, tags })
    }

    /// Reserves what an attempt is expected to cost.
    pub(super) fn claim(&self, attempts: &Attempts, estimate: impl FnOnce() -> Cost) -> Claims {
        let controls = if self.tags.is_empty() {
            None
        } else {
            attempts.controls()
        };
        let tags = controls.as_ref().map_or(&[][..], |controls| &controls.tags);
        let of_tags = tags.iter().enumerate().filter_map(|(at, tag)| {
            let is_first = !tags[..at].contains(tag);
            self.tags.get(tag).filter(|_| is_first)
        });
        let drawn: Vec<_> = self.own.iter().chain(of_tags).collect();
        if drawn.is_empty() {
            return Claims::default();
        }
        let estimate = estimate();
        let claim = |drawn: &Drawn| {
            let claim = drawn.purse.claim(estimate);
            drawn.tell();
            (claim, drawn.clone())
        };
        Claims(drawn.into_iter().map(claim).collect())
    }
}

// ===== impl Drawn =====

impl Drawn {
    fn new(purse: &Arc<Purse>) -> Self {
        let drawn = Self {
            purse: Arc::clone(purse),
            spent: metrics::budget(purse),
        };
        drawn.tell();
        drawn
    }

    #[allow(clippy::cast_precision_loss, reason = "a gauge is a float")]
    fn tell(&self) {
        let spent = self.purse.spent(Instant::now());
        self.spent.set(spent.nanos() as f64);
    }
}

// ===== impl Claims =====

impl Claims {
    /// Says what the attempt has cost.
    pub(super) fn settle(&mut self, cost: Cost) {
        for (claim, drawn) in self.0.drain(..) {
            claim.settle(cost);
            drawn.tell();
        }
    }
}

/// What an attempt is expected to cost: with an answer of the usual length, unless it may not be as long. Nothing, if
/// nobody knows its price.
pub(super) fn estimate(
    deployment: &Deployment,
    prompt: Option<u64>,
    max_output: Option<u64>,
) -> Cost {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a mean of numbers of tokens"
    )]
    let usual = deployment
        .load()
        .mean_output()
        .map_or(FIRST, |mean| mean as u64);
    let output = max_output.map_or(usual, |most| most.min(usual));
    let usage = Usage::estimate(prompt.unwrap_or(0), output);
    deployment.pricing().cost(&usage).unwrap_or_default()
}
