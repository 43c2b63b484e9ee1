use metrics::{counter, describe_counter};
use steeplechase_core::deployment::Full;

const REFUSED: &str = "steeplechase_limit_refused_total";

/// Describes this layer's metrics to the installed recorder.
pub fn describe_metrics() {
    describe_counter!(
        REFUSED,
        "Requests that were refused, by reason: as many were in progress as may be (in_flight), as much was \
         used in a minute or a day as may be (rate), or one would need more than that (size)"
    );
}

pub(super) fn refused(full: Full) {
    let reason = match full {
        Full::InFlight => "in_flight",
        Full::Never { .. } => "size",
        _ => "rate",
    };
    counter!(REFUSED, "reason" => reason).increment(1);
}
