use tower::Layer;

use super::Continuation;

/// Wraps services in [`Continuation`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct ContinuationLayer<P> {
    splice: P,
}

impl<P> ContinuationLayer<P> {
    /// Creates a layer for answers that `splice` knows to join.
    pub const fn new(splice: P) -> Self {
        Self { splice }
    }
}

impl<S, P: Clone> Layer<S> for ContinuationLayer<P> {
    type Service = Continuation<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        Continuation::new(inner, self.splice.clone())
    }
}
