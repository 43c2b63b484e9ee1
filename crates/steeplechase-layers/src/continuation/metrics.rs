use metrics::{counter, describe_counter};
use steeplechase_core::Class;

const CONTINUATIONS: &str = "steeplechase_continuation_continuations_total";

/// What became of a continuation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rest {
    /// It has begun.
    Success,
    /// The attempt for it has failed before it began.
    Failure,
    /// It was not started: no attempt was left for it, or no budget.
    Denied,
}

/// Describes this layer's metrics to the installed recorder.
pub fn describe_metrics() {
    describe_counter!(
        CONTINUATIONS,
        "Answers that broke off and could be continued, by the class of the failure and by result: success, \
         failure, or denied if no attempt was left"
    );
}

pub(super) fn continued(reason: Class, rest: Rest) {
    let result = match rest {
        Rest::Success => "success",
        Rest::Failure => "failure",
        Rest::Denied => "denied",
    };
    counter!(CONTINUATIONS, "reason" => reason.as_str(), "result" => result).increment(1);
}
