//! How long things take.
//!
//! ```text
//!            ┌─ share of requests ─► tail      the slow few
//! sample ────┤
//!            └─ all others ────────► base      fixed, uniform or lognormal
//! ```
//!
//! ```
//! use std::time::Duration;
//! use steeplechase_sim::Latency;
//!
//! // Half of all answers start within 400 ms, and one in fifty takes ten times as long.
//! let latency = Latency::lognormal(Duration::from_millis(400), 0.3)
//!     .tail(0.02, Latency::lognormal(Duration::from_secs(4), 0.3));
//! let mut rng = fastrand::Rng::with_seed(1);
//! assert!(latency.sample(&mut rng) > Duration::ZERO);
//! ```

use std::f64::consts::TAU;
use std::ops::Range;
use std::time::Duration;

/// No drawn latency is longer than this, whatever the distribution says.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// A distribution of durations.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Latency {
    base: Base,
    tail: Option<(f64, Box<Self>)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Base {
    Fixed(Duration),
    Uniform { from: Duration, to: Duration },
    Lognormal { median: Duration, sigma: f64 },
}

impl Latency {
    /// No time at all: nothing waits and no timer is made.
    pub const ZERO: Self = Self::fixed(Duration::ZERO);

    /// Always the same duration.
    pub const fn fixed(duration: Duration) -> Self {
        Self {
            base: Base::Fixed(duration),
            tail: None,
        }
    }

    /// Any duration within the range, each as likely as the others.
    pub const fn uniform(range: Range<Duration>) -> Self {
        Self {
            base: Base::Uniform {
                from: range.start,
                to: range.end,
            },
            tail: None,
        }
    }

    /// Half of the durations are shorter than `median`, and their logarithms are normally
    /// distributed with standard deviation `sigma`.
    ///
    /// Latencies of real services look much like this. With a `sigma` of 0.5 the 99th percentile
    /// is 3.2 times the median; with 1.0 it is ten times. A drawn duration is never longer than an
    /// hour. A `sigma` that is negative or not a number counts as zero.
    pub const fn lognormal(median: Duration, sigma: f64) -> Self {
        Self {
            base: Base::Lognormal { median, sigma },
            tail: None,
        }
    }

    /// With probability `share` (0 to 1), draws from `tail` instead.
    pub fn tail(mut self, share: f64, tail: Self) -> Self {
        self.tail = Some((share, Box::new(tail)));
        self
    }

    /// Draws one duration.
    #[must_use]
    pub fn sample(&self, rng: &mut fastrand::Rng) -> Duration {
        if let Some((share, tail)) = &self.tail
            && rng.f64() < *share
        {
            return tail.sample(rng);
        }
        match self.base {
            Base::Fixed(duration) => duration,
            Base::Uniform { from, to } => from + scale(to.saturating_sub(from), rng.f64()),
            Base::Lognormal { median, sigma } => {
                let sigma = if sigma > 0.0 { sigma } else { 0.0 };
                scale(median, (sigma * normal(rng)).exp())
            }
        }
    }

    /// The duration, if it is the same each time.
    pub(crate) fn constant(&self) -> Option<Duration> {
        match (self.base, &self.tail) {
            (Base::Fixed(duration), None) => Some(duration),
            _ => None,
        }
    }
}

impl Default for Latency {
    fn default() -> Self {
        Self::ZERO
    }
}

/// Multiplies, up to [`LONGEST`] (or to `duration` itself, should that be longer). A factor that is
/// negative or not a number counts as zero.
pub(crate) fn scale(duration: Duration, factor: f64) -> Duration {
    let longest = LONGEST.max(duration);
    let seconds = (duration.as_secs_f64() * factor.max(0.0)).min(longest.as_secs_f64());
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// One draw from the standard normal distribution, by the Box-Muller transform.
fn normal(rng: &mut fastrand::Rng) -> f64 {
    // `1 - u` keeps zero, whose logarithm is infinite, out.
    let radius = (-2.0 * (1.0 - rng.f64()).ln()).sqrt();
    radius * (TAU * rng.f64()).cos()
}
