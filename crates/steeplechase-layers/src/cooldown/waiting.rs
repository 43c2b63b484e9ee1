use std::time::Duration;

use tokio::time::Instant;

/// Some of the attempts that have begun since the last success, and have no outcome.
///
/// What is dead and says nothing is found out by them: failures come only when the time of the first
/// attempts is up, and by then there are many more. They may never come, if others are always quicker.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// More than these are not needed.
    places: [Place; PLACES],
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Place {
    #[default]
    Free,
    /// The attempt of this number has begun then.
    Taken(u64, Instant),
    /// It was given up when it should have been answered.
    Lost,
}

/// How many that wait for too long are enough.
const PLACES: usize = 5;

impl Waiting {
    /// An attempt has begun.
    pub(super) fn add(&mut self, number: u64, now: Instant) {
        if let Some(place) = self.places.iter_mut().find(|place| **place == Place::Free) {
            *place = Place::Taken(number, now);
        }
    }

    /// An attempt is over.
    pub(super) fn end(&mut self, number: u64, is_lost: bool) {
        let is_it =
            |place: &&mut Place| matches!(place, Place::Taken(other, _) if *other == number);
        if let Some(place) = self.places.iter_mut().find(is_it) {
            *place = if is_lost { Place::Lost } else { Place::Free };
        }
    }

    /// Whether all of them are lost, or have waited for longer than `patience`, if it is known.
    pub(super) fn are_stuck(&self, patience: Option<Duration>, now: Instant) -> bool {
        self.places.iter().all(|place| match place {
            Place::Free => false,
            Place::Taken(_, begun) => {
                let waited = now.saturating_duration_since(*begun);
                patience.is_some_and(|patience| waited > patience)
            }
            Place::Lost => true,
        })
    }

    pub(super) fn clear(&mut self) {
        self.places = [Place::Free; PLACES];
    }
}
