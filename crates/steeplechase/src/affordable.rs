use std::sync::Arc;

use http::Request;
use steeplechase_core::{Call, Class, Deployment, Error};
use steeplechase_layers::hedge::CostBound;
use steeplechase_layers::route::Eligible;

/// Keeps hedges away from deployments at which they would cost too much, see [`CostBound`], and leaves the rest to
/// what `P` says.
///
/// It is for a [`RouteLayer`](steeplechase_layers::route::RouteLayer) of a stack of your own, below a
/// [`HedgeLayer`](steeplechase_layers::hedge::HedgeLayer) with a pool. The preset has it.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct Affordable<P> {
    inner: P,
}

// ===== impl Affordable =====

impl<P> Affordable<P> {
    /// Besides what `inner` says.
    pub const fn of(inner: P) -> Self {
        Self { inner }
    }
}

fn is_affordable(request: &Request<Call>, deployment: &Deployment) -> bool {
    let bound = request.extensions().get::<CostBound>();
    bound.is_none_or(|bound| bound.allows(deployment))
}

impl<P: Eligible<Call>> Eligible<Call> for Affordable<P> {
    fn may_exclude(&self, request: &Request<Call>) -> bool {
        self.inner.may_exclude(request) || request.extensions().get::<CostBound>().is_some()
    }

    fn is_eligible(&self, request: &Request<Call>, deployment: &Deployment) -> bool {
        is_affordable(request, deployment) && self.inner.is_eligible(request, deployment)
    }

    fn excluded_by(&self, request: &Request<Call>, deployment: &Deployment) -> &'static str {
        if is_affordable(request, deployment) {
            self.inner.excluded_by(request, deployment)
        } else {
            "cost"
        }
    }

    fn refusal(&self, request: &Request<Call>, deployments: &[Arc<Deployment>]) -> Error {
        if deployments.iter().any(|it| is_affordable(request, it)) {
            return self.inner.refusal(request, deployments);
        }
        let message = "a second copy of the call would cost too much elsewhere";
        Error::new(Class::Unavailable, message)
    }
}
