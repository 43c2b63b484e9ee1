use std::time::Duration;

use tokio::time::Instant;

/// A peak EWMA: it jumps to a larger sample at once, and comes down from it by and by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peak {
    seconds: f64,
    updated: Instant,
}

/// How many outcomes were good, the more recent the more they count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcomes {
    good: f64,
    bad: f64,
    updated: Instant,
}

// ===== impl Peak =====

impl Peak {
    /// Adds a sample to what there is, if there is anything.
    pub(super) fn update(peak: &mut Option<Self>, sample: f64, now: Instant, decay: Duration) {
        let seconds = match peak {
            Some(peak) if sample < peak.seconds => {
                let keep = kept(peak.updated, now, decay);
                peak.seconds * keep + sample * (1.0 - keep)
            }
            _ => sample,
        };
        *peak = Some(Self {
            seconds,
            updated: now,
        });
    }

    /// What is to be expected at `now`.
    pub(super) fn at(self, now: Instant, decay: Duration) -> Duration {
        let seconds = self.seconds * kept(self.updated, now, decay);
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// How long ago the last sample was.
    pub(super) fn age(self, now: Instant) -> Duration {
        now.saturating_duration_since(self.updated)
    }
}

// ===== impl Outcomes =====

impl Outcomes {
    /// Adds an outcome to what there is, if there is anything.
    pub(super) fn add(outcomes: &mut Option<Self>, is_good: bool, now: Instant, decay: Duration) {
        let none = Self {
            good: 0.0,
            bad: 0.0,
            updated: now,
        };
        let old = outcomes.unwrap_or(none);
        let keep = kept(old.updated, now, decay);
        *outcomes = Some(Self {
            good: old.good * keep + f64::from(u8::from(is_good)),
            bad: old.bad * keep + f64::from(u8::from(!is_good)),
            updated: now,
        });
    }

    /// The share of the good ones at `now`, as Laplace has it: one good and one bad are taken for granted.
    pub(super) fn share(self, now: Instant, decay: Duration) -> f64 {
        let keep = kept(self.updated, now, decay);
        (self.good * keep + 1.0) / ((self.good + self.bad) * keep + 2.0)
    }
}

/// The part that is left of what was known then.
fn kept(updated: Instant, now: Instant, decay: Duration) -> f64 {
    let elapsed = now.saturating_duration_since(updated);
    (-elapsed.as_secs_f64() / decay.as_secs_f64()).exp()
}
