use std::mem;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use steeplechase_core::{Call, Chunk, Error};
use tower::Service;

use super::cut::cut;
use super::{ResponseFuture, SplitBody, SplitLayer};

/// Cuts calls for vectors into as many as the deployment needs.
///
/// See the [module documentation](super) for what happens to a call.
#[derive(Clone, Debug)]
#[must_use]
pub struct Split<S> {
    inner: S,
    layer: SplitLayer,
}

impl<S> Split<S> {
    pub(super) const fn new(inner: S, layer: SplitLayer) -> Self {
        Self { inner, layer }
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

impl<S, B> Service<Request<Call>> for Split<S>
where
    S: Service<Request<Call>, Response = Response<B>, Error = Error> + Clone,
    B: Body<Data = Chunk, Error = Error>,
{
    type Response = Response<SplitBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Call>) -> Self::Future {
        let call = request.body();
        let parts = self.layer.most(call).and_then(|most| cut(call, most));
        let Some(parts) = parts else {
            return ResponseFuture::whole(self.inner.call(request));
        };
        // The one that is ready has the first part, and clones of it the others.
        let clone = self.inner.clone();
        let ready = mem::replace(&mut self.inner, clone.clone());
        ResponseFuture::parts(ready, clone, request, parts)
    }
}
