use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use steeplechase_core::attempts::Leave;
use steeplechase_core::{Attempts, Call, Error};
use tower::Service;

use super::future::Spare;
use super::plan::Plan;
use super::{Fallbacks, Patch, ResponseFuture};
use crate::body::{Hold, Watched};

/// Asks for another model when the one asked for does not answer.
///
/// See the [module documentation](super) for when that is, and for an example.
///
/// # Requirements on the inner service
///
/// It must be [`Clone`], as each leg after the first is sent on a clone of its own.
#[derive(Clone, Debug)]
#[must_use]
pub struct Fallback<S> {
    inner: S,
    fallbacks: Arc<Fallbacks>,
    patch: Patch,
}

impl<S> Fallback<S> {
    /// Wraps `inner`. See [`FallbackLayer::patch`](super::FallbackLayer::patch) for `patch`.
    pub const fn new(inner: S, fallbacks: Arc<Fallbacks>, patch: Patch) -> Self {
        Self {
            inner,
            fallbacks,
            patch,
        }
    }

    /// Gets a reference to the inner service.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Gets a mutable reference to the inner service.
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Consumes `self`, returning the inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, B> Service<Request<Call>> for Fallback<S>
where
    S: Service<Request<Call>, Response = Response<B>, Error = Error> + Clone,
    B: Body,
{
    type Response = Response<Watched<B, Hold<Option<Leave>>>>;
    type Error = Error;
    type Future = ResponseFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        // This makes ready the service that the first leg is sent on. The clone of a later leg gets
        // ready in its own time: most calls need no second leg.
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Call>) -> Self::Future {
        let attempts = Attempts::of(request.extensions_mut());
        let controls = attempts.controls();
        let fail_first = controls.as_ref().and_then(|controls| controls.fail_first);
        let plan = Plan::new(Arc::clone(&self.fallbacks), controls);
        let spare = plan.held_for(request.body().model()).map(|held| {
            attempts.begin_leg(held);
            Spare::new(self.inner.clone(), request.clone(), plan, self.patch)
        });
        match fail_first {
            None => ResponseFuture::new(self.inner.call(request), attempts, spare),
            Some(class) => {
                let error = Error::new(class, "the call asks for its first model to fail");
                ResponseFuture::refused(error, attempts, spare)
            }
        }
    }
}
