use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// A duration that is dear to find out, and is kept for a while. Reading it takes no lock.
///
/// ```
/// use std::time::Duration;
///
/// use steeplechase_core::Cached;
/// use tokio::time::Instant;
///
/// let (cached, now) = (Cached::new(), Instant::now());
/// let second = Duration::from_secs(1);
/// assert_eq!(cached.get(now, second, || Some(Duration::from_millis(5))), Some(Duration::from_millis(5)));
/// // Within a second it is not found out again.
/// assert_eq!(cached.get(now, second, || None), Some(Duration::from_millis(5)));
/// ```
#[derive(Debug)]
pub struct Cached {
    epoch: Instant,
    /// In microseconds; zero if there is none.
    value: AtomicU64,
    /// When to find it out anew: milliseconds since the epoch.
    due: AtomicU64,
}

// ===== impl Cached =====

impl Cached {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Self {
            epoch: Instant::now(),
            value: AtomicU64::new(0),
            due: AtomicU64::new(0),
        }
    }

    /// What is known, found out anew if it was found out longer ago than `keep`. Of several at a time one does
    /// that, and the others get what was known before.
    pub fn get(
        &self,
        now: Instant,
        keep: Duration,
        find: impl FnOnce() -> Option<Duration>,
    ) -> Option<Duration> {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let elapsed = millis(now.saturating_duration_since(self.epoch));
        let due = self.due.load(Ordering::Acquire);
        if elapsed >= due {
            let next = elapsed.saturating_add(millis(keep));
            let order = Ordering::AcqRel;
            let is_ours = self
                .due
                .compare_exchange(due, next, order, Ordering::Relaxed);
            if is_ours.is_ok() {
                let found = find().map_or(0, |found| found.as_micros().max(1));
                let found = u64::try_from(found).unwrap_or(u64::MAX);
                self.value.store(found, Ordering::Release);
            }
        }
        let value = self.value.load(Ordering::Acquire);
        (value > 0).then(|| Duration::from_micros(value))
    }
}

impl Default for Cached {
    fn default() -> Self {
        Self::new()
    }
}
