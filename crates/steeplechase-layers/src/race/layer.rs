use steeplechase_core::DefaultClassifier;
use tower::Layer;

use super::{Race, Width};

/// Wraps services in [`Race`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct RaceLayer<L = Width, C = DefaultClassifier> {
    lanes: L,
    classifier: C,
}

impl RaceLayer {
    /// Runs every request in `width` lanes. With 1, or 0, there is no race.
    pub const fn new(width: u8) -> Self {
        Self {
            lanes: Width(width),
            classifier: DefaultClassifier,
        }
    }
}

impl<L, C> RaceLayer<L, C> {
    /// Replaces what decides about the lanes, see [`Lanes`](super::Lanes).
    pub fn policy<M>(self, lanes: M) -> RaceLayer<M, C> {
        RaceLayer {
            lanes,
            classifier: self.classifier,
        }
    }

    /// Replaces what says which outcome is a success, see
    /// [`Classify`](steeplechase_core::Classify).
    pub fn classifier<D>(self, classifier: D) -> RaceLayer<L, D> {
        RaceLayer {
            lanes: self.lanes,
            classifier,
        }
    }
}

impl<S, L: Clone, C: Clone> Layer<S> for RaceLayer<L, C> {
    type Service = Race<S, L, C>;

    fn layer(&self, inner: S) -> Self::Service {
        Race::new(inner, self.lanes.clone(), self.classifier.clone())
    }
}
