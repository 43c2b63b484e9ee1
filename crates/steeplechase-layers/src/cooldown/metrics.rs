use std::sync::Arc;

use metrics::{Counter, Gauge, Label, counter, describe_counter, describe_gauge, gauge};
use steeplechase_core::deployment::Circuit;

use super::rules::Reason;

const COOLDOWNS: &str = "steeplechase_cooldown_cooldowns_total";
pub(super) const EJECTED: &str = "steeplechase_cooldown_ejected_share";
const PROBES: &str = "steeplechase_cooldown_probes_total";
const PROVIDER_OPENINGS: &str = "steeplechase_cooldown_provider_openings_total";
const PROVIDER_STATE: &str = "steeplechase_cooldown_provider_state";
const REFUSALS: &str = "steeplechase_cooldown_refusals_total";
const SPARED: &str = "steeplechase_cooldown_spared_total";
const STATE: &str = "steeplechase_cooldown_state";
const TRANSITIONS: &str = "steeplechase_cooldown_transitions_total";

/// The metrics of one deployment.
#[derive(Clone)]
pub(super) struct Metrics {
    deployment: Arc<str>,
    state: Gauge,
    // The others are rare. While a deployment is refused, this is once for each call.
    refused_by_circuit: Counter,
    refused_by_promise: Counter,
    refused_by_provider: Counter,
}

/// The metrics of one provider.
pub(super) struct OfProvider {
    state: Gauge,
    openings: Counter,
}

/// Why an attempt was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refused {
    Circuit,
    Promise,
    Provider,
}

/// What became of a probe.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Probe {
    Succeeded,
    Failed,
    /// It has an outcome that says nothing.
    Neutral,
    /// It was dropped before it had an outcome.
    Dropped,
    /// It had no outcome in time.
    Expired,
}

/// Describes this layer's metrics to the installed recorder.
///
/// The metrics of a deployment are registered when its stack is built, so a recorder is to be installed
/// before that.
pub fn describe_metrics() {
    describe_counter!(
        COOLDOWNS,
        "Promises not to use a deployment for a time, by deployment and reason"
    );
    describe_gauge!(
        EJECTED,
        "The share of a group's deployments whose circuit is open or half-open"
    );
    describe_counter!(PROBES, "Probes, by deployment and result");
    describe_counter!(
        PROVIDER_OPENINGS,
        "How often the circuit of a whole provider has opened"
    );
    describe_gauge!(
        PROVIDER_STATE,
        "The circuit of a whole provider: 0 closed, 1 open, 2 half-open, 3 ramp"
    );
    describe_counter!(
        REFUSALS,
        "Attempts that were refused, by deployment and by what refused them"
    );
    describe_counter!(
        SPARED,
        "Circuits that stayed closed as half of the group was open, by deployment and reason to open"
    );
    describe_gauge!(
        STATE,
        "The circuit of a deployment: 0 closed, 1 open, 2 half-open, 3 ramp"
    );
    describe_counter!(
        TRANSITIONS,
        "Changes of the circuit, by deployment, from what, to what and why"
    );
}

// ===== impl Metrics =====

impl Metrics {
    pub(super) fn of(deployment: &Arc<str>, circuit: Circuit) -> Self {
        let state = gauge!(STATE, "deployment" => Arc::clone(deployment));
        state.set(code(circuit));
        Self {
            deployment: Arc::clone(deployment),
            state,
            refused_by_circuit: refusals(deployment, "circuit"),
            refused_by_promise: refusals(deployment, "promise"),
            refused_by_provider: refusals(deployment, "provider"),
        }
    }

    pub(super) fn refused(&self, refused: Refused) {
        match refused {
            Refused::Circuit => &self.refused_by_circuit,
            Refused::Promise => &self.refused_by_promise,
            Refused::Provider => &self.refused_by_provider,
        }
        .increment(1);
    }

    pub(super) fn cooled(&self, reason: &'static str) {
        let deployment = Arc::clone(&self.deployment);
        counter!(COOLDOWNS, "deployment" => deployment, "reason" => reason).increment(1);
    }

    pub(super) fn probed(&self, probe: Probe) {
        let deployment = Arc::clone(&self.deployment);
        let result = match probe {
            Probe::Succeeded => "success",
            Probe::Failed => "failure",
            Probe::Neutral => "neutral",
            Probe::Dropped => "dropped",
            Probe::Expired => "expired",
        };
        counter!(PROBES, "deployment" => deployment, "result" => result).increment(1);
    }

    /// A reason to open had no effect.
    pub(super) fn spared(&self, reason: Reason) {
        let deployment = Arc::clone(&self.deployment);
        counter!(SPARED, "deployment" => deployment, "reason" => reason.as_str()).increment(1);
    }

    /// The circuit has changed. `opened` is why it has opened the last time.
    pub(super) fn changed(&self, from: Circuit, to: Circuit, opened: Reason) {
        let labels = [
            Label::new("deployment", Arc::clone(&self.deployment)),
            Label::from_static_parts("from", name(from)),
            Label::from_static_parts("to", name(to)),
            Label::from_static_parts("reason", why(to, opened)),
        ];
        counter!(TRANSITIONS, labels.into_iter().collect::<Vec<_>>()).increment(1);
        self.state.set(code(to));
    }
}

// ===== impl OfProvider =====

impl OfProvider {
    pub(super) fn of(name: &str, host: &str, circuit: Circuit) -> Self {
        let labels = vec![
            Label::new("provider", name.to_owned()),
            Label::new("host", host.to_owned()),
        ];
        let state = gauge!(PROVIDER_STATE, labels.clone());
        state.set(code(circuit));
        Self {
            state,
            openings: counter!(PROVIDER_OPENINGS, labels),
        }
    }

    pub(super) fn changed(&self, to: Circuit) {
        if matches!(to, Circuit::Open { .. }) {
            self.openings.increment(1);
        }
        self.state.set(code(to));
    }
}

fn why(to: Circuit, opened: Reason) -> &'static str {
    match to {
        Circuit::Open { .. } => opened.as_str(),
        Circuit::HalfOpen => "due",
        Circuit::Ramp { .. } => "success",
        Circuit::Closed => "time",
    }
}

fn refusals(deployment: &Arc<str>, reason: &'static str) -> Counter {
    counter!(REFUSALS, "deployment" => Arc::clone(deployment), "reason" => reason)
}

fn name(circuit: Circuit) -> &'static str {
    match circuit {
        Circuit::Closed => "closed",
        Circuit::Open { .. } => "open",
        Circuit::HalfOpen => "half_open",
        Circuit::Ramp { .. } => "ramp",
    }
}

fn code(circuit: Circuit) -> u8 {
    match circuit {
        Circuit::Closed => 0,
        Circuit::Open { .. } => 1,
        Circuit::HalfOpen => 2,
        Circuit::Ramp { .. } => 3,
    }
}
