use std::fmt;
use std::mem::discriminant;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use steeplechase_core::{Class, Error, Health, Outcome, Retry, Scope, Signal};
use tokio::time::Instant;

use super::CooldownConfig;
use super::attempt::Attempt;
use super::breaker::{Admission, Breaker, Ticket, Trip};
use super::history::{Evidence, is_outage};
use super::metrics::{Metrics, Refused};
use super::promise::Throttles;
use super::provider::{Pass, Provider};
use super::rules::{Reason, Rules};
use super::usual::Usual;

/// What all clones of a service share: it lets attempts through, and learns from what becomes of them.
pub(super) struct Gate {
    config: CooldownConfig,
    rules: Rules,
    health: Arc<Health>,
    name: Arc<str>,
    state: Mutex<State>,
    metrics: Metrics,
    others: Others,
}

/// What it knows of the rest of the world.
#[derive(Debug)]
pub(super) struct Others {
    pub(super) usual: Option<Usual>,
    pub(super) provider: Option<Arc<Provider>>,
}

#[derive(Debug)]
struct State {
    breaker: Breaker,
    throttles: Throttles,
}

// ===== impl Gate =====

impl Gate {
    pub(super) fn new(
        config: CooldownConfig,
        health: Arc<Health>,
        name: Arc<str>,
        others: Others,
    ) -> Self {
        let rules = Rules::of(&config);
        let peers = others.usual.as_ref().map(|usual| Arc::clone(usual.peers()));
        let breaker = Breaker::new(rules, peers, health.circuit(), Instant::now());
        // It may differ from what was there: the probe of an earlier service is not waited for.
        let circuit = breaker.circuit();
        if circuit != health.circuit() {
            health.set_circuit(circuit);
        }
        Self {
            config,
            rules,
            health,
            metrics: Metrics::of(&name, circuit),
            name,
            state: Mutex::new(State {
                breaker,
                throttles: Throttles::default(),
            }),
            others,
        }
    }

