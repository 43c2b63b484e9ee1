use std::time::Duration;

use metrics::{Counter, Gauge, Label, counter, describe_counter, describe_gauge, gauge};

const HEDGES: &str = "steeplechase_hedge_hedges_total";
const DELAY: &str = "steeplechase_hedge_delay_seconds";

/// Describes this layer's metrics to the installed recorder.
pub fn describe_metrics() {
    describe_counter!(
        HEDGES,
        "Hedges by result: `sent` for slowness, `failover` for a failure; of those, `won` and `lost`; \
         and those due but not sent, for the `budget` or as `ineligible`"
    );
    describe_gauge!(DELAY, "How long a primary may take before it is hedged");
}

/// The metrics of one group, registered once.
#[derive(Debug)]
pub(super) struct Metrics {
    pub(super) sent: Counter,
    pub(super) failover: Counter,
    pub(super) won: Counter,
    pub(super) lost: Counter,
    pub(super) budget: Counter,
    pub(super) ineligible: Counter,
    delay: Gauge,
}

impl Metrics {
    pub(super) fn new(group: Option<&str>) -> Self {
        let group: Vec<_> = group
            .map(|group| Label::new("group", group.to_owned()))
            .into_iter()
            .collect();
        let hedges = |result: &'static str| {
            let mut labels = group.clone();
            labels.push(Label::new("result", result));
            counter!(HEDGES, labels)
        };
        Self {
            sent: hedges("sent"),
            failover: hedges("failover"),
            won: hedges("won"),
            lost: hedges("lost"),
            budget: hedges("budget"),
            ineligible: hedges("ineligible"),
            delay: gauge!(DELAY, group.clone()),
        }
    }

    pub(super) fn delay(&self, delay: Duration) {
        self.delay.set(delay.as_secs_f64());
    }
}
