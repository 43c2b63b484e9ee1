use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use steeplechase_core::{Attempts, BoxError, Error};
use tower::Service;

use super::queue::{Entry, Queue};
use super::{AdmissionConfig, Place, ResponseFuture};
use crate::body::{Hold, Watched};

/// Lets calls wait in line when as many are in progress as may be.
///
/// See the [module documentation](super) for who is next, and for an example. Clones share the line.
///
/// # Requirements on the inner service
///
/// It must be [`Clone`], as a call that had to wait is sent on a clone of its own.
#[derive(Clone, Debug)]
#[must_use]
pub struct Admission<S> {
    inner: S,
    /// `None` if everybody is let in.
    queue: Option<Arc<Queue>>,
}

impl<S> Admission<S> {
    /// Wraps `inner`. Without settings everybody is let in.
    pub fn new(inner: S, config: Option<AdmissionConfig>, name: Option<&str>) -> Self {
        Self {
            inner,
            queue: config.map(|config| Arc::new(Queue::new(config, name))),
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

    #[cfg(test)]
    pub(super) fn counts(&self) -> (u32, usize) {
        self.queue.as_ref().map_or((0, 0), |queue| queue.counts())
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Admission<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    S::Error: Into<BoxError>,
    ResBody: Body,
{
    type Response = Response<Watched<ResBody, Hold<Option<Place>>>>;
    type Error = Error;
    type Future = ResponseFuture<S, ReqBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner
            .poll_ready(cx)
            .map_err(|error| Error::from(error.into()))
    }

    /// # Panics
    ///
    /// Panics if the call has to wait, outside the context of a Tokio runtime with time enabled.
    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let Some(queue) = &self.queue else {
            return ResponseFuture::admitted(self.inner.call(request), None);
        };
        let extensions = request.extensions();
        match queue.enter(Attempts::get(extensions), extensions.get()) {
            Entry::Admitted(place) => {
                ResponseFuture::admitted(self.inner.call(request), Some(place))
            }
            Entry::Waits {
                ticket,
                until,
                is_deadline,
            } => {
                let next = (self.inner.clone(), request);
                ResponseFuture::waits(ticket, until, is_deadline, next)
            }
            Entry::Refused(error) => ResponseFuture::refused(error),
        }
    }
}
