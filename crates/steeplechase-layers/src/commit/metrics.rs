use metrics::{counter, describe_counter};

const FAILURES: &str = "steeplechase_commit_failures_total";
const FULL: &str = "steeplechase_commit_full_total";

/// Describes this layer's metrics to the installed recorder.
pub fn describe_metrics() {
    describe_counter!(
        FAILURES,
        "Answers that failed after their head and before their content, by reason"
    );
    describe_counter!(
        FULL,
        "Answers that were committed because as much was held as may be"
    );
}

pub(super) fn empty() {
    counter!(FAILURES, "reason" => "empty").increment(1);
}

pub(super) fn truncated() {
    counter!(FAILURES, "reason" => "truncated").increment(1);
}

pub(super) fn full() {
    counter!(FULL).increment(1);
}
