use std::sync::Arc;

use steeplechase_core::Limits;
use tower::Layer;

use super::{Limit, Unmeasured};

/// Wraps services in [`Limit`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct LimitLayer<P = Unmeasured> {
    limits: Arc<Limits>,
    policy: P,
}

impl LimitLayer {
    /// Lets at most `max_in_flight` requests run at a time, over all services that this layer and its
    /// clones wrap. Zero refuses them all.
    pub fn new(max_in_flight: u32) -> Self {
        Self {
            limits: Arc::new(Limits::new(Some(max_in_flight))),
            policy: Unmeasured,
        }
    }

    /// Takes its permits from `limits`, which others may read or take permits from, too. Without a
    /// limit it only counts.
    pub fn tracking(limits: &Arc<Limits>) -> Self {
        Self {
            limits: Arc::clone(limits),
            policy: Unmeasured,
        }
    }
}

impl<P> LimitLayer<P> {
    /// Reserves as many tokens as `policy` says that a request needs, where tokens are counted.
    pub fn policy<Q>(self, policy: Q) -> LimitLayer<Q> {
        LimitLayer {
            limits: self.limits,
            policy,
        }
    }
}

impl<S, P: Clone> Layer<S> for LimitLayer<P> {
    type Service = Limit<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        Limit::new(inner, Arc::clone(&self.limits), self.policy.clone())
    }
}
