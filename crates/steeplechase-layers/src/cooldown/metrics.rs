use std::sync::Arc;

use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};
use steeplechase_core::deployment::Circuit;

const COOLDOWNS: &str = "steeplechase_cooldown_cooldowns_total";
const PROBES: &str = "steeplechase_cooldown_probes_total";
const REFUSALS: &str = "steeplechase_cooldown_refusals_total";
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
}

/// Why an attempt was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refused {
    ByCircuit,
    ByPromise,
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
    describe_counter!(PROBES, "Probes, by deployment and result");
    describe_counter!(
        REFUSALS,
        "Attempts that were refused, by deployment and by what refused them"
    );
    describe_gauge!(
        STATE,
        "The circuit of a deployment: 0 closed, 1 open, 2 half-open, 3 ramp"
    );
    describe_counter!(
        TRANSITIONS,
        "Changes of the circuit, by deployment, from what and to what"
    );
}

impl Metrics {
    pub(super) fn of(deployment: &Arc<str>, circuit: Circuit) -> Self {
        let state = gauge!(STATE, "deployment" => Arc::clone(deployment));
        state.set(code(circuit));
        Self {
            deployment: Arc::clone(deployment),
            state,
            refused_by_circuit: refusals(deployment, "circuit"),
            refused_by_promise: refusals(deployment, "promise"),
        }
    }

    pub(super) fn refused(&self, refused: Refused) {
        match refused {
            Refused::ByCircuit => &self.refused_by_circuit,
            Refused::ByPromise => &self.refused_by_promise,
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

    pub(super) fn changed(&self, from: Circuit, to: Circuit) {
        let deployment = Arc::clone(&self.deployment);
        let (from, code) = (name(from), code(to));
        counter!(TRANSITIONS, "deployment" => deployment, "from" => from, "to" => name(to))
            .increment(1);
        self.state.set(code);
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
