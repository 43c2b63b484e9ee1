use metrics::{counter, describe_counter};

const UNKNOWN: &str = "steeplechase_models_unknown_total";

/// Describes this layer's metrics to the installed recorder.
pub fn describe_metrics() {
    describe_counter!(UNKNOWN, "Calls for a model that no group has");
}

pub(super) fn unknown() {
    // Without the name: callers make up as many as they like.
    counter!(UNKNOWN).increment(1);
}
