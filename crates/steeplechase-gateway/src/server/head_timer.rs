#![allow(
    clippy::disallowed_types,
    reason = "hyper's trait has it; the time is that of tokio, which tests can pause"
)]

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt;
use tokio::time::{Instant, Sleep, sleep_until};

/// The timer of one connection, for the time that the head of a request may take.
///
/// hyper asks for a sleep whenever it waits for a head, and drops it when the head is there. Each that is
/// made and dropped takes the lock of all timers of the runtime twice. So the one that was dropped is kept,
/// still running, and serves again: it may fire early, never late, and is only then moved. That is once
/// in the time that a head may take, and not twice in each request.
#[derive(Clone, Debug, Default)]
pub(super) struct HeadTimer {
    spare: Spare,
}

/// A sleep that is not in use.
type Spare = Arc<Mutex<Option<Pin<Box<Sleep>>>>>;

/// Waits for a deadline.
struct Waiting {
    deadline: Instant,
    // Made, or taken from the connection, at the first wait.
    sleep: Option<Pin<Box<Sleep>>>,
    spare: Spare,
}

// ===== impl HeadTimer =====

impl rt::Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn rt::Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: std::time::Instant) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Waiting {
            deadline: deadline.into(),
            sleep: None,
            spare: Arc::clone(&self.spare),
        })
    }

    fn now(&self) -> std::time::Instant {
        Instant::now().into()
    }
}

// ===== impl Waiting =====

impl Future for Waiting {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self {
            deadline,
            sleep,
            spare,
        } = &mut *self;
        let sleep = sleep.get_or_insert_with(|| {
            let kept = spare.lock().unwrap_or_else(PoisonError::into_inner).take();
            kept.unwrap_or_else(|| Box::pin(sleep_until(*deadline)))
        });
        if *deadline < sleep.deadline() {
            sleep.as_mut().reset(*deadline);
        }
        ready!(sleep.as_mut().poll(cx));
        while sleep.deadline() < *deadline {
            sleep.as_mut().reset(*deadline);
            ready!(sleep.as_mut().poll(cx));
        }
        Poll::Ready(())
    }
}

impl rt::Sleep for Waiting {}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(sleep) = self.sleep.take() {
            let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
            *spare = Some(sleep);
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::rt::Timer;
    use tokio_test::{assert_pending, assert_ready, task};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    async fn pass(time: Duration) {
        tokio::time::advance(time).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleep_that_serves_again_does_not_fire_at_the_time_of_the_first() {
        let timer = HeadTimer::default();
        let mut first = task::spawn(timer.sleep(LIMIT));
        assert_pending!(first.poll());
        pass(LIMIT / 2).await;
        drop(first);

        let mut second = task::spawn(timer.sleep(LIMIT));
        assert_pending!(second.poll());
        pass(LIMIT / 2).await;
        assert!(second.is_woken(), "at the time of the first");
        assert_pending!(second.poll());
        pass(Duration::from_millis(14_998)).await;
        assert_pending!(second.poll());
        pass(Duration::from_millis(3)).await;
        assert!(second.is_woken());
        assert_ready!(second.poll());
    }

    #[tokio::test(start_paused = true)]
    async fn an_earlier_deadline_is_kept() {
        let timer = HeadTimer::default();
        let mut long = task::spawn(timer.sleep(LIMIT * 2));
        assert_pending!(long.poll());
        drop(long);

        let mut short = task::spawn(timer.sleep(LIMIT));
        assert_pending!(short.poll());
        pass(LIMIT + Duration::from_millis(1)).await;
        assert!(short.is_woken());
        assert_ready!(short.poll());
    }
}
