use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use steeplechase_core::{Class, Error, Health, Outcome, Retry, Scope, Signal};
use tokio::time::Instant;

use super::CooldownConfig;
use super::breaker::{Admission, Breaker, Ticket};
use super::metrics::{Metrics, Probe, Refused};
use super::promise::Throttles;

/// What all clones of a service share: it lets attempts through, and learns from what becomes of them.
pub(super) struct Gate {
    config: CooldownConfig,
    health: Arc<Health>,
    name: Arc<str>,
    state: Mutex<State>,
    metrics: Metrics,
}

#[derive(Debug)]
struct State {
    breaker: Breaker,
    throttles: Throttles,
}

/// An attempt that was let through. Dropping it without an outcome gives the place of a probe back.
#[derive(Debug)]
pub(super) struct Attempt {
    gate: Arc<Gate>,
    ticket: Ticket,
    started: Instant,
    /// Whether it is a probe whose outcome is waited for.
    probing: bool,
}

// ===== impl Gate =====

impl Gate {
    pub(super) fn new(config: CooldownConfig, health: Arc<Health>, name: Arc<str>) -> Self {
        let breaker = Breaker::new(&config, health.circuit(), Instant::now(), Rng::new());
        // It may differ from what was there: the probe of an earlier service is not waited for.
        let circuit = breaker.circuit();
        if circuit != health.circuit() {
            health.set_circuit(circuit);
        }
        Self {
            config,
            health,
            metrics: Metrics::of(&name, circuit),
            name,
            state: Mutex::new(State {
                breaker,
                throttles: Throttles::default(),
            }),
        }
    }

    pub(super) fn health(&self) -> &Arc<Health> {
        &self.health
    }

    /// Lets an attempt through, unless it is of no use.
    pub(super) fn admit(self: &Arc<Self>, fails_open: bool) -> Result<Attempt, Error> {
        let now = Instant::now();
        // This goes first, so that an attempt that cannot be sent does not take the place of a probe.
        if self.config.enforce_promise
            && let Some(until) = self.health.cooling(now)
        {
            return Err(self.refuse(Refused::ByPromise, Some(until), now));
        }
        match self.update(|state| state.breaker.admit(now, fails_open)) {
            Admission::Refuse { until } => Err(self.refuse(Refused::ByCircuit, until, now)),
            Admission::Pass(ticket) => Ok(Attempt {
                gate: Arc::clone(self),
                ticket,
                started: now,
                probing: ticket.is_probe(),
            }),
        }
    }

    fn refuse(&self, refused: Refused, until: Option<Instant>, now: Instant) -> Error {
        self.metrics.refused(refused);
        let error = match refused {
            Refused::ByCircuit => Error::new(
                Class::Unavailable,
                "the provider has failed too often of late",
            ),
            Refused::ByPromise => Error::new(
                Class::Unavailable,
                "the provider has asked to be left alone for a while",
            ),
        }
        .with_scope(Scope::Deployment)
        .with_retry(Retry::OtherDeployment)
        .with_retry_after(until.map(|until| until.saturating_duration_since(now)));
        if self.name.is_empty() {
            error
        } else {
            error.with_deployment(Arc::clone(&self.name))
        }
    }

    fn record(&self, ticket: Ticket, started: Instant, outcome: &Outcome) -> Signal {
        let now = Instant::now();
        let is_about_deployment = is_about_deployment(outcome);
        let signal = if is_about_deployment {
            outcome.signal
        } else {
            Signal::Neutral
        };
        let promise = self.update(|state| {
            state.breaker.record(ticket, signal, now);
            let throttles = &mut state.throttles;
            is_about_deployment
                .then(|| throttles.promise_after(&self.config, outcome, started, now))
                .flatten()
        });
        if let (Some(time), Some(class)) = (promise, outcome.class) {
            self.health.cool_until(now + time);
            self.metrics.cooled(class.as_str());
        }
        signal
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
            self.metrics.changed(from, to);
        }
        result
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("name", &self.name)
            .field("health", &self.health)
            .finish_non_exhaustive()
    }
}

/// Whether an outcome says anything about the deployment, and not about the caller or about ourselves.
fn is_about_deployment(outcome: &Outcome) -> bool {
    outcome.class.is_none_or(|class| {
        !class.is_callers_fault() && !matches!(outcome.scope, Scope::Gateway | Scope::Request)
    })
}

// ===== impl Attempt =====

impl Attempt {
    /// Takes the outcome. There may be several: that of the head, and that of a body that fails.
    pub(super) fn record(&mut self, outcome: &Outcome) {
        let signal = self.gate.record(self.ticket, self.started, outcome);
        if std::mem::take(&mut self.probing) {
            self.gate.metrics.probed(match signal {
                Signal::Success => Probe::Succeeded,
                Signal::Failure | Signal::Throttle => Probe::Failed,
                Signal::Neutral => Probe::Neutral,
            });
        }
    }

    /// How long its outcome is waited for before there is another probe. `None` if it is no probe.
    pub(super) fn probe_ttl(&self) -> Option<Duration> {
        self.probing.then_some(self.gate.config.probe_ttl)
    }

    /// Makes room for another probe, if it is one whose outcome is waited for.
    pub(super) fn give_up_probe(&mut self, because: Probe) {
        if std::mem::take(&mut self.probing) {
            let now = Instant::now();
            self.gate.update(|state| {
                state.breaker.record(self.ticket, Signal::Neutral, now);
            });
            self.gate.metrics.probed(because);
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        self.give_up_probe(Probe::Dropped);
    }
}
