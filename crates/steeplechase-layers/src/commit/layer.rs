use tower::Layer;

use super::{Commit, CommitConfig, CommitOn};

/// Wraps services in [`Commit`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct CommitLayer {
    config: CommitConfig,
}

impl CommitLayer {
    /// Commits on the first frame with content.
    pub const fn first_content() -> Self {
        Self::with(CommitConfig::new(CommitOn::Content))
    }

    /// Commits on the head, which is what services do without this layer.
    pub const fn head() -> Self {
        Self::with(CommitConfig::new(CommitOn::Head))
    }

    /// Commits on the first frame that has a byte.
    pub const fn first_byte() -> Self {
        Self::with(CommitConfig::new(CommitOn::FirstByte))
    }

    /// Commits on the end of the answer.
    pub const fn complete() -> Self {
        Self::with(CommitConfig::new(CommitOn::Complete))
    }

    /// Creates a layer with the given settings.
    pub const fn with(config: CommitConfig) -> Self {
        Self { config }
    }
}

impl<S> Layer<S> for CommitLayer {
    type Service = Commit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Commit::new(inner, self.config)
    }
}
