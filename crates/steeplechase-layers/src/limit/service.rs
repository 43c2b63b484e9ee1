use std::sync::Arc;
use std::task::{Context, Poll};

use http::Response;
use http_body::Body;
use steeplechase_core::deployment::Permit;
use steeplechase_core::{BoxError, Error, Limits};
use tower::Service;

use super::ResponseFuture;
use crate::body::{Hold, Watched};

/// Lets no more requests run at a time than it has permits for.
///
/// See the [module documentation](super) for an example. Clones share the permits.
#[derive(Clone, Debug)]
#[must_use]
pub struct Limit<S> {
    inner: S,
    limits: Arc<Limits>,
}

impl<S> Limit<S> {
    /// Wraps `inner`, with permits from `limits`.
    pub const fn new(inner: S, limits: Arc<Limits>) -> Self {
        Self { inner, limits }
    }

    /// Where the permits come from.
    pub const fn limits(&self) -> &Arc<Limits> {
        &self.limits
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

impl<S, R, ResBody> Service<R> for Limit<S>
where
    S: Service<R, Response = Response<ResBody>>,
    S::Error: Into<BoxError>,
    ResBody: Body,
{
    type Response = Response<Watched<ResBody, Hold<Permit>>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner
            .poll_ready(cx)
            .map_err(|error| Error::from(error.into()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        match self.limits.try_acquire() {
            Some(permit) => ResponseFuture::admitted(self.inner.call(request), permit),
            None => ResponseFuture::refused(),
        }
    }
}
