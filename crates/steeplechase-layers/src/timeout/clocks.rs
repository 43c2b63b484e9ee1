use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{self, Instant, Sleep};

use super::Timeouts;
use super::limit::{At, Limit, earliest};

/// The clocks of a body, which run while we wait for it.
pub(super) struct Clocks {
    byte_idle: Option<Duration>,
    content_idle: Option<Duration>,
    /// The limit of what is waited for the next content, which is *first token* for the first one.
    content: Option<(Duration, Limit)>,
    /// *Total*, or the deadline.
    until: Option<At>,
    /// Since when we have been waiting for the next frame.
    waiting: Option<Instant>,
    /// How long we have waited for frames without content since the last one with content.
    waited: Duration,
    /// Made for the first wait. It may fire early, never late.
    // Boxed, so that a body is no bigger for it, and is `Unpin` if the one inside is.
    pub(super) sleep: Option<Pin<Box<Sleep>>>,
    pub(super) are_callers: bool,
}

impl Clocks {
    /// The clocks of a body whose head took `head`. `None` if it is not limited.
    pub(super) fn new(timeouts: Timeouts, head: Duration, until: Option<At>) -> Option<Self> {
        let content_idle = |limit| (limit, Limit::ContentIdle(limit));
        let first_token = |limit: Duration| (limit.saturating_sub(head), Limit::FirstToken(limit));
        let limited = until.is_some() || !timeouts.limits_nothing();
        limited.then(|| Self {
            byte_idle: timeouts.byte_idle,
            content_idle: timeouts.content_idle,
            content: timeouts
                .first_token
                .map(first_token)
                .or(timeouts.content_idle.map(content_idle)),
            until,
            waiting: None,
            waited: Duration::ZERO,
            sleep: None,
            are_callers: timeouts.are_callers,
        })
    }

    /// Stops the idle clocks, as a frame is there.
    pub(super) fn on_frame(&mut self, is_content: bool) {
        let waiting = self.waiting.take();
        if is_content {
            self.waited = Duration::ZERO;
            self.content = self
                .content_idle
                .map(|limit| (limit, Limit::ContentIdle(limit)));
        } else if let (Some(since), Some(_)) = (waiting, self.content) {
            // The one look at the clock for a frame that is ready: for a ping that was waited for.
            self.waited += since.elapsed();
        }
    }

    /// Starts the idle clocks, as there is no frame, and resolves when a limit is reached.
    pub(super) fn poll_limit(&mut self, cx: &mut Context<'_>) -> Poll<Limit> {
        let since = *self.waiting.get_or_insert_with(Instant::now);
        let Some((at, limit)) = self.earliest(since) else {
            return Poll::Pending;
        };
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(time::sleep_until(at)));
        if at < sleep.deadline() {
            sleep.as_mut().reset(at);
        }
        ready!(sleep.as_mut().poll(cx));
        // Most often it was set for a frame that has come since. Only now is it worth moving.
        while sleep.deadline() < at {
            sleep.as_mut().reset(at);
            ready!(sleep.as_mut().poll(cx));
        }
        Poll::Ready(limit)
    }

    fn earliest(&self, since: Instant) -> Option<At> {
        let byte = self.byte_idle.map(|limit| (limit, Limit::ByteIdle(limit)));
        let content = self
            .content
            .map(|(limit, name)| (limit.saturating_sub(self.waited), name));
        let from_now = |(left, limit): (Duration, Limit)| limit.from(since, left);
        earliest([
            byte.and_then(from_now),
            content.and_then(from_now),
            self.until,
        ])
    }
}
