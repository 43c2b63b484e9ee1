use std::sync::Arc;

use steeplechase_core::{DefaultClassifier, Health};
use tower::Layer;

use super::gate::Gate;
use super::{Cooldown, CooldownConfig};

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
    classifier: C,
}

impl CooldownLayer {
    /// Creates a layer with the defaults.
    pub fn new() -> Self {
        Self::with(CooldownConfig::new())
    }

    /// Creates a layer with the given settings.
    pub fn with(config: CooldownConfig) -> Self {
        Self {
            config,
            health: None,
            name: Arc::from(""),
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

    /// Replaces what says what an outcome means.
    ///
    /// It is asked about heads and errors. A body that fails goes by its error, as
    /// [`DefaultClassifier`] sees it.
    pub fn classifier<D>(self, classifier: D) -> CooldownLayer<D> {
        CooldownLayer {
            config: self.config,
            health: self.health,
            name: self.name,
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
        let gate = Gate::new(self.config, health, Arc::clone(&self.name));
        Cooldown::new(inner, gate, self.config.is_off(), self.classifier.clone())
    }
}
