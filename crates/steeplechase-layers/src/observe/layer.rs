use std::fmt;
use std::sync::Arc;

use steeplechase_core::Deployment;
use tower::Layer;

use super::metrics::Metrics;
use super::recording::Shared;
use super::{Observe, Sink};

/// Wraps services in [`Observe`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone)]
#[must_use]
pub struct ObserveLayer {
    deployment: Arc<Deployment>,
    sink: Option<Arc<dyn Sink>>,
}

impl ObserveLayer {
    /// Creates a layer for the stack of `deployment`.
    pub fn new(deployment: &Arc<Deployment>) -> Self {
        Self {
            deployment: Arc::clone(deployment),
            sink: None,
        }
    }

    /// Tells `sink` of each attempt, too.
    pub fn sink(mut self, sink: Arc<dyn Sink>) -> Self {
        self.sink = Some(sink);
        self
    }
}

impl<S> Layer<S> for ObserveLayer {
    type Service = Observe<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Observe::new(
            inner,
            Shared {
                deployment: Arc::clone(&self.deployment),
                metrics: Metrics::of(&self.deployment),
                sink: self.sink.clone(),
            },
        )
    }
}

impl fmt::Debug for ObserveLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObserveLayer")
            .field("deployment", &self.deployment.id())
            .finish_non_exhaustive()
    }
}
