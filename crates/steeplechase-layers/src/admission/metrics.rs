use std::time::Duration;

use metrics::{
    Counter, Gauge, Histogram, counter, describe_counter, describe_gauge, describe_histogram,
    gauge, histogram,
};

const CALLS: &str = "steeplechase_admission_calls_total";
const WAIT: &str = "steeplechase_admission_wait_seconds";
const WAITING: &str = "steeplechase_admission_waiting";

/// Why a call got no place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    /// The line is as long as it may be.
    Full,
    /// It would not get its turn in time.
    Hopeless,
    /// It did not.
    Late,
}

/// The metrics of one queue.
#[derive(Debug)]
pub(super) struct Metrics {
    admitted: Counter,
    waited: Counter,
    full: Counter,
    hopeless: Counter,
    late: Counter,
    wait: Histogram,
    waiting: Gauge,
}

/// Describes this layer's metrics to the installed recorder.
///
/// Those of a service are registered when it is made, so a recorder is to be installed before that.
pub fn describe_metrics() {
    describe_counter!(
        CALLS,
        "Calls that have asked for a place among those in progress, by what became of them"
    );
    describe_histogram!(WAIT, "Seconds that calls have waited in line for a place");
    describe_gauge!(WAITING, "Calls that wait in line for a place");
}

// ===== impl Metrics =====

impl Metrics {
    pub(super) fn new(name: Option<&str>) -> Self {
        let queue = metrics::SharedString::from(name.unwrap_or("all").to_owned());
        let calls =
            |result: &'static str| counter!(CALLS, "queue" => queue.clone(), "result" => result);
        Self {
            admitted: calls("admitted"),
            waited: calls("waited"),
            full: calls("full"),
            hopeless: calls("hopeless"),
            late: calls("late"),
            wait: histogram!(WAIT, "queue" => queue.clone()),
            waiting: gauge!(WAITING, "queue" => queue.clone()),
        }
    }

    pub(super) fn admitted(&self) {
        self.admitted.increment(1);
    }

    pub(super) fn waits(&self) {
        self.waiting.increment(1.0);
    }

    pub(super) fn waited(&self, time: Duration) {
        self.waiting.decrement(1.0);
        self.waited.increment(1);
        self.wait.record(time.as_secs_f64());
    }

    pub(super) fn left(&self) {
        self.waiting.decrement(1.0);
    }

    pub(super) fn refused(&self, refusal: Refusal) {
        match refusal {
            Refusal::Full => &self.full,
            Refusal::Hopeless => &self.hopeless,
            Refusal::Late => &self.late,
        }
        .increment(1);
    }
}
