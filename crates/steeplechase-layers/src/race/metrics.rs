use metrics::{Counter, counter, describe_counter};

const LANES: &str = "steeplechase_race_lanes_total";

/// Describes this layer's metrics to the installed recorder.
pub fn describe_metrics() {
    describe_counter!(
        LANES,
        "Lanes of races by result: `won`, `lost`, `failed`, or `denied` if one was not started"
    );
}

/// The metrics of the layer, registered once: a service that races counts with every request.
#[derive(Debug)]
pub(super) struct Metrics {
    pub(super) won: Counter,
    pub(super) lost: Counter,
    pub(super) failed: Counter,
    pub(super) denied: Counter,
}

impl Metrics {
    pub(super) fn new() -> Self {
        Self {
            won: counter!(LANES, "result" => "won"),
            lost: counter!(LANES, "result" => "lost"),
            failed: counter!(LANES, "result" => "failed"),
            denied: counter!(LANES, "result" => "denied"),
        }
    }
}
