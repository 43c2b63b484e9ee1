use std::sync::Arc;

use http::Request;
use steeplechase_core::model_info::Ability;
use steeplechase_core::{Call, Chunk, Class, Deployment, Error};
use steeplechase_dialects::continuation as dialects;
use steeplechase_layers::continuation::{Continues, Seam, Splice};
use steeplechase_layers::route::Eligible;

/// Joins the parts of an answer as [`steeplechase_dialects::continuation`] does.
///
/// It is for a [`ContinuationLayer`](steeplechase_layers::continuation::ContinuationLayer) of a stack of your
/// own, together with [`CanContinue`]. [`Preset::continuation`](crate::preset::Preset::continuation) has both.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Joined;

/// What [`Joined`] knows of one answer.
#[derive(Debug)]
pub struct JoinedSeam(dialects::Seam);

/// Gives calls for the rest of an answer to deployments whose model goes on from where the assistant's message
/// ends, see [`Ability::Prefill`], and all calls to those that `P` says can take them.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct CanContinue<P> {
    inner: P,
    is_watched: bool,
}

/// Whether a deployment's model is known to go on from where the assistant's message ends.
pub(crate) fn can_continue(deployment: &Deployment) -> bool {
    deployment.model_info().abilities.get(Ability::Prefill) == Some(true)
}

// ===== impl Joined =====

impl Splice for Joined {
    type Seam = JoinedSeam;

    fn watch(&self, call: &Call) -> Option<JoinedSeam> {
        dialects::Seam::watch(call).map(JoinedSeam)
    }
}

// ===== impl JoinedSeam =====

impl Seam for JoinedSeam {
    fn hear(&mut self, chunk: &Chunk) -> bool {
        self.0.hear(chunk)
    }

    fn call(&mut self, call: &Call) -> Option<Call> {
        self.0.call(call)
    }

    fn mark(&self, model: &str) -> Option<Chunk> {
        Some(self.0.mark(model))
    }

    fn join(&mut self, chunk: Chunk) -> Result<Option<Chunk>, Error> {
        self.0.join(chunk)
    }
}

// ===== impl CanContinue =====

impl<P> CanContinue<P> {
    /// Besides what `inner` says.
    pub const fn of(inner: P) -> Self {
        Self {
            inner,
            is_watched: true,
        }
    }

    /// Sets whether there are such calls at all.
    pub const fn watched(mut self, is_watched: bool) -> Self {
        self.is_watched = is_watched;
        self
    }

    fn continues(&self, request: &Request<Call>) -> bool {
        self.is_watched && request.extensions().get::<Continues>().is_some()
    }
}

impl<P: Eligible<Call>> Eligible<Call> for CanContinue<P> {
    fn may_exclude(&self, request: &Request<Call>) -> bool {
        self.continues(request) || self.inner.may_exclude(request)
    }

    fn is_eligible(&self, request: &Request<Call>, deployment: &Deployment) -> bool {
        (!self.continues(request) || can_continue(deployment))
            && self.inner.is_eligible(request, deployment)
    }

    fn excluded_by(&self, request: &Request<Call>, deployment: &Deployment) -> &'static str {
        if self.continues(request) && !can_continue(deployment) {
            return "continuation";
        }
        self.inner.excluded_by(request, deployment)
    }

    fn refusal(&self, request: &Request<Call>, deployments: &[Arc<Deployment>]) -> Error {
        if self.continues(request) {
            let message = "no deployment of the model can go on with the answer";
            return Error::new(Class::Unavailable, message);
        }
        self.inner.refusal(request, deployments)
    }
}
