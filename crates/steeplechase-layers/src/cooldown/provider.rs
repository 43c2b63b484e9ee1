//! What the breakers of a provider's deployments infer together.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use steeplechase_core::deployment::Circuit;
use steeplechase_core::{Health, Outcome, Signal};
use tokio::time::Instant;

use super::CooldownConfig;
use super::breaker::{Admission, Breaker, Ticket};
use super::history::{Evidence, is_outage};
use super::metrics::OfProvider;
use super::rules::{Reason, Rules};

/// All deployments of one provider, and whether it works.
///
/// When three of them open within 10 s, as the provider fails, is overloaded or does not answer, it is
/// the provider. Its circuit opens, and with it all those that [depend on it](Health::depend_on), also
/// the ones that have not failed yet. It is closed again by a probe, as that of a deployment is.
///
/// Made once for a provider, and given to the [`CooldownLayer`](super::CooldownLayer) of each of its
/// deployments. Those that do not depend on it only tell it what they see.
pub struct Provider {
    health: Arc<Health>,
    state: Mutex<State>,
    metrics: OfProvider,
}

struct State {
    breaker: Breaker,
    /// Which deployments have opened lately, and when.
    opened: Vec<(Arc<str>, Instant)>,
}

/// An attempt that was let through while the provider was not closed. Dropping it without an outcome
/// gives the place of a probe back.
pub(super) struct Pass {
    provider: Arc<Provider>,
    /// Taken with the outcome.
    ticket: Option<Ticket>,
}

/// So many deployments that open together are the provider.
const TOGETHER: usize = 3;

/// How far apart they are at most.
const WITHIN: Duration = Duration::from_secs(10);

// ===== impl Provider =====

impl Provider {
    /// A provider that works. The name and the host are for metrics.
    pub fn new(name: &str, host: &str) -> Arc<Self> {
        Self::with_health(name, host, Arc::default())
    }

    /// One whose health is there already, as deployments that depend on it have been there before. It
    /// starts with the circuit that it finds.
    pub fn with_health(name: &str, host: &str, health: Arc<Health>) -> Arc<Self> {
        let rules = Rules::of(&CooldownConfig::new());
        let now = Instant::now();
        let breaker = Breaker::new(rules, None, health.circuit(), now);
        health.set_circuit(breaker.circuit());
        Arc::new(Self {
            metrics: OfProvider::of(name, host, breaker.circuit()),
            health,
            state: Mutex::new(State {
                breaker,
                opened: Vec::new(),
            }),
        })
    }

    /// What it publishes to, for deployments to depend on.
    pub fn health(&self) -> &Arc<Health> {
        &self.health
    }

    /// One of its deployments has opened, or should have, because of an outage.
    pub(super) fn opened(&self, deployment: &Arc<str>, now: Instant) {
        self.update(|state| {
            let is_lately = |at: Instant| now.saturating_duration_since(at) <= WITHIN;
            let opened = &mut state.opened;
            opened.retain(|(other, at)| other != deployment && is_lately(*at));
            opened.push((Arc::clone(deployment), now));
            if opened.len() >= TOGETHER {
                opened.clear();
                state.breaker.trip(Reason::Deployments, now);
            }
        });
    }

    /// Lets an attempt through, or says when to come back. There is nothing to hold while it is closed.
    pub(super) fn admit(
        self: &Arc<Self>,
        fails_open: bool,
        now: Instant,
    ) -> Result<Option<Pass>, Option<Instant>> {
        match self.health.circuit() {
            Circuit::Closed => return Ok(None),
            Circuit::Ramp { since } if now.saturating_duration_since(since) < Health::RAMP => {
                return Ok(None);
            }
            _ => {}
        }
        match self.update(|state| state.breaker.admit(now, fails_open, None)) {
            Admission::Refuse { until } => Err(until),
            Admission::Pass(ticket) => Ok(Some(Pass {
                provider: Arc::clone(self),
                ticket: Some(ticket),
            })),
        }
    }

    /// Changes the state, and publishes what changes with it.
    fn update<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state();
        let from = state.breaker.circuit();
        let result = change(&mut state);
        let to = state.breaker.circuit();
        if from != to {
            // Under the lock, so that what was published last is what changed last.
            self.health.set_circuit(to);
            drop(state);
            self.metrics.changed(to);
        }
        result
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("health", &self.health)
            .finish_non_exhaustive()
    }
}

// ===== impl Pass =====

impl Pass {
    pub(super) fn is_probe(&self) -> bool {
        self.ticket.is_some_and(Ticket::is_probe)
    }

    /// Takes the outcome. That one deployment has too many requests says nothing about all of them.
    pub(super) fn record(&mut self, outcome: &Outcome, now: Instant) {
        let evidence = match outcome.signal {
            Signal::Success => Evidence {
                signal: Signal::Success,
                ..Evidence::NONE
            },
            Signal::Failure if is_outage(outcome.class) => Evidence::FAILURE,
            _ => Evidence::NONE,
        };
        self.settle(evidence, now);
    }

    /// Takes what the attempt has shown.
    pub(super) fn settle(&mut self, evidence: Evidence, now: Instant) {
        if let Some(ticket) = self.ticket.take() {
            self.provider
                .update(|state| state.breaker.record(ticket, evidence, now));
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.ticket.is_some() {
            self.settle(Evidence::NONE, Instant::now());
        }
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pass")
            .field("ticket", &self.ticket)
            .finish_non_exhaustive()
    }
}
