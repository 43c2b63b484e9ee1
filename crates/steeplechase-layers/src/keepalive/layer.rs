use tower::Layer;

use super::{Keepalive, KeepaliveConfig};

/// Wraps services in [`Keepalive`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct KeepaliveLayer {
    config: Option<KeepaliveConfig>,
}

impl KeepaliveLayer {
    /// Creates a layer that sends nothing of its own.
    pub const fn off() -> Self {
        Self { config: None }
    }

    /// Creates a layer with the given settings.
    pub const fn with(config: KeepaliveConfig) -> Self {
        Self {
            config: Some(config),
        }
    }
}

impl<S> Layer<S> for KeepaliveLayer {
    type Service = Keepalive<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Keepalive::new(inner, self.config.clone())
    }
}
