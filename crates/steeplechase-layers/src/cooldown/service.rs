use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use steeplechase_core::{BoxError, Classify, DefaultClassifier, Error, Health};
use tower::Service;

use super::gate::Gate;
use super::{FailOpen, ResponseFuture, Witness};
use crate::body::Watched;

/// Sends no attempts where they are of no use.
///
/// See the [module documentation](super) for what is of use, and for an example.
#[derive(Clone, Debug)]
#[must_use]
pub struct Cooldown<S, C = DefaultClassifier> {
    inner: S,
    gate: Arc<Gate>,
    is_off: bool,
    classifier: C,
}

impl<S, C> Cooldown<S, C> {
    pub(super) fn new(inner: S, gate: Gate, is_off: bool, classifier: C) -> Self {
        Self {
            inner,
            gate: Arc::new(gate),
            is_off,
            classifier,
        }
    }

    /// What it publishes to.
    pub fn health(&self) -> &Arc<Health> {
        self.gate.health()
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

impl<S, C, ReqBody, ResBody> Service<Request<ReqBody>> for Cooldown<S, C>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    S::Error: Into<BoxError>,
    C: Classify<ResBody, S::Error> + Clone,
    ResBody: Body,
    ResBody::Error: 'static,
{
    type Response = Response<Watched<ResBody, Witness>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future, C>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        // Never refused here: what is not ready would be waited for, and should be gone around.
        self.inner
            .poll_ready(cx)
            .map_err(|error| Error::from(error.into()))
    }

    /// # Panics
    ///
    /// Panics if the attempt is a probe, outside the context of a Tokio runtime with time enabled.
    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let attempt = if self.is_off {
            None
        } else {
            let fails_open = request.extensions().get::<FailOpen>().is_some();
            match self.gate.admit(fails_open) {
                Ok(attempt) => Some(attempt),
                Err(error) => return ResponseFuture::refused(error),
            }
        };
        ResponseFuture::sent(self.inner.call(request), attempt, self.classifier.clone())
    }
}
