use std::task::{Context, Poll};

use http::{Request, Response};
use steeplechase_core::{Attempts, Classify, DefaultClassifier};
use tower::Service;

use super::future::{Rules, Spare};
use super::{ResponseFuture, RetryConfig};

/// Tries again when an attempt has failed in a way that another attempt may not.
///
/// See the [module documentation](super) for what happens to a request, and for an example.
///
/// # Requirements on the inner service
///
/// It must be [`Clone`], as each retry is sent on a clone of its own, and so must be the body of the
/// request. Its error type is passed through unchanged, as this layer has no way to fail by itself.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Retry<S, C = DefaultClassifier> {
    inner: S,
    config: RetryConfig,
    classifier: C,
}

impl<S, C> Retry<S, C> {
    /// Wraps `inner`.
    pub const fn new(inner: S, config: RetryConfig, classifier: C) -> Self {
        Self {
            inner,
            config,
            classifier,
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

impl<S, C, ReqBody, ResBody> Service<Request<ReqBody>> for Retry<S, C>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    C: Classify<ResBody, S::Error> + Clone,
    ReqBody: Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S, C, ReqBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // This makes ready the service that the first attempt is sent on. A retry's clone gets ready
        // in its own time: most requests need none.
        self.inner.poll_ready(cx)
    }

    /// Calls the inner service, and makes the request's [`Attempts`] if there are none.
    ///
    /// # Panics
    ///
    /// The future panics if it has to wait outside the context of a Tokio runtime with time enabled.
    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let rules = Rules {
            // Before the request is cloned, as its clones are to share them.
            attempts: Attempts::of(request.extensions_mut()),
            config: self.config,
            classifier: self.classifier.clone(),
        };
        let is_asked_for = || {
            let controls = rules.attempts.controls();
            controls.is_some_and(|call| call.num_retries > Some(0))
        };
        let may_retry = self.config.may_retry() || is_asked_for();
        let spare = may_retry.then(|| Spare {
            service: self.inner.clone(),
            request: request.clone(),
        });
        ResponseFuture::new(self.inner.call(request), spare, rules)
    }
}
