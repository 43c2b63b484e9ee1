use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use steeplechase_core::{Attempts, BoxError, Carries, Error};
use tower::Service;

use super::{CommitConfig, Replay, ResponseFuture};

/// Answers when the first content is there.
///
/// See the [module documentation](super) for what happens to a response, and for an example.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Commit<S> {
    inner: S,
    config: CommitConfig,
}

impl<S> Commit<S> {
    /// Wraps `inner`.
    pub const fn new(inner: S, config: CommitConfig) -> Self {
        Self { inner, config }
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

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Commit<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    S::Error: Into<BoxError>,
    ResBody: Body + Unpin,
    ResBody::Data: Carries,
    ResBody::Error: Into<BoxError>,
{
    type Response = Response<Replay<ResBody>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner
            .poll_ready(cx)
            .map_err(|error| Error::from(error.into()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let attempts = Attempts::get(request.extensions()).cloned();
        ResponseFuture::new(self.inner.call(request), self.config, attempts)
    }
}
