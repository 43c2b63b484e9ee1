use tower::Layer;

use super::{Fixed, Keepalive, KeepaliveConfig};

/// Wraps services in [`Keepalive`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct KeepaliveLayer<P = Fixed> {
    policy: P,
}

impl KeepaliveLayer {
    /// Creates a layer that sends nothing of its own.
    pub const fn off() -> Self {
        Self {
            policy: Fixed(None),
        }
    }

    /// Creates a layer with the given settings.
    pub const fn with(config: KeepaliveConfig) -> Self {
        Self {
            policy: Fixed(Some(config)),
        }
    }
}

impl<P> KeepaliveLayer<P> {
    /// Replaces what says when there are signs of life.
    pub fn policy<Q>(self, policy: Q) -> KeepaliveLayer<Q> {
        KeepaliveLayer { policy }
    }
}

impl<S, P: Clone> Layer<S> for KeepaliveLayer<P> {
    type Service = Keepalive<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        Keepalive::new(inner, self.policy.clone())
    }
}
