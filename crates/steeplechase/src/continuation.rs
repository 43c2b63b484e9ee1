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
pub struct CanContinue<P>(pub P);

/// Which deployments can take a call, where some may be for the rest of an answer.
pub(crate) fn continuable(
    own: impl Eligible<Call> + Send + Sync + 'static,
    continues: bool,
) -> Arc<dyn Eligible<Call> + Send + Sync> {
    if continues {
        Arc::new(CanContinue(own))
    } else {
        Arc::new(own)
    }
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

impl<P: Eligible<Call>> Eligible<Call> for CanContinue<P> {
    fn may_exclude(&self, request: &Request<Call>) -> bool {
        request.extensions().get::<Continues>().is_some() || self.0.may_exclude(request)
    }

    fn is_eligible(&self, request: &Request<Call>, deployment: &Deployment) -> bool {
        let continues = request.extensions().get::<Continues>().is_some();
        (!continues || can_continue(deployment)) && self.0.is_eligible(request, deployment)
    }

    fn refusal(&self, request: &Request<Call>, deployments: &[Arc<Deployment>]) -> Error {
        if request.extensions().get::<Continues>().is_some() {
            let message = "no deployment of the model can go on with the answer";
            return Error::new(Class::Unavailable, message);
        }
        self.0.refusal(request, deployments)
    }
}
