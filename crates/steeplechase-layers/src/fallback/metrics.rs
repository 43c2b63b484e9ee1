use metrics::{counter, describe_counter};
use steeplechase_core::Class;

const FALLBACKS: &str = "steeplechase_fallback_fallbacks_total";

/// What became of a leg.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Leg {
    /// It has answered.
    Success,
    /// It has failed.
    Failure,
    /// It was not started: no attempt was left for it.
    Denied,
}

/// Describes this layer's metrics to the installed recorder.
pub fn describe_metrics() {
    describe_counter!(
        FALLBACKS,
        "Calls for another model, by the class of the failure that led to it and by result: success, \
         failure, or denied if no attempt was left"
    );
}

pub(super) fn leg(reason: Class, leg: Leg) {
    let result = match leg {
        Leg::Success => "success",
        Leg::Failure => "failure",
        Leg::Denied => "denied",
    };
    counter!(FALLBACKS, "reason" => reason.as_str(), "result" => result).increment(1);
}
