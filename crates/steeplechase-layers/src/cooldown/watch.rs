use std::fmt;

use http::Response;
use steeplechase_core::{Classify, DefaultClassifier};

use super::attempt::Attempt;
use crate::body::Watch;

/// Watches the body of an answer, and tells the breaker if it fails.
pub struct Witness(Option<Attempt>);

impl Witness {
    /// `None` if there is nobody to tell.
    pub(super) fn new(attempt: Option<Attempt>) -> Self {
        Self(attempt)
    }
}

impl<D, E: 'static> Watch<D, E> for Witness {
    fn on_end(&mut self, result: Result<(), &E>) {
        if let (Err(error), Some(attempt)) = (result, &mut self.0) {
            attempt.record(&DefaultClassifier.classify(Err::<&Response<()>, _>(error)));
        }
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness").finish_non_exhaustive()
    }
}
