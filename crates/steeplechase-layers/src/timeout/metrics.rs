use metrics::{counter, describe_counter};
use steeplechase_core::Phase;

const TIMEOUTS: &str = "steeplechase_timeout_timeouts_total";

/// Describes this layer's metrics to the installed recorder.
pub fn describe_metrics() {
    describe_counter!(
        TIMEOUTS,
        "Answers that took too long, by the phase that did"
    );
}

pub(super) fn timed_out(phase: Phase) {
    counter!(TIMEOUTS, "phase" => phase.as_str()).increment(1);
}
