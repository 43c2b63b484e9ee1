use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use steeplechase_core::{Attempts, BoxError, Carries, Error};
use tower::Service;

use super::future::Plan;
use super::{Fixed, Policy, ResponseFuture, TimeoutBody};

/// Limits how long each phase of an answer may take.
///
/// See the [module documentation](super) for what the phases are, and for an example.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Timeout<S, P = Fixed> {
    inner: S,
    policy: P,
}

impl<S, P> Timeout<S, P> {
    /// Wraps `inner`.
    pub const fn new(inner: S, policy: P) -> Self {
        Self { inner, policy }
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

impl<S, P, ReqBody, ResBody> Service<Request<ReqBody>> for Timeout<S, P>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    S::Error: Into<BoxError>,
    P: Policy<ReqBody>,
    ResBody: Body,
    ResBody::Data: Carries,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<TimeoutBody<ResBody>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner
            .poll_ready(cx)
            .map_err(|error| Error::from(error.into()))
    }

    /// Calls the inner service, unless the request's time is up already.
    ///
    /// # Panics
    ///
    /// Panics outside the context of a Tokio runtime with time enabled, if anything is limited.
    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let attempts = Attempts::get(request.extensions());
        let plan = Plan::new(self.policy.timeouts(&request), attempts);
        ResponseFuture::new(plan, || self.inner.call(request))
    }
}
