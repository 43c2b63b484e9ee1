use std::sync::Arc;
use std::time::Duration;

use steeplechase_core::{Outcome, Signal};
use tokio::time::Instant;

use super::breaker::Ticket;
use super::gate::Gate;
use super::history::Evidence;
use super::metrics::Probe;
use super::provider::Pass;

/// An attempt that was let through. Dropping it without an outcome gives the place of a probe back.
#[derive(Debug)]
pub(super) struct Attempt {
    gate: Arc<Gate>,
    ticket: Ticket,
    started: Instant,
    /// Whether it is a probe whose outcome is waited for.
    probing: bool,
    /// Whether it has no outcome yet, and nobody has given up waiting for one.
    waiting: bool,
    /// What the provider has let it through with.
    pass: Option<Pass>,
}

impl Attempt {
    pub(super) fn new(gate: &Arc<Gate>, ticket: Ticket, pass: Option<Pass>, now: Instant) -> Self {
        Self {
            gate: Arc::clone(gate),
            ticket,
            started: now,
            probing: ticket.is_probe() || pass.as_ref().is_some_and(Pass::is_probe),
            waiting: true,
            pass,
        }
    }

    /// Takes the outcome. There may be several: that of the head, and that of a body that fails.
    pub(super) fn record(&mut self, outcome: &Outcome) {
        let now = Instant::now();
        self.waiting = false;
        if let Some(pass) = &mut self.pass {
            pass.record(outcome, now);
        }
        let signal = self.gate.record(self.ticket, self.started, outcome, now);
        if std::mem::take(&mut self.probing) {
            self.gate.metrics().probed(match signal {
                Signal::Success => Probe::Succeeded,
                Signal::Failure | Signal::Throttle => Probe::Failed,
                Signal::Neutral => Probe::Neutral,
            });
        }
    }

    /// How long its outcome is waited for before there is another probe. `None` if it is no probe.
    pub(super) fn probe_ttl(&self) -> Option<Duration> {
        self.probing.then(|| self.gate.probe_ttl())
    }

    /// Makes room for another probe, if it is one whose outcome is waited for.
    pub(super) fn give_up_probe(&mut self, because: Probe) {
        if std::mem::take(&mut self.probing) {
            self.give_up(true);
            self.gate.metrics().probed(because);
        }
    }

    /// There is nothing to come, or it has taken too long.
    fn give_up(&mut self, is_probe: bool) {
        let now = Instant::now();
        let waited = now.saturating_duration_since(self.started);
        let evidence = if std::mem::take(&mut self.waiting) {
            self.gate.evidence_of_waiting(waited, is_probe, now)
        } else {
            Evidence::NONE
        };
        if let Some(mut pass) = self.pass.take() {
            pass.settle(evidence, now);
        }
        self.gate.give_up(self.ticket, evidence, now);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.waiting && !self.probing {
            self.give_up(false);
        }
        self.give_up_probe(Probe::Dropped);
    }
}
