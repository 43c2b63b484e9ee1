use std::sync::Arc;

use steeplechase_core::{Call, Deployment, Dialect, Operation};
use tower::Layer;

use super::Split;
use crate::{bedrock, cohere, gemini};

/// Wraps a service that calls a deployment in [`Split`].
///
/// See the [module documentation](super) for what happens to a call.
#[derive(Clone, Debug)]
#[must_use]
pub struct SplitLayer {
    deployment: Arc<Deployment>,
}

impl SplitLayer {
    /// Creates a layer for the calls of a deployment.
    pub fn to(deployment: &Arc<Deployment>) -> Self {
        Self {
            deployment: Arc::clone(deployment),
        }
    }

    /// The most texts of a request for a call. `None` if nobody counts them.
    pub(super) fn most(&self, call: &Call) -> Option<usize> {
        if call.operation() != Operation::Embeddings {
            return None;
        }
        let upstream = self.deployment.upstream_model();
        let model = if upstream.contains('*') {
            call.model()
        } else {
            upstream
        };
        match self.deployment.dialect() {
            Dialect::Bedrock => bedrock::most_texts(model),
            Dialect::Cohere => Some(cohere::MOST_TEXTS),
            Dialect::Gemini => Some(gemini::most_texts(self.deployment.platform(), model)),
            _ => None,
        }
    }
}

impl<S> Layer<S> for SplitLayer {
    type Service = Split<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Split::new(inner, self.clone())
    }
}
