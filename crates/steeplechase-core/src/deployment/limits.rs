use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// How much may be in flight at a deployment.
#[derive(Debug, Default)]
pub struct Limits {
    max_in_flight: Option<u32>,
    in_flight: AtomicU32,
}

/// A place among the calls in flight. Dropping it gives the place back, so it is held until the answer
/// has ended, and not only until it has begun.
#[derive(Debug)]
#[must_use = "a call holds its permit until its answer has ended"]
pub struct Permit(Arc<Limits>);

impl Limits {
    /// At most so many in flight, or as many as there are.
    pub const fn new(max_in_flight: Option<u32>) -> Self {
        Self {
            max_in_flight,
            in_flight: AtomicU32::new(0),
        }
    }

    /// How many may be in flight.
    pub const fn max_in_flight(&self) -> Option<u32> {
        self.max_in_flight
    }

    /// How many are in flight.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Whether there is room for one more, as it looks now.
    pub fn has_room(&self) -> bool {
        self.max_in_flight.is_none_or(|max| self.in_flight() < max)
    }

    /// Whether as much may be in flight as `other` lets, whatever is.
    pub(super) fn has_settings_of(&self, other: &Self) -> bool {
        self.max_in_flight == other.max_in_flight
    }

    /// Takes a place, if there is one.
    pub fn try_acquire(self: &Arc<Self>) -> Option<Permit> {
        let max = self.max_in_flight.unwrap_or(u32::MAX);
        self.in_flight
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
                (n < max).then(|| n + 1)
            })
            .ok()
            .map(|_| Permit(Arc::clone(self)))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
