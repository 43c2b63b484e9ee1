//! Holding answers back until somebody lets them go on.
//!
//! ```text
//! held requests ─► Hold ┐                       ┌─► all of them go on
//!                  Hold ┴─► latch ◄── release ──┤
//!                                               └─► a new latch, for those that come later
//! ```

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;

/// Where the held requests of one sim wait.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    latch: Mutex<Hold>,
}

/// The place of one request at the gate. Dropping it has no effect on the others.
#[derive(Clone, Default)]
pub(crate) struct Hold(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    released: Option<Instant>,
    // Those who wait. Taken, and woken, when they are released.
    waiting: Vec<Waker>,
}

impl Gate {
    /// Holds a request until the next release.
    pub(crate) fn hold(&self) -> Hold {
        let latch = self.latch.lock().unwrap_or_else(PoisonError::into_inner);
        latch.clone()
    }

    /// Lets all go on that are held now.
    pub(crate) fn release(&self) {
        let released = {
            let mut latch = self.latch.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *latch)
        };
        released.open();
    }
}

impl Hold {
    /// Resolves when the request is let go, to when that was.
    pub(crate) fn poll_released(&self, cx: &mut Context<'_>) -> Poll<Instant> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = state.released {
            return Poll::Ready(at);
        }
        if !state.waiting.iter().any(|w| w.will_wake(cx.waker())) {
            state.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    fn open(&self) {
        let waiting = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.released = Some(Instant::now());
            std::mem::take(&mut state.waiting)
        };
        // Without the lock: a waker may run anything.
        waiting.into_iter().for_each(Waker::wake);
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hold").finish_non_exhaustive()
    }
}
