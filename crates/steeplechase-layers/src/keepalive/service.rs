use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use steeplechase_core::{Call, Chunk, Error};
use tower::Service;

use super::{Fixed, KeepaliveBody, Policy, ResponseFuture};

/// Gives a caller who waits for a stream a sign of life.
///
/// See the [module documentation](super) for what happens to a call, and for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct Keepalive<S, P = Fixed> {
    inner: S,
    policy: P,
}

impl<S, P> Keepalive<S, P> {
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

impl<S, P, B> Service<Request<Call>> for Keepalive<S, P>
where
    P: Policy<Call>,
    S: Service<Request<Call>, Response = Response<B>, Error = Error>,
    B: Body<Data = Chunk, Error = Error>,
{
    type Response = Response<KeepaliveBody<S::Future, B>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    /// # Panics
    ///
    /// Panics outside the context of a Tokio runtime with time enabled, if the call is streamed and
    /// the layer is on.
    fn call(&mut self, request: Request<Call>) -> Self::Future {
        let is_stream = request.body().head().stream;
        let config = is_stream.then(|| self.policy.keepalive(&request)).flatten();
        let inner = self.inner.call(request);
        match config {
            Some(config) => ResponseFuture::waiting(inner, config),
            None => ResponseFuture::direct(inner),
        }
    }
}
