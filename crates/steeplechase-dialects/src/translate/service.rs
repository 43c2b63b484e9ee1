use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::Full;
use steeplechase_core::{Attempts, BoxError, Call, Error};
use tower::Service;

use super::target::{Message, Target};
use super::{Chunks, ResponseFuture};

/// Speaks to a deployment in its own dialect, through an HTTP client.
///
/// See the [module documentation](super) for what happens to a call, and for an example.
#[derive(Clone)]
#[must_use]
pub struct Translate<S> {
    inner: S,
    target: Arc<Target>,
}

impl<S> Translate<S> {
    pub(super) const fn new(inner: S, target: Arc<Target>) -> Self {
        Self { inner, target }
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

impl<S, B> Service<Request<Call>> for Translate<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Response = Response<Chunks<B>>;
    type Error = Error;
    type Future = ResponseFuture<S::Future, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner
            .poll_ready(cx)
            .map_err(|error| self.target.blame(Error::from(error.into())))
    }

    fn call(&mut self, request: Request<Call>) -> Self::Future {
        let (parts, call) = request.into_parts();
        let attempts = Attempts::get(&parts.extensions);
        let controls = attempts.and_then(Attempts::controls);
        let controls = controls.as_deref();
        let traced = attempts.filter(|it| it.trace().is_some()).cloned();
        if let Some(mocked) = self.target.mock(&call, controls) {
            return ResponseFuture::mocked(mocked);
        }
        let (message, plan) = match self.target.prepare(&call, &parts.headers, controls) {
            Ok(outgoing) => outgoing,
            Err(error) => return ResponseFuture::refused(self.target.blame(error)),
        };
        let Message { uri, headers, body } = message;
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        *request.extensions_mut() = parts.extensions;
        let target = Arc::clone(&self.target);
        ResponseFuture::new(self.inner.call(request), target, plan, traced)
    }
}

impl<S: fmt::Debug> fmt::Debug for Translate<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Translate")
            .field("inner", &self.inner)
            .field("target", &self.target)
            .finish()
    }
}
