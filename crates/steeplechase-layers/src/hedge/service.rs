use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use steeplechase_core::{Attempts, Classify, DefaultClassifier};
use tower::Service;

use super::backup::Plan;
use super::shared::Shared;
use super::{AnyRequest, Delay, Policy, ResponseFuture};

/// Sends a second copy of a slow request and answers with the first copy to succeed.
///
/// See the [module documentation](super) for what happens to a request, and for an example.
///
/// # Requirements on the inner service
///
/// It must be [`Clone`], as each hedge is sent on a clone of its own. Its error type is passed through
/// unchanged, as this layer has no way to fail by itself.
#[derive(Clone, Debug)]
#[must_use]
pub struct Hedge<S, P = AnyRequest, C = DefaultClassifier> {
    inner: S,
    policy: P,
    classifier: C,
    shared: Arc<Shared>,
}

impl<S, P, C> Hedge<S, P, C> {
    pub(super) fn new(inner: S, shared: Shared, policy: P, classifier: C) -> Self {
        Self {
            inner,
            policy,
            classifier,
            shared: Arc::new(shared),
        }
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

impl<S, P, C, ReqBody, ResBody> Service<Request<ReqBody>> for Hedge<S, P, C>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    P: Policy<ReqBody>,
    C: Classify<ResBody, S::Error> + Clone,
    ReqBody: Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S, C, ReqBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // This makes ready the service that the primary is sent on. The hedge's clone gets ready in
        // its own time: holding capacity for a request that will most likely not be sent would take
        // it from one that will.
        self.inner.poll_ready(cx)
    }

    /// # Panics
    ///
    /// Unless the request is not to be hedged, panics outside the context of a Tokio runtime with time enabled.
    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        // Only a request that somebody has looked at before can have a wish of its own.
        let controls = Attempts::get(request.extensions()).and_then(Attempts::controls);
        let delay = self.shared.delay(controls.and_then(|wish| wish.hedge));
        if delay == Delay::Off {
            return ResponseFuture::alone(self.inner.call(request), self.classifier.clone());
        }

        let attempts = Attempts::of(request.extensions_mut());
        let spare = self
            .policy
            .may_hedge(&request)
            .then(|| (self.inner.clone(), request.clone()));
        let size = spare.as_ref().and_then(|_| self.policy.size(&request));
        let (mut due, stopwatch) = self.shared.start(delay);
        let primary = self.inner.call(request);
        // A router has picked by now. Whoever is to find out whether a deployment works again does not pay for
        // that by waiting.
        let is_probe = attempts.is_probing();
        if is_probe {
            due = self.shared.for_probe(due);
        }

        let plan = Plan {
            shared: Arc::clone(&self.shared),
            attempts,
            spare,
            size,
            is_timed: stopwatch.is_some(),
            is_free: is_probe,
            scarce_at: due.scarce_at,
            was_denied: false,
        };
        ResponseFuture::new(primary, stopwatch, due.at, plan, self.classifier.clone())
    }
}
