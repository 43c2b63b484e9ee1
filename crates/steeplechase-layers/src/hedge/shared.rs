use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use steeplechase_core::{Class, Outcome};
use tokio::time::Instant;

use super::budget::Bucket;
use super::metrics::Metrics;
use super::recorder::{Delays, Recorder};
use super::{Delay, HedgeConfig};

/// What the clones of one service share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) bucket: Bucket,
    pub(super) metrics: Metrics,
    pacer: Pacer,
}

#[derive(Debug)]
enum Pacer {
    Fixed(Duration),
    // It is two kilobytes of counters, twelve times.
    Auto(Box<Recorder>),
}

/// When one request's hedge is due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) at: Instant,
    /// When it is due if hedges are scarce.
    pub(super) scarce_at: Option<Instant>,
}

/// Times one attempt, and records the time when it is dropped: an attempt that was given up has taken
/// *at least* that long. To leave those out would make the slow look rare, and the delay too short.
pub(super) struct Stopwatch {
    /// `None` once there is nothing more to record.
    shared: Option<Arc<Shared>>,
    started: Instant,
    /// What is known to have taken at least a shorter time than this says nothing about the tail.
    delay: Duration,
}

// ===== impl Shared =====

impl Shared {
    /// `None` if the layer is off.
    pub(super) fn new(config: &HedgeConfig, group: Option<&str>) -> Option<Self> {
        let pacer = match config.delay {
            Delay::Off => return None,
            Delay::Fixed(delay) => Pacer::Fixed(delay),
            Delay::Auto => Pacer::Auto(Box::new(Recorder::new(config))),
        };
        let metrics = Metrics::new(group);
        if let Pacer::Fixed(delay) = &pacer {
            metrics.delay(*delay);
        }
        Some(Self {
            bucket: Bucket::new(config.max_extra, config.burst),
            metrics,
            pacer,
        })
    }

    /// Counts a request that starts now: says when its hedge is due, and times its primary.
    pub(super) fn start(self: &Arc<Self>) -> (Due, Option<Stopwatch>) {
        self.bucket.deposit();
        let now = Instant::now();
        match &self.pacer {
            Pacer::Fixed(delay) => {
                let due = Due {
                    at: after(now, *delay),
                    scarce_at: None,
                };
                (due, None)
            }
            Pacer::Auto(recorder) => {
                let Delays { first, tier } = self.delays(recorder, now);
                let due = Due {
                    at: after(now, first),
                    scarce_at: (tier > first).then(|| after(now, tier)),
                };
                (due, Some(Stopwatch::new(self, now, first)))
            }
        }
    }

    /// Times a hedge that starts now.
    pub(super) fn time_hedge(self: &Arc<Self>) -> Option<Stopwatch> {
        match &self.pacer {
            Pacer::Fixed(_) => None,
            Pacer::Auto(recorder) => {
                let now = Instant::now();
                let delay = self.delays(recorder, now).first;
                Some(Stopwatch::new(self, now, delay))
            }
        }
    }

    fn delays(&self, recorder: &Recorder, now: Instant) -> Delays {
        let (delays, is_new) = recorder.delays(now);
        if is_new {
            self.metrics.delay(delays.first);
        }
        delays
    }
}

/// A delay that no clock can hold is one that does not end.
fn after(now: Instant, delay: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(60 * 60 * 24 * 365);
    now + delay.min(FAR)
}

// ===== impl Stopwatch =====

impl Stopwatch {
    fn new(shared: &Arc<Shared>, started: Instant, delay: Duration) -> Self {
        Self {
            shared: Some(Arc::clone(shared)),
            started,
            delay,
        }
    }

    /// The attempt has ended.
    pub(super) fn stop(mut self, outcome: &Outcome) {
        match outcome.class {
            None => self.record(Duration::ZERO),
            // Somebody has given it up, as this layer gives up a loser.
            Some(Class::Timeout(_)) => self.record(self.delay),
            // A fast failure says nothing about how long an answer takes.
            Some(_) => self.shared = None,
        }
    }

    /// Records the time, if it is at least `least`.
    fn record(&mut self, least: Duration) {
        let Some(shared) = self.shared.take() else {
            return;
        };
        if let Pacer::Auto(recorder) = &shared.pacer {
            let now = Instant::now();
            let elapsed = now.saturating_duration_since(self.started);
            if elapsed >= least {
                recorder.record(now, elapsed);
            }
        }
    }
}

impl Drop for Stopwatch {
    fn drop(&mut self) {
        self.record(self.delay);
    }
}

impl fmt::Debug for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopwatch")
            .field("started", &self.started)
            .finish_non_exhaustive()
    }
}
