use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase::BoxError;
use steeplechase::dialects::intake::is_endpoint;
use tower::Service;

use super::moderations::is_moderation;
use super::passthrough::is_passed;
use super::{AppBody, Parts};

/// Sends calls one way and everything else another.
pub(super) struct App<C, M, F, P> {
    pub(super) calls: C,
    pub(super) moderations: M,
    pub(super) passed: Option<F>,
    pub(super) pages: P,
}

/// Sends each request to the [`App`] that is in place when it comes.
///
/// A request sees one configuration, from its key to its answer. Cloning it clones a handle.
pub(super) struct Live<A>(Arc<ArcSwap<A>>);

/// Puts other parts in place of those that a service is made of, for all of its clones. Requests that have
/// begun end as they would have.
#[derive(Clone)]
pub struct Replace(Arc<dyn Fn(Parts) + Send + Sync>);

pin_project! {
    #[project = AppFutureProj]
    pub(super) enum AppFuture<C, M, F, P> {
        Call { #[pin] future: C },
        Moderation { #[pin] future: M },
        Passed { #[pin] future: F },
        Page { #[pin] future: P },
    }
}

// ===== impl App =====

impl<C, M, F, P> App<C, M, F, P> {
    /// All of the services are always ready, so each request is sent on a clone at once.
    fn send<B>(&self, request: Request<B>) -> AppFuture<C::Future, M::Future, F::Future, P::Future>
    where
        C: Service<Request<B>> + Clone,
        M: Service<Request<B>> + Clone,
        F: Service<Request<B>> + Clone,
        P: Service<Request<B>> + Clone,
    {
        let path = request.uri().path();
        if is_endpoint(path) && is_moderation(path) {
            return AppFuture::Moderation {
                future: self.moderations.clone().call(request),
            };
        }
        if is_endpoint(path) {
            return AppFuture::Call {
                future: self.calls.clone().call(request),
            };
        }
        if let Some(passed) = &self.passed
            && is_passed(path)
        {
            return AppFuture::Passed {
                future: passed.clone().call(request),
            };
        }
        AppFuture::Page {
            future: self.pages.clone().call(request),
        }
    }
}

// ===== impl Live =====

impl<A> Live<A> {
    pub(super) fn new(app: A) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(app)))
    }

    /// What puts another in place, which `build` makes.
    pub(super) fn replace(&self, build: impl Fn(Parts) -> A + Send + Sync + 'static) -> Replace
    where
        A: Send + Sync + 'static,
    {
        let current = Arc::clone(&self.0);
        Replace(Arc::new(move |parts| current.store(Arc::new(build(parts)))))
    }
}

impl<A> Clone for Live<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C, M, F, P, B> Service<Request<B>> for Live<App<C, M, F, P>>
where
    C: Service<Request<B>, Response = Response<AppBody>, Error = Infallible> + Clone,
    M: Service<Request<B>, Response = Response<AppBody>, Error = Infallible> + Clone,
    F: Service<Request<B>, Response = Response<AppBody>, Error = Infallible> + Clone,
    P: Service<Request<B>, Response = Response<AppBody>, Error = Infallible> + Clone,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Response = Response<AppBody>;
    type Error = Infallible;
    type Future = AppFuture<C::Future, M::Future, F::Future, P::Future>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.0.load().send(request)
    }
}

impl<A> fmt::Debug for Live<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}

// ===== impl Replace =====

impl Replace {
    /// Puts `parts` in place.
    pub fn with(&self, parts: Parts) {
        (self.0)(parts);
    }
}

impl fmt::Debug for Replace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replace").finish_non_exhaustive()
    }
}

// ===== impl AppFuture =====

impl<C, M, F, P> Future for AppFuture<C, M, F, P>
where
    C: Future,
    M: Future<Output = C::Output>,
    F: Future<Output = C::Output>,
    P: Future<Output = C::Output>,
{
    type Output = C::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<C::Output> {
        match self.project() {
            AppFutureProj::Call { future } => future.poll(cx),
            AppFutureProj::Moderation { future } => future.poll(cx),
            AppFutureProj::Passed { future } => future.poll(cx),
            AppFutureProj::Page { future } => future.poll(cx),
        }
    }
}
