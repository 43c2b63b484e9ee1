use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use steeplechase_core::controls::Caller;
use steeplechase_core::{Attempts, Class, Error, Retry, Scope};
use tokio::time::Instant;

use super::AdmissionConfig;
use super::line::{Line, Spot};
use super::metrics::{Metrics, Refusal};

/// The places, and the line for them. All clones of a service share one.
#[derive(Debug)]
pub(super) struct Queue {
    config: AdmissionConfig,
    pub(super) metrics: Metrics,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    in_flight: u32,
    line: Line,
}

/// A place among the calls in progress. Dropping it hands it to the next in line.
#[must_use = "a call has its place until its answer has ended"]
pub struct Place(Arc<Queue>);

/// A place in line. Dropping it leaves the line.
pub(super) struct Ticket {
    queue: Arc<Queue>,
    /// `None` once there is a place.
    spot: Option<Spot>,
    since: Instant,
}

/// What becomes of a call.
pub(super) enum Entry {
    Admitted(Place),
    Waits {
        ticket: Ticket,
        until: Instant,
        /// Whether the call's own deadline is sooner than our patience.
        is_deadline: bool,
    },
    Refused(Error),
}

// ===== impl Queue =====

impl Queue {
    pub(super) fn new(config: AdmissionConfig, name: Option<&str>) -> Self {
        Self {
            config,
            metrics: Metrics::new(name),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for a place.
    pub(super) fn enter(
        self: &Arc<Self>,
        attempts: Option<&Attempts>,
        caller: Option<&Caller>,
    ) -> Entry {
        let mut state = self.state();
        if state.in_flight < self.config.max_in_flight {
            state.in_flight += 1;
            if state.in_flight == self.config.max_in_flight {
                state.line.opened(Instant::now());
            }
            drop(state);
            self.metrics.admitted();
            return Entry::Admitted(Place(Arc::clone(self)));
        }
        let controls = attempts.and_then(Attempts::controls);
        let asked = controls.as_ref().and_then(|controls| controls.priority);
        let priority = asked.unwrap_or(self.config.default_priority);
        let expected = state.line.wait(priority);
        // Where another model can take it, nobody waits.
        let is_full = state.line.len() >= self.config.max_queued as usize
            || attempts.is_some_and(Attempts::has_held);

        let now = Instant::now();
        let left = attempts.and_then(Attempts::time_left);
        let patience = left.map_or(self.config.max_wait, |left| left.min(self.config.max_wait));
        let is_hopeless = expected.is_some_and(|expected| expected / 2 > patience);
        if is_full || is_hopeless {
            drop(state);
            let refusal = if is_full {
                Refusal::Full
            } else {
                Refusal::Hopeless
            };
            return Entry::Refused(self.refuse(refusal, expected));
        }
        let caller = caller.map(|Caller(name)| Arc::clone(name));
        let spot = state.line.join(priority, caller);
        drop(state);
        self.metrics.waits();
        Entry::Waits {
            ticket: Ticket {
                queue: Arc::clone(self),
                spot: Some(spot),
                since: now,
            },
            until: now + patience,
            is_deadline: left.is_some_and(|left| left <= self.config.max_wait),
        }
    }

    /// A place is free: for the next in line, or for who comes.
    fn release(&self) {
        let mut state = self.state();
        // While there are others that are free, it says nothing of how long one waits for a place.
        if state.in_flight == self.config.max_in_flight {
            state.line.freed(Instant::now());
        }
        let next = state.line.next();
        if next.is_none() {
            state.in_flight -= 1;
        }
        drop(state);
        if let Some(waker) = next {
            waker.wake();
        }
    }

    fn refuse(&self, refusal: Refusal, expected: Option<Duration>) -> Error {
        self.metrics.refused(refusal);
        let message = match refusal {
            Refusal::Full => "too many requests are in progress, and too many wait already",
            Refusal::Hopeless | Refusal::Late => {
                "too many requests are in progress for this one to get its turn in time"
            }
        };
        // Nobody comes back sooner than in a second, or later than in a minute.
        let back = expected.unwrap_or(self.config.max_wait);
        let back = back.clamp(Duration::from_secs(1), Duration::from_secs(60));
        Error::new(Class::Unavailable, message)
            .with_scope(Scope::Gateway)
            .with_retry(Retry::OtherModel)
            .with_retry_after(back)
    }

    /// How many calls are in progress, and how many wait.
    #[cfg(test)]
    pub(super) fn counts(&self) -> (u32, usize) {
        let state = self.state();
        (state.in_flight, state.line.len())
    }
}

// ===== impl Place =====

impl Drop for Place {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

// ===== impl Ticket =====

impl Ticket {
    /// Waits for a place. Not to be polled again after that.
    pub(super) fn poll_place(&mut self, cx: &mut Context<'_>) -> Poll<Place> {
        let spot = self.spot.as_ref().expect("a ticket is for one place");
        if self.queue.state().line.wake_by(spot, cx.waker()) {
            return Poll::Pending;
        }
        self.spot = None;
        self.queue.metrics.waited(self.since.elapsed());
        Poll::Ready(Place(Arc::clone(&self.queue)))
    }

    /// The failure of who has waited for too long.
    pub(super) fn give_up(&self, is_deadline: bool) -> Error {
        let error = self.queue.refuse(Refusal::Late, None);
        if is_deadline {
            // There is no time for another model either.
            error.with_retry(Retry::Never)
        } else {
            error
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let Some(spot) = self.spot.take() else {
            return;
        };
        let was_waiting = self.queue.state().line.leave(&spot);
        self.queue.metrics.left();
        if !was_waiting {
            // It was given a place, and nobody came to take it.
            self.queue.release();
        }
    }
}