    pub(super) fn health(&self) -> &Arc<Health> {
        &self.health
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    pub(super) fn probe_ttl(&self) -> Duration {
        self.config.probe_ttl
    }

    /// Lets an attempt through, unless it is of no use.
    pub(super) fn admit(self: &Arc<Self>, fails_open: bool) -> Result<Attempt, Error> {
        let now = Instant::now();
        // This goes first, so that an attempt that cannot be sent does not take the place of a probe.
        if self.config.enforce_promise
            && let Some(until) = self.health.cooling(now)
        {
            return Err(self.refuse(Refused::Promise, Some(until), now));
        }
        let pass = self
            .ask_provider(fails_open, now)
            .map_err(|until| self.refuse(Refused::Provider, until, now))?;
        let usual = self.others.usual.as_ref();
        let patience = usual.and_then(|usual| usual.patience(now));
        let (admission, trip) = self.update(|state| state.breaker.admit(now, fails_open, patience));
        self.tell(trip, true, now);
        match admission {
            Admission::Refuse { until } => Err(self.refuse(Refused::Circuit, until, now)),
            Admission::Pass(ticket) => Ok(Attempt::new(self, ticket, pass, now)),
        }
    }

    /// Whether the provider lets an attempt through, if its word counts.
    fn ask_provider(
        &self,
        fails_open: bool,
        now: Instant,
    ) -> Result<Option<Pass>, Option<Instant>> {
        match (&self.others.provider, self.health.provider()) {
            (Some(provider), Some(health)) if Arc::ptr_eq(provider.health(), health) => {
                provider.admit(fails_open, now)
            }
            _ => Ok(None),
        }
    }

    fn refuse(&self, refused: Refused, until: Option<Instant>, now: Instant) -> Error {
        self.metrics.refused(refused);
        let message = match refused {
            Refused::Circuit | Refused::Provider => "the provider has failed too often of late",
            Refused::Promise => "the provider has asked to be left alone for a while",
        };
        let error = Error::new(Class::Unavailable, message)
            .with_scope(Scope::Deployment)
            .with_retry(Retry::OtherDeployment)
            .with_retry_after(until.map(|until| until.saturating_duration_since(now)));
        if self.name.is_empty() {
            error
        } else {
            error.with_deployment(Arc::clone(&self.name))
        }
    }

    /// Takes the outcome of an attempt, and says what it shows.
    pub(super) fn record(
        &self,
        ticket: Ticket,
        started: Instant,
        outcome: &Outcome,
        now: Instant,
    ) -> Signal {
        let is_about_deployment = is_about_deployment(outcome);
        let is_slow = self.is_slow(outcome, started, now);
        let mut evidence = Evidence::of(outcome, &self.rules, is_slow);
        if !is_about_deployment {
            evidence.signal = Signal::Neutral;
            // What the caller has done counts only if the operator has given it a number.
            let is_callers = outcome.class.is_some_and(Class::is_callers_fault);
            evidence.kind = evidence.kind.filter(|_| is_callers);
        }
        let (promise, trip) = self.update(|state| {
            state.breaker.record(ticket, evidence, now);
            let throttles = &mut state.throttles;
            let breaker = &mut state.breaker;
            let may_rest = || breaker.is_overloaded(now) && self.can_be_spared(now);
            is_about_deployment
                .then(|| throttles.promise_after(&self.config, outcome, may_rest, (started, now)))
                .flatten()
        });
        if let (Some(time), Some(class)) = (promise, outcome.class)
            && !(class == Class::RateLimited && self.spares())
        {
            self.health.cool_until(now + time);
            self.metrics.cooled(class.as_str());
        }
        self.tell(trip, is_outage(outcome.class), now);
        evidence.signal
    }

    /// There is no outcome to come.
    pub(super) fn give_up(&self, ticket: Ticket, evidence: Evidence, now: Instant) {
        let ((), trip) = self.update(|state| state.breaker.record(ticket, evidence, now));
        self.tell(trip, true, now);
    }

    /// What it shows that an attempt was given up after a time without an outcome. A probe has company
    /// sooner, so it loses sooner.
    pub(super) fn evidence_of_waiting(
        &self,
        waited: Duration,
        is_probe: bool,
        now: Instant,
    ) -> Evidence {
        let Some(usual) = &self.others.usual else {
            return Evidence::NONE;
        };
        let late = if is_probe {
            usual.typical(now)
        } else {
            usual.late(now)
        };
        let is_over = |limit: Option<Duration>| limit.is_some_and(|limit| waited > limit);
        if is_over(usual.patience(now)) {
            Evidence::FAILURE
        } else if is_over(late) {
            Evidence::LATE
        } else {
            Evidence::NONE
        }
    }

    fn is_slow(&self, outcome: &Outcome, started: Instant, now: Instant) -> bool {
        let Some(usual) = self.others.usual.as_ref().filter(|_| outcome.is_success()) else {
            return false;
        };
        let slow = usual.slow(now);
        slow.is_some_and(|slow| now.saturating_duration_since(started) > slow)
    }

    /// Whether the deployment is alone, and is to be spared for that.
    fn spares(&self) -> bool {
        let usual = self.others.usual.as_ref();
        self.config.spare_lone && usual.is_some_and(|usual| usual.peers().is_lone())
    }

    /// Whether others of its group can do without it for a while.
    fn can_be_spared(&self, now: Instant) -> bool {
        let usual = self.others.usual.as_ref();
        usual.is_some_and(|usual| usual.peers().can_spare(&self.health, now))
    }

    /// Tells others that there was a reason to open.
    fn tell(&self, trip: Option<Trip>, is_outage: bool, now: Instant) {
        let Some(Trip { reason, is_open }) = trip else {
            return;
        };
        if !is_open {
            self.metrics.spared(reason);
        }
        // What is slow still works.
        if let Some(provider) = &self.others.provider
            && is_outage
            && reason != Reason::Slow
        {
            provider.opened(&self.name, now);
        }
    }

    /// Changes the state, and publishes what changes with it.
    fn update<T>(&self, change: impl FnOnce(&mut State) -> T) -> (T, Option<Trip>) {
        let mut state = self.state();
        let from = state.breaker.circuit();
        let result = change(&mut state);
        let to = state.breaker.circuit();
        let trip = state.breaker.take_news();
        if from != to {
            let opened = state.breaker.reason();
            // Under the lock, so that what was published last is what changed last.
            self.health.set_circuit(to);
            drop(state);
            self.metrics.changed(from, to, opened);
        } else if discriminant(&to) != discriminant(&self.health.circuit()) {
            // Another stack of the same deployment, which this one has replaced, has spoken since.
            self.health.set_circuit(to);
        }
        (result, trip)
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
