use std::fmt;
use std::sync::Arc;

use steeplechase_core::{DefaultClassifier, Deployment};
use tower::Layer;

use super::{Every, Route, Strategy};

/// Turns one client into a [`Route`] over a group of deployments.
///
/// See the [module documentation](super) for an example.
#[derive(Clone)]
#[must_use]
pub struct RouteLayer<F, St, C = DefaultClassifier, P = Every> {
    deployments: Arc<[Arc<Deployment>]>,
    strategy: St,
    stack: F,
    classifier: C,
    eligible: P,
}

impl<F, St> RouteLayer<F, St> {
    /// Routes over `deployments`. `stack` says which layers are for one deployment alone: a layer, or
    /// a tuple of layers with the outermost first. It is called once for each deployment whenever a
    /// service is wrapped.
    ///
    /// A group may be empty; then each request is refused.
    pub fn new<I, L>(deployments: I, strategy: St, stack: F) -> Self
    where
        I: IntoIterator<Item = Arc<Deployment>>,
        F: Fn(&Arc<Deployment>) -> L,
        St: Strategy,
    {
        Self {
            deployments: deployments.into_iter().collect(),
            strategy,
            stack,
            classifier: DefaultClassifier,
            eligible: Every,
        }
    }
}

impl<F, St, C, P> RouteLayer<F, St, C, P> {
    /// Replaces what says which outcomes count as slow. See
    /// [`Classify`](steeplechase_core::Classify).
    pub fn classifier<D>(self, classifier: D) -> RouteLayer<F, St, D, P> {
        RouteLayer {
            deployments: self.deployments,
            strategy: self.strategy,
            stack: self.stack,
            classifier,
            eligible: self.eligible,
        }
    }

    /// Replaces what says which deployments can take a request at all. See
    /// [`Eligible`](super::Eligible).
    pub fn eligible<Q>(self, eligible: Q) -> RouteLayer<F, St, C, Q> {
        RouteLayer {
            deployments: self.deployments,
            strategy: self.strategy,
            stack: self.stack,
            classifier: self.classifier,
            eligible,
        }
    }
}

impl<S, F, L, St, C, P> Layer<S> for RouteLayer<F, St, C, P>
where
    S: Clone,
    F: Fn(&Arc<Deployment>) -> L,
    L: Layer<S>,
    St: Clone,
    C: Clone,
    P: Clone,
{
    type Service = Route<L::Service, St, C, P>;

    fn layer(&self, inner: S) -> Self::Service {
        let services = self.deployments.iter();
        let services = services.map(|deployment| (self.stack)(deployment).layer(inner.clone()));
        Route::new(
            Arc::clone(&self.deployments),
            services.collect(),
            self.strategy.clone(),
            self.classifier.clone(),
            self.eligible.clone(),
        )
    }
}

impl<F, St: fmt::Debug, C, P> fmt::Debug for RouteLayer<F, St, C, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouteLayer")
            .field("deployments", &self.deployments)
            .field("strategy", &self.strategy)
            .finish_non_exhaustive()
    }
}
