use std::sync::Arc;

use steeplechase_core::Deployment;
use tower::Layer;

use super::Translate;
use super::target::Target;

/// Wraps HTTP clients in [`Translate`], for one deployment.
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct TranslateLayer {
    target: Arc<Target>,
}

impl TranslateLayer {
    /// Creates a layer that speaks to a deployment.
    ///
    /// What is wrong with the deployment's settings, such as a base URL without a host, fails each
    /// call with an error that says what.
    pub fn to(deployment: &Arc<Deployment>) -> Self {
        Self {
            target: Arc::new(Target::new(deployment)),
        }
    }
}

impl<S> Layer<S> for TranslateLayer {
    type Service = Translate<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Translate::new(inner, Arc::clone(&self.target))
    }
}
