use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use steeplechase_core::{Attempts, Classify, DefaultClassifier};
use tower::Service;

use super::contest::Contest;
use super::metrics::Metrics;
use super::starter::Starter;
use super::{Lanes, ResponseFuture, Start, Width};

/// Runs a request in several lanes at once and answers with the first to succeed.
///
/// See the [module documentation](super) for what happens to a request, and for an example.
///
/// # Requirements on the inner service
///
/// It must be [`Clone`], as each lane but the first is run on a clone of its own. Its error type is
/// passed through unchanged, as this layer has no way to fail by itself.
#[derive(Clone, Debug)]
#[must_use]
pub struct Race<S, L = Width, C = DefaultClassifier> {
    inner: S,
    lanes: L,
    classifier: C,
    metrics: Arc<Metrics>,
}

impl<S, L, C> Race<S, L, C> {
    /// Wraps `inner`.
    pub fn new(inner: S, lanes: L, classifier: C) -> Self {
        Self {
            inner,
            lanes,
            classifier,
            metrics: Arc::new(Metrics::new()),
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

impl<S, L, C, ReqBody, ResBody> Service<Request<ReqBody>> for Race<S, L, C>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    L: Lanes<ReqBody>,
    C: Classify<ResBody, S::Error> + Clone,
    ReqBody: Clone,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S, C, ReqBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // This makes ready the service of the first lane. The others get ready in their own time.
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (first, starter) = match self.lanes.start(request) {
            Start::Single(request) | Start::Copies(request, 0 | 1) => {
                return ResponseFuture::alone(self.inner.call(request));
            }
            Start::Copies(mut request, width) => {
                let attempts = Attempts::of(request.extensions_mut());
                let service = self.inner.clone();
                let starter = Starter::copies(service, attempts, request.clone(), width);
                (request, starter)
            }
            Start::Variants(mut first, others) => {
                let attempts = Attempts::of(first.extensions_mut());
                let starter = Starter::variants(self.inner.clone(), attempts, others);
                (first, starter)
            }
        };
        let (classifier, metrics) = (self.classifier.clone(), Arc::clone(&self.metrics));
        let contest = Contest::new(starter, classifier, metrics);
        ResponseFuture::new(self.inner.call(first), contest)
    }
}
