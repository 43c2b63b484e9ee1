use steeplechase_core::DefaultClassifier;
use tower::Layer;

use super::{Retry, RetryConfig};

/// Wraps services in [`Retry`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct RetryLayer<C = DefaultClassifier> {
    config: RetryConfig,
    classifier: C,
}

impl RetryLayer {
    /// Creates a layer with the default settings and the default classifier.
    pub const fn new() -> Self {
        Self::with(RetryConfig::new())
    }

    /// Creates a layer with the given settings and the default classifier.
    pub const fn with(config: RetryConfig) -> Self {
        Self {
            config,
            classifier: DefaultClassifier,
        }
    }
}

impl<C> RetryLayer<C> {
    /// Replaces the [`Classify`](steeplechase_core::Classify).
    pub fn classifier<D>(self, classifier: D) -> RetryLayer<D> {
        RetryLayer {
            config: self.config,
            classifier,
        }
    }
}

impl<S, C: Clone> Layer<S> for RetryLayer<C> {
    type Service = Retry<S, C>;

    fn layer(&self, inner: S) -> Self::Service {
        Retry::new(inner, self.config, self.classifier.clone())
    }
}
