use metrics::{Counter, counter, describe_counter};
use steeplechase_core::Deployment;

const PICKS: &str = "steeplechase_route_picks_total";
const REFUSED: &str = "steeplechase_route_refused_total";

/// Why a deployment was picked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reason {
    /// The strategy has picked it, or it was the only one.
    Strategy,
    /// It was due for a probe.
    Probe,
    /// It was tried before, and no other was left.
    Again,
    /// Every circuit was open.
    Panic,
}

/// The counters of one deployment.
#[derive(Clone, Debug)]
pub(super) struct Picks {
    strategy: Counter,
    probe: Counter,
    again: Counter,
    panic: Counter,
}

/// Describes this layer's metrics to the installed recorder.
///
/// The counters of a deployment are registered when its stack is built, so a recorder is to be installed
/// before that.
pub fn describe_metrics() {
    describe_counter!(
        PICKS,
        "Attempts that a deployment was picked for, by deployment and reason"
    );
    describe_counter!(
        REFUSED,
        "Attempts that no deployment could be picked for, by reason"
    );
}

pub(super) fn refused(reason: &'static str) {
    counter!(REFUSED, "reason" => reason).increment(1);
}

// ===== impl Picks =====

impl Picks {
    pub(super) fn of(deployment: &Deployment) -> Self {
        let register = |reason: &'static str| {
            let deployment = metrics::SharedString::from(deployment.id().to_owned());
            counter!(PICKS, "deployment" => deployment, "reason" => reason)
        };
        Self {
            strategy: register("strategy"),
            probe: register("probe"),
            again: register("again"),
            panic: register("panic"),
        }
    }

    pub(super) fn count(&self, reason: Reason) {
        match reason {
            Reason::Strategy => &self.strategy,
            Reason::Probe => &self.probe,
            Reason::Again => &self.again,
            Reason::Panic => &self.panic,
        }
        .increment(1);
    }
}
