use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::peak::{Outcomes, Peak};
use crate::quantile::{Histogram, Window};
use crate::{Cached, RetryAfter};

/// How busy, how quick and how good a deployment is.
///
/// Quickness is a *peak EWMA* of the time to the first content: it jumps to a slower sample at once,
/// and comes down from it by and by, while no new samples come too. From Finagle's `PeakEwma`, with
/// two corrections: what is measured is the first content and not the end of the answer, which is long
/// for a long answer, and a failure counts as slow, or a deployment that fails fast would look best.
///
/// * Of the last minute it also knows how the times to the first content are spread, see
///   [`recent`](Self::recent) and [`p90`](Self::p90). Failures are not among them, as they say nothing of how
///   long an answer takes, unless it is that it took too long.
/// * An answer that comes whole takes as long as it is long, so the [time for each
///   token](Self::per_token_within) is kept of those.
/// * The [share of successes](Self::success_share) is that of the last minutes.
#[derive(Debug)]
pub struct Load {
    in_flight: AtomicU32,
    outcomes: Mutex<Known>,
    per_token: Mutex<Option<Peak>>,
    /// The bits of the mean number of tokens in an answer. Zero if there were none.
    mean_output: AtomicU32,
    /// Nothing until there is a sample: it is some kilobytes.
    recent: Mutex<Option<Box<Recent>>>,
    p90: Cached,
}

/// What the outcomes have told so far.
#[derive(Debug, Default)]
struct Known {
    latency: Option<Peak>,
    share: Option<Outcomes>,
}

#[derive(Debug)]
struct Recent {
    epoch: Instant,
    minute: Window,
    /// The last ten of them, or five just after a slot was begun.
    minutes: Window,
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

    /// The time constant with which outcomes are forgotten.
    pub const MEMORY: Duration = Duration::from_secs(60);

    /// How many slots of time the last minute is.
    const SLOTS: usize = 6;

    /// How long each of them is.
    const SLOT: Duration = Duration::from_secs(10);

    /// How many slots of time the last ten minutes are, and how long each of them is.
    const LONG_SLOTS: usize = 2;
    const LONG_SLOT: Duration = Duration::from_secs(300);

    /// How long a quantile is kept before it is found out anew.
    const KEEP: Duration = Duration::from_secs(1);

    /// How much a new answer counts in the mean of their lengths.
    const NEW_OUTPUT: f32 = 1.0 / 16.0;

