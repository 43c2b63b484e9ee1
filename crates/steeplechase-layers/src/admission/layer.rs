use std::sync::Arc;

use tower::Layer;

use super::{Admission, AdmissionConfig};

/// Wraps services in [`Admission`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct AdmissionLayer {
    config: Option<AdmissionConfig>,
    name: Option<Arc<str>>,
}

impl AdmissionLayer {
    /// Lets everybody in.
    pub const fn off() -> Self {
        Self {
            config: None,
            name: None,
        }
    }

    /// Lets in as many as the settings say, over each service that it wraps and its clones.
    pub const fn with(config: AdmissionConfig) -> Self {
        Self {
            config: Some(config),
            name: None,
        }
    }

    /// Names the queue in the metrics: the label `queue`, which is `all` without a name.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }
}

impl<S> Layer<S> for AdmissionLayer {
    type Service = Admission<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Admission::new(inner, self.config, self.name.as_deref())
    }
}
