use std::sync::Arc;

use steeplechase_core::{DefaultClassifier, Deployment, Health, Load};
use tokio::time::Instant;
use tower::Layer;

use super::gate::{Gate, Others};
use super::usual::Usual;
use super::{Cooldown, CooldownConfig, Peers, Provider};

/// Wraps services in [`Cooldown`].
///
/// Each service that it makes has a breaker of its own; the clones of a service share one.
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct CooldownLayer<C = DefaultClassifier> {
    config: CooldownConfig,
    health: Option<Arc<Health>>,
    name: Arc<str>,
    peers: Option<(Arc<Peers>, Arc<Load>)>,
    provider: Option<Arc<Provider>>,
    classifier: C,
}

impl CooldownLayer {
    /// Creates a layer with the defaults.
    pub fn new() -> Self {
        Self::with(CooldownConfig::new())
    }

    /// Creates a layer for a deployment: it publishes to its health and has its name, and what the
    /// deployment says for itself goes before the settings.
    pub fn of(deployment: &Deployment, config: CooldownConfig) -> Self {
        Self::with(config.of(deployment))
            .track(deployment.health())
            .name(Arc::clone(deployment.id_handle()))
    }

    /// Creates a layer with the given settings.
    pub fn with(config: CooldownConfig) -> Self {
        Self {
            config,
            health: None,
            name: Arc::from(""),
            peers: None,
            provider: None,
            classifier: DefaultClassifier,
        }
    }
}

impl<C> CooldownLayer<C> {
    /// Publishes to `health`, and goes by it: by default that of a deployment, for a router to read.
    /// Without this, each service has a health of its own.
    ///
    /// A service starts with the circuit that it finds there, so that a deployment that is out of order
    /// stays so when its stack is built anew.
    pub fn track(mut self, health: &Arc<Health>) -> Self {
        self.health = Some(Arc::clone(health));
        self
    }

    /// Sets the name of the deployment, for metrics and errors.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Lets its breaker know the others of the group, and how quick the deployment is: `load` is its own,
    /// and is among the peers.
    ///
    /// Without this nothing is slow, nothing that waits is stuck, and all of a group may be open.
    pub fn peers(mut self, peers: &Arc<Peers>, load: &Arc<Load>) -> Self {
        self.peers = Some((Arc::clone(peers), Arc::clone(load)));
        self
    }

    /// Tells the breaker of the provider when that of the deployment opens, and goes by it if the health
    /// that is [tracked](Self::track) depends on it.
    pub fn provider<'a>(mut self, provider: impl Into<Option<&'a Arc<Provider>>>) -> Self {
        self.provider = provider.into().map(Arc::clone);
        self
    }

    /// Replaces what says what an outcome means.
    ///
    /// It is asked about heads and errors. A body that fails goes by its error, as
    /// [`DefaultClassifier`] sees it.
    pub fn classifier<D>(self, classifier: D) -> CooldownLayer<D> {
        CooldownLayer {
            config: self.config,
            health: self.health,
            name: self.name,
            peers: self.peers,
            provider: self.provider,
            classifier,
        }
    }
}

impl Default for CooldownLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S, C: Clone> Layer<S> for CooldownLayer<C> {
    type Service = Cooldown<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        let health = self.health.clone().unwrap_or_default();
        let others = Others {
            usual: self
                .peers
                .as_ref()
                .map(|(peers, load)| Usual::new(Arc::clone(peers), load, Instant::now())),
            provider: self.provider.clone(),
        };
        let gate = Gate::new(self.config, health, Arc::clone(&self.name), others);
        Cooldown::new(inner, gate, self.config.is_off(), self.classifier.clone())
    }
}
