use metrics::{counter, describe_counter};

const REFUSED: &str = "steeplechase_limit_refused_total";

/// Describes this layer's metrics to the installed recorder.
pub fn describe_metrics() {
    describe_counter!(
        REFUSED,
        "Requests that were refused because as many were in progress as may be"
    );
}

pub(super) fn refused() {
    counter!(REFUSED).increment(1);
}
