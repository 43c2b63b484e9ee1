//! The service behind the socket.
//!
//! ```text
//!  request ──┬─► a model's endpoint ─► auth ─► headers ─► intake ─► the stack
//!            ├─► moderations ────────► auth ─► the same, or passed on to a provider
//!            ├─► files, batches, … ──► auth ─► passed on to a provider
//!            └─► anything else ──────► axum: models, counts of tokens, health, metrics
//!  a panic in any is that request's 500
//! ```

mod auth;
mod count_tokens;
pub(crate) mod counting;
mod headers;
mod models;
mod moderations;
mod pages;
mod passthrough;

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use metrics_exporter_prometheus::PrometheusHandle;
use pin_project_lite::pin_project;
use steeplechase::dialects::intake::{IntakeConfig, IntakeLayer, error_response, is_endpoint};
use steeplechase::preset::Stack;
use steeplechase::{BoxError, Class, Dialect, Error};
use tower::{Service, ServiceBuilder};
use tower_http::body::UnsyncBoxBody;
use tower_http::catch_panic::{CatchPanicLayer, ResponseForPanic};

pub use self::auth::{Auth, AuthFuture, AuthLayer, describe_metrics};
use self::count_tokens::CountTokens;
use self::counting::Counting;
use self::moderations::{Moderations, is_moderation};
use self::pages::Pages;
use self::passthrough::is_passed;
pub use self::passthrough::{PassBody, Passthrough};

/// What the service is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The layers.
    pub stack: Stack,
    /// The key that callers must show. Without one, everybody is served.
    pub master_key: Option<Arc<str>>,
    /// What renders the metrics. Without it, the page is empty.
    pub metrics: Option<PrometheusHandle>,
    /// How calls are taken in.
    pub intake: IntakeConfig,
    /// What passes on what belongs to a provider and to no model. Without it, that is not there.
    pub passthrough: Option<Passthrough>,
    /// The model for moderations that name none. Without it, they have to.
    pub moderation_model: Option<Arc<str>>,
}

/// The body of every response.
pub type AppBody = UnsyncBoxBody<Bytes, BoxError>;

/// Puts the service together.
pub fn app<B>(
    parts: Parts,
) -> impl Service<
    Request<B>,
    Response = Response<AppBody>,
    Error = Infallible,
    Future = impl Future<Output = Result<Response<AppBody>, Infallible>> + Send,
> + Clone
+ Send
+ Sync
+ 'static
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let auth = AuthLayer::new(parts.master_key.as_deref());
    let counting = Counting::new(parts.stack.clone());
    let pages = Pages {
        models: parts.stack.models().into(),
        metrics: parts.metrics,
        counting: counting.clone(),
    };
    let catch = CatchPanicLayer::custom(AfterPanic);
    let calls = ServiceBuilder::new()
        .map_response(headers::annotate)
        .layer(IntakeLayer::with(parts.intake))
        .map_request(headers::strip)
        .service(CountTokens::new(parts.stack, counting));
    let passed = parts.passthrough;
    let moderations = Moderations::new(calls.clone(), passed.clone(), parts.moderation_model);
    App {
        pages: ServiceBuilder::new()
            .layer(catch)
            .service(pages.router(&auth)),
        passed: passed.map(|passthrough| {
            ServiceBuilder::new()
                .layer(catch)
                .layer(auth.clone())
                .service(passthrough)
        }),
        moderations: ServiceBuilder::new()
            .layer(catch)
            .layer(auth.clone())
            .service(moderations),
        calls: ServiceBuilder::new()
            .layer(catch)
            .layer(auth)
            .service(calls),
    }
}

/// Sends calls one way and everything else another.
#[derive(Clone)]
struct App<C, M, F, P> {
    calls: C,
    moderations: M,
    passed: Option<F>,
    pages: P,
}

pin_project! {
    #[project = AppFutureProj]
    enum AppFuture<C, M, F, P> {
        Call { #[pin] future: C },
        Moderation { #[pin] future: M },
        Passed { #[pin] future: F },
        Page { #[pin] future: P },
    }
}

impl<C, M, F, P, B> Service<Request<B>> for App<C, M, F, P>
where
    C: Service<Request<B>, Response = Response<AppBody>, Error = Infallible>,
    M: Service<Request<B>, Response = Response<AppBody>, Error = Infallible>,
    F: Service<Request<B>, Response = Response<AppBody>, Error = Infallible>,
    P: Service<Request<B>, Response = Response<AppBody>, Error = Infallible>,
{
    type Response = Response<AppBody>;
    type Error = Infallible;
    type Future = AppFuture<C::Future, M::Future, F::Future, P::Future>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // All are always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let path = request.uri().path();
        if is_endpoint(path) && is_moderation(path) {
            return AppFuture::Moderation {
                future: self.moderations.call(request),
            };
        }
        if is_endpoint(path) {
            return AppFuture::Call {
                future: self.calls.call(request),
            };
        }
        if let Some(passed) = &mut self.passed
            && is_passed(path)
        {
            return AppFuture::Passed {
                future: passed.call(request),
            };
        }
        AppFuture::Page {
            future: self.pages.call(request),
        }
    }
}

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

impl<C, M, F, P> fmt::Debug for App<C, M, F, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

/// The response to a request whose handling panicked: it says nothing of why, the log does.
#[derive(Clone, Copy)]
struct AfterPanic;

impl ResponseForPanic for AfterPanic {
    type ResponseBody = Full<Bytes>;

    fn response_for_panic(
        &mut self,
        panic: Box<dyn std::any::Any + Send + 'static>,
    ) -> Response<Full<Bytes>> {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        tracing::error!(panic = text, "the handling of a request panicked");
        let error = Error::new(Class::Internal, "the gateway failed; the log says why");
        error_response(Dialect::OpenAi, &error).map(Full::new)
    }
}
