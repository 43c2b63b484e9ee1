//! Quantiles of the latest values, in memory that does not grow.
//!
//! The buckets are as in `DDSketch` (Masson, Rim, Lee: VLDB 2019): each is wider than the one before by
//! the same factor, so that the error is relative.
//!
//! Of some values only a *bound* is known: an attempt that was given up after two seconds would have taken
//! at least two seconds. To leave those out would make the slow look rare, and so would taking the bound for
//! the value. Their weight is given to the longer values that are known, as in the estimator of Kaplan and
//! Meier (1958), in the form that Efron (1967) gave it.
//!
//! ```
//! use std::time::Duration;
//! use steeplechase_core::quantile::Window;
//!
//! let mut window = Window::new(6, Duration::from_secs(10));
//! for millis in 1..=100 {
//!     window.record(Duration::ZERO, Duration::from_millis(millis));
//! }
//! let median = window.merged(Duration::ZERO).quantile(0.5).unwrap();
//! assert!(median.abs_diff(Duration::from_millis(50)) < Duration::from_millis(2));
//! ```

use std::time::Duration;

/// The ratio of two neighbouring buckets. The middle of a bucket is less than 2 % from its ends.
const GAMMA: f64 = 1.04;
const LN_GAMMA: f64 = 0.039_220_713_153_281_33;

/// From 1 ms to 55 minutes.
const BUCKETS: usize = 384;

/// Counts of values by their logarithm.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: [u32; BUCKETS],
    /// Of values of which no more is known than that they are at least that.
    bounds: [u32; BUCKETS],
    known: u64,
    bounded: u64,
}

/// The values of the last few slots of time.
#[derive(Debug)]
pub struct Window {
    slots: Box<[Histogram]>,
    width: Duration,
    /// The slot of time that is now, counted from the start.
    tick: u64,
}

// ===== impl Histogram =====

impl Histogram {
    /// No values.
    pub const EMPTY: Self = Self {
        counts: [0; BUCKETS],
        bounds: [0; BUCKETS],
        known: 0,
        bounded: 0,
    };

    fn record(&mut self, value: Duration) {
        let count = &mut self.counts[bucket_of(value)];
        *count = count.saturating_add(1);
        self.known += 1;
    }

    fn record_bound(&mut self, bound: Duration) {
        let count = &mut self.bounds[bucket_of(bound)];
        *count = count.saturating_add(1);
        self.bounded += 1;
    }

    /// Adds the values of another one.
    pub fn merge(&mut self, other: &Self) {
        let ours = self.counts.iter_mut().chain(&mut self.bounds);
        for (count, more) in ours.zip(other.counts.iter().chain(&other.bounds)) {
            *count = count.saturating_add(*more);
        }
        self.known += other.known;
        self.bounded += other.bounded;
    }

    /// How many values there are, those included of which only a bound is known.
    pub const fn len(&self) -> u64 {
        self.known + self.bounded
    }

    /// How many of the values are known.
    pub const fn known(&self) -> u64 {
        self.known
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The least value that is not below a share `q` of all, or the longest bound, if it is beyond what is
    /// known. `None` if there are no values.
    #[allow(
        clippy::cast_precision_loss,
        reason = "a count is positive, and exact up to 2^53"
    )]
    pub fn quantile(&self, q: f64) -> Option<Duration> {
        let rank = (q * self.len() as f64).ceil().max(1.0);
        let (mut seen, mut left) = (0.0, self.len() as f64);
        // How much a value counts for: itself, and its part of those that were given up before it.
        let mut weight = 1.0;
        for (bucket, (&count, &bounds)) in self.counts.iter().zip(&self.bounds).enumerate() {
            if count > 0 {
                seen += weight * f64::from(count);
                left -= f64::from(count);
                if seen >= rank {
                    return Some(middle_of(bucket));
                }
            }
            if bounds > 0 {
                let longer = left - f64::from(bounds);
                if longer <= 0.0 {
                    return Some(middle_of(bucket));
                }
                weight *= left / longer;
                left = longer;
            }
            if left <= 0.0 {
                return (count > 0).then(|| middle_of(bucket));
            }
        }
        None
    }
}

// ===== impl Window =====

impl Window {
    /// A window of `slots` slots, each `width` wide.
    pub fn new(slots: usize, width: Duration) -> Self {
        Self {
            slots: vec![Histogram::EMPTY; slots].into_boxed_slice(),
            width,
            tick: 0,
        }
    }

    /// Records a value at a time since the start.
    pub fn record(&mut self, at: Duration, value: Duration) {
        self.roll(at);
        let slot = self.slot_of(self.tick);
        self.slots[slot].record(value);
    }

    /// Records at a time since the start that a value is at least `bound`.
    pub fn record_bound(&mut self, at: Duration, bound: Duration) {
        self.roll(at);
        let slot = self.slot_of(self.tick);
        self.slots[slot].record_bound(bound);
    }

    /// All values that the window has at a time since the start.
    pub fn merged(&mut self, at: Duration) -> Histogram {
        self.roll(at);
        let mut merged = Histogram::EMPTY;
        for slot in self.slots.iter().filter(|slot| !slot.is_empty()) {
            merged.merge(slot);
        }
        merged
    }

    /// Empties the slots that are reached anew.
    fn roll(&mut self, at: Duration) {
        let tick = u64::try_from(at.as_nanos() / self.width.as_nanos()).unwrap_or(u64::MAX);
        // Two threads may come in the wrong order.
        if tick <= self.tick {
            return;
        }
        let oldest = tick.saturating_sub(self.slots.len() as u64 - 1);
        for tick in oldest.max(self.tick + 1)..=tick {
            let slot = self.slot_of(tick);
            self.slots[slot] = Histogram::EMPTY;
        }
        self.tick = tick;
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "less than the number of slots"
    )]
    fn slot_of(&self, tick: u64) -> usize {
        (tick % self.slots.len() as u64) as usize
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positive, and cut to the number of buckets"
)]
fn bucket_of(value: Duration) -> usize {
    let millis = value.as_secs_f64() * 1e3;
    if millis <= 1.0 {
        return 0;
    }
    ((millis.ln() / LN_GAMMA).ceil() as usize).min(BUCKETS - 1)
}

#[allow(clippy::cast_precision_loss, reason = "there are few buckets")]
fn middle_of(bucket: usize) -> Duration {
    if bucket == 0 {
        return Duration::from_millis(1);
    }
    let end = (bucket as f64 * LN_GAMMA).exp();
    Duration::from_secs_f64(end * 2.0 / (1.0 + GAMMA) / 1e3)
}
