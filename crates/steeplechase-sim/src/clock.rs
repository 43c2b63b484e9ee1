//! Waiting for a time after the arrival of a request.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Counts from the arrival of a request. Makes a timer only if there is something to wait for, and
/// only one.
#[derive(Debug)]
pub(crate) struct Clock {
    arrival: Instant,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Clock {
    pub(crate) fn since(arrival: Instant) -> Self {
        Self {
            arrival,
            timer: None,
        }
    }

    pub(crate) fn arrival(&self) -> Instant {
        self.arrival
    }

    /// A time as an offset from the arrival.
    pub(crate) fn offset(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.arrival)
    }

    /// Waits until `offset` after the arrival.
    pub(crate) fn poll_until(&mut self, offset: Duration, cx: &mut Context<'_>) -> Poll<()> {
        if offset.is_zero() {
            return Poll::Ready(());
        }
        let Some(due) = self.arrival.checked_add(offset) else {
            // Later than the clock can say: never.
            return Poll::Pending;
        };
        if due <= Instant::now() {
            return Poll::Ready(());
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(cx)
    }
}
