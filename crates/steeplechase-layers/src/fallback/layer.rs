use std::sync::Arc;

use tower::Layer;

use super::{Fallback, Fallbacks};

/// Wraps services in [`Fallback`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct FallbackLayer {
    fallbacks: Arc<Fallbacks>,
}

impl FallbackLayer {
    /// Creates a layer with the given targets.
    pub fn new(fallbacks: Fallbacks) -> Self {
        Self {
            fallbacks: Arc::new(fallbacks),
        }
    }
}

impl<S> Layer<S> for FallbackLayer {
    type Service = Fallback<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Fallback::new(inner, Arc::clone(&self.fallbacks))
    }
}
