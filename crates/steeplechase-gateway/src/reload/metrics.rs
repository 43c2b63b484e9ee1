use metrics::{counter, describe_counter, describe_gauge, gauge};

const RELOADS: &str = "steeplechase_gateway_reloads_total";
const STALE: &str = "steeplechase_gateway_config_stale";

/// Describes the metrics of reloading to the recorder.
pub(crate) fn describe_metrics() {
    describe_counter!(
        RELOADS,
        "How often another configuration was to be put in place, by outcome: replaced or refused"
    );
    describe_gauge!(
        STALE,
        "1 while the configuration in the file is wrong, so that the one before it is served"
    );
}

pub(super) fn replaced() {
    counter!(RELOADS, "outcome" => "replaced").increment(1);
    gauge!(STALE).set(0.0);
}

pub(super) fn refused() {
    counter!(RELOADS, "outcome" => "refused").increment(1);
    gauge!(STALE).set(1.0);
}
