use std::sync::Arc;

use steeplechase_core::Limits;
use tower::Layer;

use super::Limit;

/// Wraps services in [`Limit`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct LimitLayer {
    limits: Arc<Limits>,
}

impl LimitLayer {
    /// Lets at most `max_in_flight` requests run at a time, over all services that this layer and its
    /// clones wrap. Zero refuses them all.
    pub fn new(max_in_flight: u32) -> Self {
        Self {
            limits: Arc::new(Limits::new(Some(max_in_flight))),
        }
    }

    /// Takes its permits from `limits`, which others may read or take permits from, too. Without a
    /// limit it only counts.
    pub fn tracking(limits: &Arc<Limits>) -> Self {
        Self {
            limits: Arc::clone(limits),
        }
    }
}

impl<S> Layer<S> for LimitLayer {
    type Service = Limit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Limit::new(inner, Arc::clone(&self.limits))
    }
}
