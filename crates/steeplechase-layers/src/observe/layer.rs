use std::fmt;
use std::sync::Arc;

use steeplechase_core::Deployment;
use steeplechase_core::purse::Purses;
use tower::Layer;

use super::metrics::Metrics;
use super::recording::Shared;
use super::spending::Spending;
use super::{AsReported, Observe, Sink};

/// Wraps services in [`Observe`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone)]
#[must_use]
pub struct ObserveLayer<P = AsReported> {
    deployment: Arc<Deployment>,
    sink: Option<Arc<dyn Sink>>,
    purses: Option<Arc<Purses>>,
    policy: P,
}

impl ObserveLayer {
    /// Creates a layer for the stack of `deployment`.
    pub fn new(deployment: &Arc<Deployment>) -> Self {
        Self {
            deployment: Arc::clone(deployment),
            sink: None,
            purses: None,
            policy: AsReported,
        }
    }
}

impl<P> ObserveLayer<P> {
    /// Estimates what an attempt has used of which its provider does not say it: of the prompt by
    /// `policy`, and of the answer by what its frames say that the model has said.
    pub fn policy<Q>(self, policy: Q) -> ObserveLayer<Q> {
        ObserveLayer {
            deployment: self.deployment,
            sink: self.sink,
            purses: self.purses,
            policy,
        }
    }

    /// Books what attempts cost at those of `purses` that they draw on.
    pub fn purses(mut self, purses: &Arc<Purses>) -> Self {
        self.purses = Some(Arc::clone(purses));
        self
    }

    /// Tells `sink` of each attempt, too.
    pub fn sink(mut self, sink: Arc<dyn Sink>) -> Self {
        self.sink = Some(sink);
        self
    }
}

impl<S, P: Clone> Layer<S> for ObserveLayer<P> {
    type Service = Observe<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        Observe::new(
            inner,
            Shared {
                deployment: Arc::clone(&self.deployment),
                metrics: Metrics::of(&self.deployment),
                sink: self.sink.clone(),
                spending: self
                    .purses
                    .as_ref()
                    .and_then(|purses| Spending::of(&self.deployment, purses)),
            },
            self.policy.clone(),
        )
    }
}

impl<P> fmt::Debug for ObserveLayer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObserveLayer")
            .field("deployment", &self.deployment.id())
            .finish_non_exhaustive()
    }
}
