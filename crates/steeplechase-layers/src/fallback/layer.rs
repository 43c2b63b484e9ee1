use std::sync::Arc;

use bytes::Bytes;
use steeplechase_core::controls::Leg;
use steeplechase_core::{Call, Class, Error, Retry};
use tower::Layer;

use super::itinerary::Itinerary;
use super::plan::Plan;
use super::{Fallback, Fallbacks};

/// Wraps services in [`Fallback`].
///
/// See the [module documentation](super) for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct FallbackLayer {
    fallbacks: Arc<Fallbacks>,
    patch: Patch,
}

/// Makes of a call, and of a JSON object, the same call with these fields, for a model.
///
/// It is given the call as it came, whatever was asked before. If it fails then so does its leg, and the
/// next one is asked.
pub type Patch = fn(&Call, &Bytes, &Arc<str>) -> Result<Call, Error>;

impl FallbackLayer {
    /// Creates a layer with the given targets.
    pub fn new(fallbacks: Fallbacks) -> Self {
        Self {
            fallbacks: Arc::new(fallbacks),
            patch: cannot,
        }
    }

    /// Sets how the fields of a [`Leg`] replace those of a call, which is
    /// a matter of the call's dialect. Without it such a leg fails.
    pub const fn patch(mut self, patch: Patch) -> Self {
        self.patch = patch;
        self
    }

    /// Whom a call for `model` asks one after the other if each of them fails with an error of `class`, the
    /// model itself left out. It is a call that has the attempts for all of them, and says nothing of
    /// fallbacks.
    #[must_use]
    pub fn chain(&self, model: &str, class: Class) -> Vec<Leg> {
        let plan = Plan::new(Arc::clone(&self.fallbacks), None);
        let error = Error::new(class, "");
        let mut itinerary = Itinerary::from(&model.into());
        let next = || itinerary.next(&plan, &error).cloned();
        std::iter::from_fn(next).collect()
    }
}

impl Default for FallbackLayer {
    fn default() -> Self {
        Self::new(Fallbacks::default())
    }
}

fn cannot(_: &Call, _: &Bytes, _: &Arc<str>) -> Result<Call, Error> {
    let message = "a fallback cannot have fields of its own here; name its model only";
    Err(Error::new(Class::Unsupported, message)
        .with_param("fallbacks")
        .with_retry(Retry::OtherModel))
}

impl<S> Layer<S> for FallbackLayer {
    type Service = Fallback<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Fallback::new(inner, Arc::clone(&self.fallbacks), self.patch)
    }
}
