use std::sync::Arc;
use std::task::{Context, Poll};

use http::Response;
use http_body::Body;
use steeplechase_core::deployment::Need;
use steeplechase_core::{BoxError, Carries, Error, Limits};
use tower::Service;

use super::{Meter, Policy, ResponseFuture, Unmeasured};
use crate::body::Watched;

/// Lets no more requests run, at a time, in a minute and in a day, than there may be.
///
/// See the [module documentation](super) for an example. Clones share the limits.
#[derive(Clone, Debug)]
#[must_use]
pub struct Limit<S, P = Unmeasured> {
    inner: S,
    limits: Arc<Limits>,
    policy: P,
}

impl<S, P> Limit<S, P> {
    /// Wraps `inner`, with permits from `limits`, for as many tokens as `policy` says.
    pub const fn new(inner: S, limits: Arc<Limits>, policy: P) -> Self {
        Self {
            inner,
            limits,
            policy,
        }
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

impl<S, P, R, ResBody> Service<R> for Limit<S, P>
where
    P: Policy<R>,
    S: Service<R, Response = Response<ResBody>>,
    S::Error: Into<BoxError>,
    ResBody: Body,
    ResBody::Data: Carries,
{
    type Response = Response<Watched<ResBody, Meter>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner
            .poll_ready(cx)
            .map_err(|error| Error::from(error.into()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        let need = self.limits.counts_tokens();
        let need = need.then(|| self.policy.need(&request));
        match self.limits.try_reserve(need.unwrap_or(Need::NONE)) {
            Ok(permit) => {
                let meter = Meter::new(permit, need);
                ResponseFuture::admitted(self.inner.call(request), meter)
            }
            Err(full) => ResponseFuture::refused(full),
        }
    }
}
