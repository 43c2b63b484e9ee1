//! The line, as a state machine that is told the time: no futures, no locks, no clock.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;

/// Who waits for a place, in order.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Each with whom to wake when it is next.
    waiting: BTreeMap<Spot, Waker>,
    callers: HashMap<Option<Arc<str>>, Turns>,
    /// That of the last one that got a place from the line.
    turn: u64,
    /// The number of the next one that waits.
    next: u64,
    pace: Pace,
}

/// Where one stands in line. The smallest is next.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Spot {
    priority: i32,
    turn: u64,
    number: u64,
    caller: Option<Arc<str>>,
}

/// The calls of one caller that wait.
#[derive(Debug)]
struct Turns {
    waiting: u32,
    last: u64,
}

/// How quickly places have become free lately, while all were taken.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    seen: u32,
    /// When the last one became free, or since when all are taken.
    last: Option<Instant>,
    /// The mean of the times between, in seconds: a moving average.
    mean: f64,
}

// ===== impl Line =====

impl Line {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Adds one at its place.
    pub(super) fn join(&mut self, priority: i32, caller: Option<Arc<str>>) -> Spot {
        let turns = self.callers.entry(caller.clone()).or_insert(Turns {
            waiting: 0,
            last: self.turn,
        });
        turns.waiting += 1;
        turns.last = self.turn.max(turns.last) + 1;
        let spot = Spot {
            priority,
            turn: turns.last,
            number: self.next,
            caller,
        };
        self.next += 1;
        self.waiting.insert(spot.clone(), Waker::noop().clone());
        spot
    }

    /// Whom to wake when this one is next. `false` if it is not in line any more.
    pub(super) fn wake_by(&mut self, spot: &Spot, waker: &Waker) -> bool {
        let Some(old) = self.waiting.get_mut(spot) else {
            return false;
        };
        old.clone_from(waker);
        true
    }

    /// Takes the first one out of the line, if there is any.
    pub(super) fn next(&mut self) -> Option<Waker> {
        let (spot, waker) = self.waiting.pop_first()?;
        self.turn = self.turn.max(spot.turn);
        self.forget(&spot);
        Some(waker)
    }

    /// Takes one out of the line. `false` if it is not there any more.
    pub(super) fn leave(&mut self, spot: &Spot) -> bool {
        let was_there = self.waiting.remove(spot).is_some();
        if was_there {
            self.forget(spot);
        }
        was_there
    }

    fn forget(&mut self, spot: &Spot) {
        if let Some(turns) = self.callers.get_mut(&spot.caller) {
            turns.waiting -= 1;
            if turns.waiting == 0 {
                self.callers.remove(&spot.caller);
            }
        }
    }

    /// All places are taken now: from here on there may be a line.
    pub(super) fn opened(&mut self, now: Instant) {
        self.pace.last = Some(now);
    }

    /// One of the places has become free, and all were taken.
    pub(super) fn freed(&mut self, now: Instant) {
        self.pace.tick(now);
    }

    /// How long one that joins now would wait, as far as anybody can tell.
    pub(super) fn wait(&self, priority: i32) -> Option<Duration> {
        let before = self
            .waiting
            .keys()
            .take_while(|spot| spot.priority <= priority);
        let before = u32::try_from(before.count()).unwrap_or(u32::MAX);
        let mean = self.pace.mean()?;
        Some(mean.saturating_mul(before.saturating_add(1)))
    }
}

// ===== impl Pace =====

impl Pace {
    /// How much of the mean the last one is.
    const SHARE: f64 = 0.1;

    /// Fewer than this say nothing.
    const MIN_SEEN: u32 = 10;

    fn tick(&mut self, now: Instant) {
        if let Some(last) = self.last {
            let between = now.saturating_duration_since(last).as_secs_f64();
            let share = Self::SHARE.max(1.0 / f64::from(self.seen + 1));
            self.mean += (between - self.mean) * share;
            self.seen = self.seen.saturating_add(1);
        }
        self.last = Some(now);
    }

    fn mean(&self) -> Option<Duration> {
        let known = self.seen >= Self::MIN_SEEN;
        known.then(|| Duration::try_from_secs_f64(self.mean).unwrap_or(Duration::MAX))
    }
}
