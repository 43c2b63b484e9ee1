use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::Cost;

/// What was spent, and what is under way. It outlives the settings that it is kept for.
#[derive(Debug, Default)]
pub(super) struct Account {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the window is over. `None` if none has begun.
    ends: Option<Instant>,
    /// In this window.
    spent: Cost,
    /// By estimate, for what is under way.
    reserved: Cost,
}

/// Why there is nothing left.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Empty {
    /// It was spent. The window is over at this time.
    Until(Instant),
    /// What is left is reserved for attempts that are under way.
    Reserved,
}

/// What is reserved for an attempt that is under way.
///
/// Dropping it gives it back: then the attempt has cost nothing.
#[derive(Debug)]
#[must_use = "what is claimed is given back when this is dropped"]
pub struct Claim {
    account: Arc<Account>,
    window: Duration,
    estimate: Cost,
    cost: Cost,
}

// ===== impl Account =====

impl Account {
    /// The state as of `now`, of the window that has begun, if one has.
    fn state(&self, now: Instant) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.ends.is_some_and(|ends| ends <= now) {
            (state.ends, state.spent) = (None, Cost::ZERO);
        }
        state
    }

    pub(super) fn check(&self, limit: Cost, now: Instant) -> Result<(), Empty> {
        let state = self.state(now);
        match state.ends {
            Some(ends) if state.spent >= limit => Err(Empty::Until(ends)),
            _ if state.spent + state.reserved >= limit => Err(Empty::Reserved),
            _ => Ok(()),
        }
    }

    pub(super) fn claim(self: &Arc<Self>, estimate: Cost, window: Duration) -> Claim {
        let now = Instant::now();
        let mut state = self.state(now);
        state.begin(now, window);
        state.reserved += estimate;
        drop(state);
        Claim {
            account: Arc::clone(self),
            window,
            estimate,
            cost: Cost::ZERO,
        }
    }

    pub(super) fn spent(&self, now: Instant) -> Cost {
        self.state(now).spent
    }

    pub(super) fn reserved(&self) -> Cost {
        self.state(Instant::now()).reserved
    }
}

impl State {
    fn begin(&mut self, now: Instant, window: Duration) {
        // One that has no end by any clock goes on for ever.
        self.ends = self.ends.or_else(|| now.checked_add(window));
    }
}

// ===== impl Claim =====

impl Claim {
    /// Says what the attempt has cost.
    pub fn settle(mut self, cost: Cost) {
        self.cost = cost;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut state = self.account.state(now);
        state.reserved = state.reserved.saturating_sub(self.estimate);
        if self.cost > Cost::ZERO {
            state.begin(now, self.window);
            state.spent += self.cost;
        }
    }
}
