use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use steeplechase_core::{Class, Outcome, controls};
use tokio::time::Instant;

use super::budget::Bucket;
use super::metrics::Metrics;
use super::pool::{Afford, Pool};
use super::recorder::{Delays, Recorder, Took};
use super::{Delay, HedgeConfig, Size};

/// What the clones of one service share.
#[derive(Debug)]
pub(super) struct Shared {
    config: HedgeConfig,
    group: Option<Arc<str>>,
    pool: Pool,
    /// Made for the first request that may be hedged.
    active: OnceLock<Box<Active>>,
}

#[derive(Debug)]
pub(super) struct Active {
    pub(super) bucket: Bucket,
    pub(super) metrics: Metrics,
    recorder: Recorder,
}

/// When one request's hedge is due.
#[derive(Clone, Copy, Debug)]
pub(super) struct Due {
    pub(super) at: Instant,
    /// When it is due if hedges are scarce.
    pub(super) scarce_at: Option<Instant>,
}

/// Times one attempt, and records the time when it is dropped: an attempt that was given up has taken
/// *at least* that long.
pub(super) struct Stopwatch {
    /// `None` once there is nothing more to record.
    shared: Option<Arc<Shared>>,
    started: Instant,
}

// ===== impl Shared =====

impl Shared {
    pub(super) fn new(config: HedgeConfig, group: Option<Arc<str>>, pool: Pool) -> Self {
        let shared = Self {
            config,
            group,
            pool,
            active: OnceLock::new(),
        };
        if config.delay != Delay::Off {
            shared.active();
        }
        shared
    }

    pub(super) fn active(&self) -> &Active {
        self.active.get_or_init(|| {
            let metrics = Metrics::new(self.group.as_deref());
            if let Delay::Fixed(delay) = self.config.delay {
                metrics.delay(delay);
            }
            Box::new(Active {
                bucket: Bucket::new(self.config.max_extra, self.config.burst),
                metrics,
                recorder: Recorder::new(&self.config),
            })
        })
    }

    /// When the hedge of a request is sent that asks for it in its own way, or does not.
    pub(super) fn delay(&self, asked: Option<controls::Hedge>) -> Delay {
        match asked {
            Some(controls::Hedge::Off) => Delay::Off,
            Some(controls::Hedge::Auto) => Delay::Auto,
            Some(controls::Hedge::After(delay)) => Delay::Fixed(delay),
            _ => self.config.delay,
        }
    }

    /// Counts a request that starts now: says when its hedge is due, and times its primary.
    pub(super) fn start(self: &Arc<Self>, delay: Delay) -> (Due, Option<Stopwatch>) {
        self.active().bucket.deposit();
        let now = Instant::now();
        if let Delay::Fixed(delay) = delay {
            let due = Due {
                at: after(now, delay),
                scarce_at: None,
            };
            return (due, None);
        }
        let Delays { first, tier, .. } = self.delays(now);
        let due = Due {
            at: after(now, first),
            scarce_at: (tier > first).then(|| after(now, tier)),
        };
        (due, Some(Stopwatch::new(self, now)))
    }

    /// When the hedge of a request that starts now is due, if its primary is a probe.
    pub(super) fn for_probe(&self, due: Due) -> Due {
        let now = Instant::now();
        Due {
            at: due.at.min(after(now, self.delays(now).probe)),
            scarce_at: None,
        }
    }

    /// Whether there is nobody who could take a hedge at all.
    pub(super) fn is_down(&self) -> bool {
        self.pool.is_down(Instant::now())
    }

    /// At whom a copy of a request of that size may be sent, by what it costs there.
    pub(super) fn afford(&self, tried: &[u32], size: Size) -> Afford {
        self.pool.afford(tried, size, self.config.cost_ratio())
    }

    fn delays(&self, now: Instant) -> Delays {
        let Active {
            recorder, metrics, ..
        } = self.active();
        let (delays, is_new) = recorder.delays(&self.pool, now);
        if is_new && self.config.delay == Delay::Auto {
            metrics.delay(delays.first);
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
    pub(super) fn new(shared: &Arc<Shared>, started: Instant) -> Self {
        Self {
            shared: Some(Arc::clone(shared)),
            started,
        }
    }

    /// The attempt has ended.
    pub(super) fn stop(mut self, outcome: &Outcome) {
        match outcome.class {
            None => self.record(Took::Exactly),
            // Somebody has given it up, as this layer gives up a loser.
            Some(Class::Timeout(_)) => self.record(Took::AtLeast),
            // A fast failure says nothing about how long an answer takes.
            Some(_) => self.shared = None,
        }
    }

    fn record(&mut self, took: fn(Duration) -> Took) {
        let Some(shared) = self.shared.take() else {
            return;
        };
        let now = Instant::now();
        let elapsed = now.saturating_duration_since(self.started);
        shared.active().recorder.record(now, took(elapsed));
    }
}

impl Drop for Stopwatch {
    fn drop(&mut self) {
        self.record(Took::AtLeast);
    }
}

impl fmt::Debug for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopwatch")
            .field("started", &self.started)
            .finish_non_exhaustive()
    }
}
