use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use steeplechase_core::Class;

const DENIED: &str = "steeplechase_retry_denied_total";
const RETRIES: &str = "steeplechase_retry_retries_total";
const WAIT: &str = "steeplechase_retry_wait_seconds";

/// Describes this layer's metrics to the installed recorder.
pub fn describe_metrics() {
    describe_counter!(
        DENIED,
        "Failures that could have been tried again and were not, by what forbade it"
    );
    describe_counter!(
        RETRIES,
        "Failures after which another attempt was due, by their class"
    );
    describe_histogram!(
        WAIT,
        Unit::Seconds,
        "How long retries at the same place were to wait"
    );
}

pub(super) fn retried(class: Class) {
    counter!(RETRIES, "reason" => class.as_str()).increment(1);
}

pub(super) fn denied(reason: &'static str) {
    counter!(DENIED, "reason" => reason).increment(1);
}

pub(super) fn waits(wait: Duration) {
    histogram!(WAIT).record(wait);
}
