use tower::Layer;

use super::{Intake, IntakeConfig};

/// Wraps services in [`Intake`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct IntakeLayer {
    config: IntakeConfig,
}

impl IntakeLayer {
    /// Creates a layer with the default settings.
    pub const fn new() -> Self {
        Self::with(IntakeConfig::new())
    }

    /// Creates a layer with the given settings.
    pub const fn with(config: IntakeConfig) -> Self {
        Self { config }
    }
}

impl<S> Layer<S> for IntakeLayer {
    type Service = Intake<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Intake::new(inner, self.config.clone())
    }
}