    /// Begins a call.
    pub fn start(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    /// How many calls are in flight.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Records a success, and the time to its first content.
    pub fn observe(&self, latency: Duration) {
        let now = Instant::now();
        let mut known = self.known();
        Outcomes::add(&mut known.share, true, now, Self::MEMORY);
        known.took(latency, now);
        drop(known);
        self.record(now, |window, at| window.record(at, latency));
    }

    /// Records that an attempt was given up after so long, without any content: a lower bound. It makes the
    /// deployment look slower if it is more than what is to be expected, and never quicker.
    pub fn at_least(&self, waited: Duration) {
        let now = Instant::now();
        if waited > self.latency_at(now) {
            self.known().took(waited, now);
        }
        self.record(now, |window, at| window.record_bound(at, waited));
    }

    /// Records how long an answer has taken that came whole, and how many tokens it has. Without tokens, its
    /// whole time counts as that of one.
    pub fn observe_whole(&self, elapsed: Duration, tokens: u64, now: Instant) {
        #[allow(clippy::cast_precision_loss, reason = "no answer has 2^53 tokens")]
        let tokens = tokens.max(1) as f64;
        let mut peak = lock(&self.per_token);
        Peak::update(&mut peak, elapsed.as_secs_f64() / tokens, now, Self::DECAY);
    }

    /// Records how many tokens a complete answer has. None at all say nothing.
    pub fn observe_output(&self, tokens: u64) {
        if tokens == 0 {
            return;
        }
        #[allow(clippy::cast_precision_loss, reason = "it is for a mean")]
        let tokens = tokens as f32;
        // Of two at a time one may be lost, which a mean can bear.
        let old = f32::from_bits(self.mean_output.load(Ordering::Relaxed));
        let new = if old > 0.0 {
            old + (tokens - old) * Self::NEW_OUTPUT
        } else {
            tokens
        };
        self.mean_output.store(new.to_bits(), Ordering::Relaxed);
    }

    /// The times to the first content of the last minute. `None` if there has never been one.
    ///
    /// This merges some kilobytes, so whoever needs it for each request keeps it for a while.
    pub fn recent(&self, now: Instant) -> Option<Histogram> {
        let mut recent = lock(&self.recent);
        let recent = recent.as_mut()?;
        let at = now.saturating_duration_since(recent.epoch);
        Some(recent.minute.merged(at))
    }

    /// The times to the first content of the last five to ten minutes, for what a minute has too few of. As
    /// [`recent`](Self::recent) otherwise.
    pub fn lately(&self, now: Instant) -> Option<Histogram> {
        let mut recent = lock(&self.recent);
        let recent = recent.as_mut()?;
        let at = now.saturating_duration_since(recent.epoch);
        Some(recent.minutes.merged(at))
    }

    /// The time within which nine of ten first contents of the last minute have come. `None` if there were
    /// none. It may be that of a second ago, so it costs no more than a look.
    pub fn p90(&self, now: Instant) -> Option<Duration> {
        self.p90
            .get(now, Self::KEEP, || self.recent(now)?.quantile(0.9))
    }

    fn record(&self, now: Instant, record: impl Fn(&mut Window, Duration)) {
        let mut recent = lock(&self.recent);
        let recent = recent.get_or_insert_with(|| {
            Box::new(Recent {
                epoch: now,
                minute: Window::new(Self::SLOTS, Self::SLOT),
                minutes: Window::new(Self::LONG_SLOTS, Self::LONG_SLOT),
            })
        });
        let at = now.saturating_duration_since(recent.epoch);
        record(&mut recent.minute, at);
        record(&mut recent.minutes, at);
    }

    /// Records a failure, as slow as the provider asks to be left alone, clamped as [`RetryAfter`]
    /// clamps.
    pub fn penalise(&self, retry_after: Option<Duration>) {
        let asked = retry_after.unwrap_or_default();
        let penalty = asked.clamp(Self::PENALTY, RetryAfter::MAX);
        let now = Instant::now();
        let mut known = self.known();
        Outcomes::add(&mut known.share, false, now, Self::MEMORY);
        known.took(penalty, now);
        drop(known);
        // A failure has no tokens, so it is as slow as an answer that has one.
        let mut per_token = lock(&self.per_token);
        Peak::update(&mut per_token, penalty.as_secs_f64(), now, Self::DECAY);
    }

    /// The time to the first content that is to be expected.
    pub fn latency(&self) -> Duration {
        self.latency_at(Instant::now())
    }

    /// The time to the first content that is to be expected at `now`.
    pub fn latency_at(&self, now: Instant) -> Duration {
        self.latency_within(Duration::MAX, now)
            .unwrap_or(Self::UNKNOWN)
    }

    /// The time to the first content that is to be expected at `now`, if anything has come of an attempt within
    /// the time `ttl` before.
    pub fn latency_within(&self, ttl: Duration, now: Instant) -> Option<Duration> {
        let latency = self.known().latency?;
        (latency.age(now) <= ttl).then(|| latency.at(now, Self::DECAY))
    }

    /// The time for each token of an answer that comes whole, which is to be expected at `now`, if there was
    /// one within the time `ttl` before.
    pub fn per_token_within(&self, ttl: Duration, now: Instant) -> Option<Duration> {
        let per_token = (*lock(&self.per_token))?;
        (per_token.age(now) <= ttl).then(|| per_token.at(now, Self::DECAY))
    }

    /// How many tokens an answer has on average. `None` if there was none.
    pub fn mean_output(&self) -> Option<f32> {
        let mean = f32::from_bits(self.mean_output.load(Ordering::Relaxed));
        (mean > 0.0).then_some(mean)
    }

    /// The share of successes among the outcomes of the last minutes, where one success and one failure are
    /// taken for granted: a half if nothing is known. Attempts that were given up are not among them.
    pub fn success_share(&self, now: Instant) -> f64 {
        let share = self.known().share;
        share.map_or(0.5, |share| share.share(now, Self::MEMORY))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        lock(&self.outcomes)
    }
}

impl Default for Load {
    fn default() -> Self {
        Self {
            in_flight: AtomicU32::new(0),
            outcomes: Mutex::default(),
            per_token: Mutex::default(),
            mean_output: AtomicU32::new(0),
            recent: Mutex::default(),
            p90: Cached::new(),
        }
    }
}

impl Known {
    fn took(&mut self, latency: Duration, now: Instant) {
        Peak::update(&mut self.latency, latency.as_secs_f64(), now, Load::DECAY);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code that can panic runs under any of the locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
