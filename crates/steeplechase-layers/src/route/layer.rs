use std::fmt;
use std::sync::Arc;

use steeplechase_core::{DefaultClassifier, Deployment};
use tower::Layer;

use super::{Every, Route, Strategy, Undescribed};

/// Turns one client into a [`Route`] over a group of deployments.
///
/// See the [module documentation](super) for an example.
#[derive(Clone)]
#[must_use]
pub struct RouteLayer<F, St, C = DefaultClassifier, P = Every, D = Undescribed> {
    deployments: Arc<[Arc<Deployment>]>,
    strategy: St,
    stack: F,
    classifier: C,
    eligible: P,
    describe: D,
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
            describe: Undescribed,
        }
    }
}

impl<F, St, C, P, D> RouteLayer<F, St, C, P, D> {
    /// Replaces what says which outcomes count as slow. See
    /// [`Classify`](steeplechase_core::Classify).
    pub fn classifier<E>(self, classifier: E) -> RouteLayer<F, St, E, P, D> {
        RouteLayer {
            deployments: self.deployments,
            strategy: self.strategy,
            stack: self.stack,
            classifier,
            eligible: self.eligible,
            describe: self.describe,
        }
    }

    /// Replaces what says which deployments can take a request at all. See
    /// [`Eligible`](super::Eligible).
    pub fn eligible<Q>(self, eligible: Q) -> RouteLayer<F, St, C, Q, D> {
        RouteLayer {
            deployments: self.deployments,
            strategy: self.strategy,
            stack: self.stack,
            classifier: self.classifier,
            eligible,
            describe: self.describe,
        }
    }

    /// Replaces what tells a strategy about a request. See [`Describe`](super::Describe).
    pub fn describe<E>(self, describe: E) -> RouteLayer<F, St, C, P, E> {
        RouteLayer {
            deployments: self.deployments,
            strategy: self.strategy,
            stack: self.stack,
            classifier: self.classifier,
            eligible: self.eligible,
            describe,
        }
    }
}

impl<S, F, L, St, C, P, D> Layer<S> for RouteLayer<F, St, C, P, D>
where
    S: Clone,
    F: Fn(&Arc<Deployment>) -> L,
    L: Layer<S>,
    St: Strategy + Clone,
    C: Clone,
    P: Clone,
    D: Clone,
{
    type Service = Route<L::Service, St, C, P, D>;

    fn layer(&self, inner: S) -> Self::Service {
        let services = self.deployments.iter();
        let services = services.map(|deployment| (self.stack)(deployment).layer(inner.clone()));
        Route::new(
            Arc::clone(&self.deployments),
            services.collect(),
            self.strategy.clone(),
            self.classifier.clone(),
            self.eligible.clone(),
            self.describe.clone(),
        )
    }
}

impl<F, St: fmt::Debug, C, P, D> fmt::Debug for RouteLayer<F, St, C, P, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouteLayer")
            .field("deployments", &self.deployments)
            .field("strategy", &self.strategy)
            .finish_non_exhaustive()
    }
}
