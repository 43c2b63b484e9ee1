use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::RetryAfter;
use crate::quantile::{Histogram, Window};

/// How busy and how quick a deployment is.
///
/// Quickness is a *peak EWMA* of the time to the first content: it jumps to a slower sample at once,
/// and comes down from it by and by, while no new samples come too. From Finagle's `PeakEwma`, with
/// two corrections: what is measured is the first content and not the end of the answer, which is long
/// for a long answer, and a failure counts as slow, or a deployment that fails fast would look best.
///
/// Of the last minute it also knows how the times to the first content are spread, see
/// [`recent`](Self::recent). Failures are not among them, as they say nothing of how long an answer takes,
/// unless it is that it took too long.
#[derive(Debug, Default)]
pub struct Load {
    in_flight: AtomicU32,
    latency: Mutex<Option<Ewma>>,
    /// Nothing until there is a sample: it is some kilobytes.
    recent: Mutex<Option<Box<Recent>>>,
}

#[derive(Debug)]
struct Recent {
    epoch: Instant,
    window: Window,
}

#[derive(Clone, Copy, Debug)]
struct Ewma {
    seconds: f64,
    updated: Instant,
}

/// One call in flight. Dropping it ends the call.
#[derive(Debug)]
#[must_use = "a call is in flight while it holds this"]
pub struct InFlight(Arc<Load>);

impl Load {
    /// The time constant of the decay.
    pub const DECAY: Duration = Duration::from_secs(10);

    /// What is assumed of a deployment without samples.
    pub const UNKNOWN: Duration = Duration::from_secs(1);

    /// What a failure counts as, at the least.
    pub const PENALTY: Duration = Duration::from_secs(5);

    /// How many slots of time the last minute is.
    const SLOTS: usize = 6;

    /// How long each of them is.
    const SLOT: Duration = Duration::from_secs(10);

    /// Begins a call.
    pub fn start(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    /// How many calls are in flight.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Records the time to the first content.
    pub fn observe(&self, latency: Duration) {
        let now = Instant::now();
        self.update(latency.as_secs_f64(), now);
        self.record(now, |window, at| window.record(at, latency));
    }

    /// Records that an attempt was given up after so long, without any content: a lower bound. It makes the
    /// deployment look slower if it is more than what is to be expected, and never quicker.
    pub fn at_least(&self, waited: Duration) {
        let now = Instant::now();
        if waited > self.latency_at(now) {
            self.update(waited.as_secs_f64(), now);
        }
        self.record(now, |window, at| window.record_bound(at, waited));
    }

    /// The times to the first content of the last minute. `None` if there has never been one.
    ///
    /// This merges some kilobytes, so whoever needs it for each request keeps it for a while.
    pub fn recent(&self, now: Instant) -> Option<Histogram> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = recent.as_mut()?;
        let at = now.saturating_duration_since(recent.epoch);
        Some(recent.window.merged(at))
    }

    fn record(&self, now: Instant, record: impl FnOnce(&mut Window, Duration)) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = recent.get_or_insert_with(|| {
            Box::new(Recent {
                epoch: now,
                window: Window::new(Self::SLOTS, Self::SLOT),
            })
        });
        let at = now.saturating_duration_since(recent.epoch);
        record(&mut recent.window, at);
    }

    /// Records a failure, as slow as the provider asks to be left alone, clamped as [`RetryAfter`]
    /// clamps.
    pub fn penalise(&self, retry_after: Option<Duration>) {
        let asked = retry_after.unwrap_or_default();
        let penalty = asked.clamp(Self::PENALTY, RetryAfter::MAX);
        self.update(penalty.as_secs_f64(), Instant::now());
    }

    /// The time to the first content that is to be expected.
    pub fn latency(&self) -> Duration {
        self.latency_at(Instant::now())
    }

    /// The time to the first content that is to be expected at `now`.
    pub fn latency_at(&self, now: Instant) -> Duration {
        let ewma = *self.latency.lock().unwrap_or_else(PoisonError::into_inner);
        ewma.map_or(Self::UNKNOWN, |ewma| {
            Duration::try_from_secs_f64(ewma.seconds * ewma.decay(now)).unwrap_or(Duration::MAX)
        })
    }

    fn update(&self, sample: f64, now: Instant) {
        let mut slot = self.latency.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = match *slot {
            Some(ewma) if sample < ewma.seconds => {
                let keep = ewma.decay(now);
                ewma.seconds * keep + sample * (1.0 - keep)
            }
            _ => sample,
        };
        *slot = Some(Ewma {
            seconds,
            updated: now,
        });
    }
}

impl Ewma {
    fn decay(&self, now: Instant) -> f64 {
        let elapsed = now.saturating_duration_since(self.updated);
        (-elapsed.as_secs_f64() / Load::DECAY.as_secs_f64()).exp()
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
