use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use steeplechase_core::{Attempts, Call, Chunk, Error};
use tower::Service;

use super::body::Spare;
use super::{Continued, ResponseFuture, Splice};

/// Goes on with a streamed answer that has broken off, by another attempt.
///
/// See the [module documentation](super) for when, and for an example.
///
/// # Requirements on the inner service
///
/// It must be [`Clone`], as the attempt for the rest is sent on a clone of its own.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Continuation<S, P> {
    inner: S,
    splice: P,
}

impl<S, P> Continuation<S, P> {
    /// Wraps `inner`.
    pub const fn new(inner: S, splice: P) -> Self {
        Self { inner, splice }
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

impl<S, P, B> Service<Request<Call>> for Continuation<S, P>
where
    S: Service<Request<Call>, Response = Response<B>, Error = Error> + Clone,
    P: Splice,
    B: Body<Data = Chunk, Error = Error>,
{
    type Response = Response<Continued<S, B, P::Seam>>;
    type Error = Error;
    type Future = ResponseFuture<S, P::Seam>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Call>) -> Self::Future {
        let spare = self.splice.watch(request.body()).map(|seam| {
            let attempts = Attempts::of(request.extensions_mut());
            let service = self.inner.clone();
            Box::new(Spare::new(service, request.clone(), attempts, seam))
        });
        ResponseFuture::new(self.inner.call(request), spare)
    }
}
