//! What has become of the requests.
//!
//! ```text
//!                    ┌─► completed   answered, and read to its end
//! started ─► in flight ─► failed      an error, a cut or an answer without an end, as told to
//!                    └─► cancelled   the caller let go first
//! ```
//!
//! A request is in exactly one of these places. It holds a [`Ticket`], which leaves it by being
//! settled or, if nobody did, by being dropped.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use tokio::time::Instant;

/// How many requests there have been, and how they ended.
///
/// Counted since the sim was made, over all its clones.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Requests that came in.
    pub started: u64,
    /// Answered with success, up to the last byte.
    pub completed: u64,
    /// Given up by the caller: the response future or the body was dropped before its end.
    pub cancelled: u64,
    /// Failed by the sim: an error status (as soon as its head is out, whether or not the body is
    /// read), a reset, a cut, an error in the stream, a truncated stream; or the body of the
    /// request could not be read.
    pub failed: u64,
}

impl Counts {
    /// Requests that have not ended yet.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.started - self.completed - self.cancelled - self.failed
    }
}

/// The counters of one sim.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    counts: Counts,
    peak: u64,
    last_cancel: Option<Instant>,
    // Those who wait for the counts to change. Taken, and woken, at every change.
    waiting: Vec<Waker>,
}

impl Tally {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn counts(&self) -> Counts {
        self.lock().counts
    }

    pub(crate) fn peak(&self) -> u64 {
        self.lock().peak
    }

    pub(crate) fn last_cancel(&self) -> Option<Instant> {
        self.lock().last_cancel
    }

    /// Counts a request in, and returns its number (from 0) with its ticket.
    pub(crate) fn start(self: &Arc<Self>) -> (u64, Ticket) {
        let mut number = 0;
        self.change(|state| {
            number = state.counts.started;
            state.counts.started += 1;
            state.peak = state.peak.max(state.counts.in_flight());
        });
        let ticket = Ticket {
            tally: Some(Arc::clone(self)),
        };
        (number, ticket)
    }

    /// Resolves as soon as `condition` holds.
    pub(crate) async fn wait(&self, mut condition: impl FnMut(&Counts) -> bool) -> Counts {
        poll_fn(|cx| {
            let mut state = self.lock();
            if condition(&state.counts) {
                return Poll::Ready(state.counts);
            }
            if !state.waiting.iter().any(|w| w.will_wake(cx.waker())) {
                state.waiting.push(cx.waker().clone());
            }
            Poll::Pending
        })
        .await
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let waiting = {
            let mut state = self.lock();
            change(&mut state);
            std::mem::take(&mut state.waiting)
        };
        // Without the lock: a waker may run anything.
        waiting.into_iter().for_each(Waker::wake);
    }
}

/// The place of one request among those in flight.
#[derive(Debug)]
pub(crate) struct Ticket {
    // `None` once settled.
    tally: Option<Arc<Tally>>,
}

/// How a request ended, unless it was cancelled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ended {
    Completed,
    Failed,
}

impl Ticket {
    /// Counts the request out. Only the first call has an effect.
    pub(crate) fn settle(&mut self, ended: Ended) {
        if let Some(tally) = self.tally.take() {
            tally.change(|state| match ended {
                Ended::Completed => state.counts.completed += 1,
                Ended::Failed => state.counts.failed += 1,
            });
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(tally) = self.tally.take() {
            tally.change(|state| {
                state.counts.cancelled += 1;
                state.last_cancel = Some(Instant::now());
            });
        }
    }
}
