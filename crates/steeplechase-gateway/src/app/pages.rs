use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use metrics_exporter_prometheus::PrometheusHandle;
use steeplechase::dialects::intake::{error_response, nothing_here};
use steeplechase::{Class, Dialect, Error};

use super::AuthLayer;
use super::counting::Counting;
use super::models::ModelList;
use crate::decisions::Decisions;

/// What the pages show.
#[derive(Clone, Debug)]
pub(super) struct Pages {
    pub(super) models: Arc<[Arc<str>]>,
    pub(super) metrics: Option<PrometheusHandle>,
    pub(super) counting: Counting,
    pub(super) decisions: Option<Decisions>,
}

impl Pages {
    pub(super) fn router(self, auth: &AuthLayer) -> Router {
        let models = ModelList::new(self.models);
        let one = models.clone();
        let models = move |headers: HeaderMap| {
            std::future::ready(json(StatusCode::OK, models.all(&headers)))
        };
        let (metrics, counting) = (self.metrics, self.counting);
        let decisions = self.decisions.as_ref().map(Decisions::router);
        let count = move |request| counting.clone().answer(request);
        let keyed = Router::new()
            .route("/v1/models", get(models.clone()))
            .route("/models", get(models))
            .route(
                "/v1/models/{*model}",
                get(
                    move |axum::extract::Path(model): axum::extract::Path<String>,
                          headers: HeaderMap| {
                        std::future::ready(show(&one, &model, &headers))
                    },
                ),
            )
            .route("/utils/token_counter", post(count).fallback(only_post))
            .merge(decisions.unwrap_or_default())
            .layer(auth.clone());
        Router::new()
            .merge(keyed)
            .route("/health/liveliness", get(alive))
            .route("/health/liveness", get(alive))
            .route("/health/readiness", get(ready))
            .route(
                "/metrics",
                get(move || std::future::ready(render(metrics.as_ref()))),
            )
            .fallback(nothing)
            .method_not_allowed_fallback(other_method)
    }
}

fn show(models: &ModelList, id: &str, headers: &HeaderMap) -> Response {
    if let Some(model) = models.one(id, headers) {
        return json(StatusCode::OK, model);
    }
    let error = Error::new(Class::InvalidRequest, "there is no such model")
        .with_status(StatusCode::NOT_FOUND)
        .with_code("model_not_found");
    let dialect = ModelList::dialect(headers);
    error_response(dialect, &error).map(axum::body::Body::from)
}

async fn alive() -> Response {
    json(StatusCode::OK, Bytes::from_static(b"\"I'm alive!\""))
}

async fn ready() -> Response {
    json(
        StatusCode::OK,
        Bytes::from_static(br#"{"status":"healthy"}"#),
    )
}

fn render(metrics: Option<&PrometheusHandle>) -> Response {
    let text = metrics.map(PrometheusHandle::render).unwrap_or_default();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

async fn nothing() -> Response {
    refuse(&nothing_here())
}

/// The pages are only read. `HEAD` is `GET` without the body.
async fn other_method() -> Response {
    not_allowed("only GET is possible at this path", "GET, HEAD")
}

async fn only_post() -> Response {
    not_allowed("only POST is possible at this path", "POST")
}

fn not_allowed(message: &'static str, allowed: &'static str) -> Response {
    let error = Error::new(Class::InvalidRequest, message)
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
        .with_code("method_not_allowed");
    let mut response = refuse(&error);
    let allowed = HeaderValue::from_static(allowed);
    response.headers_mut().insert(ALLOW, allowed);
    response
}

fn refuse(error: &Error) -> Response {
    error_response(Dialect::OpenAi, error).map(axum::body::Body::from)
}

fn json(status: StatusCode, body: Bytes) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}
