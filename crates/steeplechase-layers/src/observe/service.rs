use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use steeplechase_core::attempts::Kind;
use steeplechase_core::{Attempts, Carries, Deployment, Error};
use tower::Service;

use super::recording::Shared;
use super::spending::estimate;
use super::{AsReported, Policy, Recorder, ResponseFuture};
use crate::body::Watched;

/// Records what became of each attempt.
///
/// See the [module documentation](super) for what is recorded, and for an example.
#[derive(Clone)]
#[must_use]
pub struct Observe<S, P = AsReported> {
    inner: S,
    shared: Arc<Shared>,
    policy: P,
}

impl<S, P> Observe<S, P> {
    pub(super) fn new(inner: S, shared: Shared, policy: P) -> Self {
        Self {
            inner,
            shared: Arc::new(shared),
            policy,
        }
    }

    /// The deployment whose attempts these are.
    pub fn deployment(&self) -> &Arc<Deployment> {
        &self.shared.deployment
    }

    /// Gets a reference to the inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Gets a mutable reference to the inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Consumes `self`, returning the inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, P, ReqBody, ResBody> Service<Request<ReqBody>> for Observe<S, P>
where
    P: Policy<ReqBody>,
    S: Service<Request<ReqBody>, Response = Response<ResBody>, Error = Error>,
    ResBody: Body<Error = Error>,
    ResBody::Data: Carries,
{
    type Response = Response<Watched<ResBody, Recorder>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let attempts = Attempts::of(request.extensions_mut());
        let prompt = self.policy.prompt(&request);
        let kind = request.extensions().get().copied().unwrap_or(Kind::First);
        let claims = self.shared.spending.as_ref().map(|spending| {
            let output = || self.policy.max_output(&request);
            let deployment = &self.shared.deployment;
            spending.claim(&attempts, || estimate(deployment, prompt, output()))
        });
        let mut recorder = Recorder::start(Arc::clone(&self.shared), attempts, kind, prompt);
        recorder.claims = claims.unwrap_or_default();
        recorder.goes_on = self.policy.goes_on(&request);
        ResponseFuture::new(self.inner.call(request), recorder)
    }
}

impl<S: fmt::Debug, P> fmt::Debug for Observe<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observe")
            .field("inner", &self.inner)
            .field("deployment", &self.shared.deployment.id())
            .finish_non_exhaustive()
    }
}
