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
mod fell_back;
mod headers;
mod live;
mod models;
mod moderations;
mod pages;
mod passthrough;

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, Request, Response};
use http_body::Body;
use http_body_util::Full;
use metrics_exporter_prometheus::PrometheusHandle;
use steeplechase::dialects::intake::{IntakeConfig, IntakeLayer, error_response};
use steeplechase::preset::Stack;
use steeplechase::{BoxError, Class, Dialect, Error};
use tower::{Service, ServiceBuilder};
use tower_http::body::UnsyncBoxBody;
use tower_http::catch_panic::{CatchPanicLayer, ResponseForPanic};

pub use self::auth::{Auth, AuthFuture, AuthLayer, describe_metrics};
use self::count_tokens::CountTokens;
use self::counting::Counting;
pub use self::live::Replace;
use self::live::{App, Live};
use self::moderations::Moderations;
use self::pages::Pages;
pub use self::passthrough::{PassBody, Passthrough};
use crate::decisions::{Decisions, RecordLayer};

/// What the service is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The layers.
    pub stack: Stack,
    /// The key that callers must show. Without one, everybody is served.
    pub master_key: Option<Arc<str>>,
    /// The only header that it is shown in. Without it, all that SDKs have for it.
    pub key_header: Option<HeaderName>,
    /// What renders the metrics. Without it, the page is empty.
    pub metrics: Option<PrometheusHandle>,
    /// How calls are taken in.
    pub intake: IntakeConfig,
    /// What passes on what belongs to a provider and to no model. Without it, that is not there.
    pub passthrough: Option<Passthrough>,
    /// Where it is recorded why calls are served as they are. Without it, nothing is.
    pub decisions: Option<Decisions>,
    /// The model for moderations that name none. Without it, they have to.
    pub moderation_model: Option<Arc<str>>,
}

/// The body of every response.
pub type AppBody = UnsyncBoxBody<Bytes, BoxError>;

/// A service that answers requests.
pub trait Answers<B>:
    Service<Request<B>, Response = Response<AppBody>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + Sync
    + 'static
{
}

/// Puts the service together.
pub fn app<B>(parts: Parts) -> impl Answers<B>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    replaceable(parts).0
}

/// Puts the service together, and says how other parts are put in place of these while it serves.
pub fn replaceable<B>(parts: Parts) -> (impl Answers<B>, Replace)
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let live = Live::new(build(parts));
    let replace = live.replace(build);
    (live, replace)
}

fn build<B>(parts: Parts) -> App<impl Answers<B>, impl Answers<B>, impl Answers<B>, impl Answers<B>>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let auth = AuthLayer::new(parts.master_key.as_deref()).header(parts.key_header);
    let counting = Counting::new(parts.stack.clone());
    let pages = Pages {
        models: parts.stack.models().into(),
        metrics: parts.metrics,
        counting: counting.clone(),
        decisions: parts.decisions.clone(),
    };
    let catch = CatchPanicLayer::custom(AfterPanic);
    let calls = ServiceBuilder::new()
        .map_response(headers::annotate)
        .layer(RecordLayer(parts.decisions))
        .layer(IntakeLayer::with(parts.intake))
        .map_request(|request| {
            Decisions::ask(&request);
            headers::strip(request)
        })
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

impl<S, B> Answers<B> for S where
    S: Service<Request<B>, Response = Response<AppBody>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
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
