use std::time::Duration;

use tower::Layer;

use super::{Fixed, Timeout, Timeouts};

/// Wraps services in [`Timeout`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct TimeoutLayer<P = Fixed> {
    policy: P,
}

impl TimeoutLayer {
    /// Creates a layer that limits nothing but by the request's deadline.
    pub const fn new() -> Self {
        Self::with(Timeouts::new())
    }

    /// Creates a layer with the same limits for every request.
    pub const fn with(timeouts: Timeouts) -> Self {
        Self {
            policy: Fixed(timeouts),
        }
    }

    /// See [`Timeouts::first_token`].
    pub fn first_token(self, limit: impl Into<Option<Duration>>) -> Self {
        Self::with(self.policy.0.first_token(limit))
    }

    /// See [`Timeouts::byte_idle`].
    pub fn byte_idle(self, limit: impl Into<Option<Duration>>) -> Self {
        Self::with(self.policy.0.byte_idle(limit))
    }

    /// See [`Timeouts::content_idle`].
    pub fn content_idle(self, limit: impl Into<Option<Duration>>) -> Self {
        Self::with(self.policy.0.content_idle(limit))
    }

    /// See [`Timeouts::total`].
    pub fn total(self, limit: impl Into<Option<Duration>>) -> Self {
        Self::with(self.policy.0.total(limit))
    }
}

impl<P> TimeoutLayer<P> {
    /// Replaces the [`Policy`](super::Policy), and with it all limits.
    pub fn policy<Q>(self, policy: Q) -> TimeoutLayer<Q> {
        TimeoutLayer { policy }
    }
}

impl<S, P: Clone> Layer<S> for TimeoutLayer<P> {
    type Service = Timeout<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        Timeout::new(inner, self.policy.clone())
    }
}
