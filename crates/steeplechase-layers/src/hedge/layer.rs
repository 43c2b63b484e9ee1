use std::sync::Arc;
use std::time::Duration;

use steeplechase_core::{DefaultClassifier, Deployment};
use tower::Layer;

use super::pool::Pool;
use super::shared::Shared;
use super::{AnyRequest, Delay, Hedge, HedgeConfig};

/// Wraps services in [`Hedge`].
///
/// Each service that it wraps learns its own delay and has its own budget; the clones of one share
/// both. See the [module documentation](super) for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct HedgeLayer<P = AnyRequest, C = DefaultClassifier> {
    config: HedgeConfig,
    group: Option<Arc<str>>,
    pool: Option<Pool>,
    policy: P,
    classifier: C,
}

impl HedgeLayer {
    /// Hedges when the primary takes longer than most do.
    pub const fn auto() -> Self {
        Self::with(HedgeConfig::new(Delay::Auto))
    }

    /// Hedges when the primary takes longer than `delay`.
    pub const fn after(delay: Duration) -> Self {
        Self::with(HedgeConfig::new(Delay::Fixed(delay)))
    }

    /// Does not hedge: requests go straight through, and are not cloned, unless one of them asks for it.
    pub const fn off() -> Self {
        Self::with(HedgeConfig::new(Delay::Off))
    }

    /// Creates a layer with the given settings.
    pub const fn with(config: HedgeConfig) -> Self {
        Self {
            config,
            group: None,
            pool: None,
            policy: AnyRequest,
            classifier: DefaultClassifier,
        }
    }
}

impl<P, C> HedgeLayer<P, C> {
    /// Replaces the [`Policy`](super::Policy).
    pub fn policy<Q>(self, policy: Q) -> HedgeLayer<Q, C> {
        HedgeLayer {
            config: self.config,
            group: self.group,
            pool: self.pool,
            policy,
            classifier: self.classifier,
        }
    }

    /// Replaces what says which outcome is a success, see
    /// [`Classify`](steeplechase_core::Classify).
    pub fn classifier<D>(self, classifier: D) -> HedgeLayer<P, D> {
        HedgeLayer {
            config: self.config,
            group: self.group,
            pool: self.pool,
            policy: self.policy,
            classifier,
        }
    }

    /// Names the group of deployments that is hedged, for the metrics: they get a label `group`.
    pub fn group(mut self, name: impl Into<Arc<str>>) -> Self {
        self.group = Some(name.into());
        self
    }

    /// Says among which deployments a router inside picks: [`Delay::Auto`] goes by how quick the quickest of
    /// them are, and while all of them are down there are no hedges.
    pub fn pool(mut self, deployments: impl IntoIterator<Item = Arc<Deployment>>) -> Self {
        self.pool = Some(Pool::new(deployments));
        self
    }
}

impl<S, P: Clone, C: Clone> Layer<S> for HedgeLayer<P, C> {
    type Service = Hedge<S, P, C>;

    fn layer(&self, inner: S) -> Self::Service {
        let (policy, classifier) = (self.policy.clone(), self.classifier.clone());
        let pool = self.pool.clone().unwrap_or_default();
        let shared = Shared::new(self.config, self.group.clone(), pool);
        Hedge::new(inner, shared, policy, classifier)
    }
}
