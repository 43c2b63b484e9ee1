use std::time::Duration;

use tokio::time::Instant;

/// Some of the attempts that have begun since the last success, and have no outcome yet.
///
/// What is dead and says nothing is found out by them: failures come only when the time of the first
/// attempts is up, and by then there are many more.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Their numbers, and when they have begun. More than these are not needed.
    places: [Option<(u64, Instant)>; PLACES],
}

/// How many that wait for too long are enough.
const PLACES: usize = 5;

impl Waiting {
    /// An attempt has begun.
    pub(super) fn add(&mut self, number: u64, now: Instant) {
        if let Some(place) = self.places.iter_mut().find(|place| place.is_none()) {
            *place = Some((number, now));
        }
    }

    /// An attempt is over.
    pub(super) fn remove(&mut self, number: u64) {
        let is_it = |place: &&mut Option<(u64, Instant)>| place.is_some_and(|(n, _)| n == number);
        if let Some(place) = self.places.iter_mut().find(is_it) {
            *place = None;
        }
    }

    /// Whether all of them have waited for longer than `limit`.
    pub(super) fn are_stuck(&self, limit: Duration, now: Instant) -> bool {
        let is_stuck = |place: &Option<(u64, Instant)>| {
            place.is_some_and(|(_, begun)| now.saturating_duration_since(begun) > limit)
        };
        self.places.iter().all(is_stuck)
    }

    pub(super) fn clear(&mut self) {
        self.places = [None; PLACES];
    }
}
