use std::sync::atomic::{AtomicU64, Ordering};

/// What may be used in each of several windows, one after the other: requests, or tokens.
///
/// All of it is one number: which window it is, and what was used in it. Whoever comes with a later window begins
/// that one, in which nothing was used yet. Who comes with an earlier one has looked at the clock just before the
/// edge, and is counted in the later.
#[derive(Debug)]
pub(super) struct Window {
    limit: u64,
    /// The window in the upper bits, and what was used in the lower.
    state: AtomicU64,
}

/// How many bits what was used has.
const BITS: u32 = 48;

/// The most that is counted.
const MOST: u64 = (1 << BITS) - 1;

// ===== impl Window =====

impl Window {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit: limit.min(MOST),
            state: AtomicU64::new(0),
        }
    }

    pub(super) const fn limit(&self) -> u64 {
        self.limit
    }

    /// What is left as of the window `number`.
    pub(super) fn left(&self, number: u16) -> u64 {
        let (_, used) = in_window(self.state.load(Ordering::Relaxed), number);
        self.limit.saturating_sub(used)
    }

    /// Takes so much of the window `number`, if it is there. Which window it was taken of: a later one, if that
    /// has begun.
    pub(super) fn try_take(&self, amount: u64, number: u16) -> Option<u16> {
        let take = |state| {
            let (number, used) = in_window(state, number);
            let used = used.checked_add(amount)?;
            (used <= self.limit).then(|| packed(number, used))
        };
        let old = self
            .state
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .ok()?;
        Some(in_window(old, number).0)
    }

    /// What was taken of the window `number` is found to be another amount. Nothing changes if that window is over.
    pub(super) fn correct(&self, taken: u64, used: u64, number: u16) {
        let correct = |state| {
            let (now, all) = in_window(state, number);
            let corrected = all.saturating_sub(taken).saturating_add(used).min(MOST);
            (now == number && all != corrected).then(|| packed(number, corrected))
        };
        _ = self
            .state
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, correct);
    }
}

/// Which window it is for who comes with `number`, and what was used in it.
fn in_window(state: u64, number: u16) -> (u16, u64) {
    let known = (state >> BITS) as u16;
    if number > known {
        (number, 0)
    } else {
        (known, state & MOST)
    }
}

fn packed(number: u16, used: u64) -> u64 {
    u64::from(number) << BITS | used
}
