use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use steeplechase::dialects::intake::error_response;
use steeplechase::{Class, Dialect, Error};

use super::AuthLayer;
use super::counting::Counting;

/// A model, as OpenAI lists it.
#[derive(Serialize)]
struct Model<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    owned_by: &'static str,
}

#[derive(Serialize)]
struct List<'a> {
    object: &'static str,
    data: Vec<Model<'a>>,
}

/// What the pages show.
#[derive(Clone, Debug)]
pub(super) struct Pages {
    pub(super) models: Arc<[Arc<str>]>,
    pub(super) metrics: Option<PrometheusHandle>,
    pub(super) counting: Counting,
}

impl Pages {
    pub(super) fn router(self, auth: &AuthLayer) -> Router {
        let models: Bytes = self.list().into();
        let one = self.models;
        let models = move || std::future::ready(json(StatusCode::OK, models.clone()));
        let (metrics, counting) = (self.metrics, self.counting);
        let count = move |request| counting.clone().answer(request);
        let keyed = Router::new()
            .route("/v1/models", get(models.clone()))
            .route("/models", get(models))
            .route(
                "/v1/models/{*model}",
                get(
                    move |axum::extract::Path(model): axum::extract::Path<String>| {
                        std::future::ready(show(&one, &model))
                    },
                ),
            )
            .route("/utils/token_counter", post(count).fallback(only_post))
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

    fn list(&self) -> Vec<u8> {
        let data = self.models.iter().map(|id| model(id)).collect();
        let list = List {
            object: "list",
            data,
        };
        serde_json::to_vec(&list).expect("texts and numbers can be written as JSON")
    }
}

fn model(id: &str) -> Model<'_> {
    Model {
        id,
        object: "model",
        // Nobody knows when; LiteLLM says so too.
        created: 1_677_610_602,
        owned_by: "openai",
    }
}

fn show(models: &[Arc<str>], id: &str) -> Response {
    if models.iter().any(|known| &**known == id) {
        let model = serde_json::to_vec(&model(id)).expect("texts can be written as JSON");
        return json(StatusCode::OK, model.into());
    }
    let error = Error::new(Class::InvalidRequest, "there is no such model")
        .with_status(StatusCode::NOT_FOUND)
        .with_code("model_not_found");
    refuse(&error)
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
    let message =
        "there is nothing at this path; calls go to /v1/chat/completions or /v1/embeddings";
    let error = Error::new(Class::InvalidRequest, message)
        .with_status(StatusCode::NOT_FOUND)
        .with_code("unknown_url");
    refuse(&error)
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
