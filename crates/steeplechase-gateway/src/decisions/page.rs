use axum::Router;
use axum::body::Body;
use axum::extract::{Path, RawQuery};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use steeplechase::dialects::intake::error_response;
use steeplechase::{Class, Dialect, Error};

use super::{Decisions, id, record};

/// How many are listed if nobody says otherwise.
const LISTED: usize = 50;

/// The most that are listed.
const MOST: usize = 1_000;

// ===== impl Decisions =====

impl Decisions {
    /// The pages that show them.
    pub(crate) fn router(&self) -> Router {
        let (all, one) = (self.clone(), self.clone());
        let list = move |RawQuery(query)| std::future::ready(all.list(query.as_deref()));
        let show = move |Path(id): Path<String>| std::future::ready(one.show(&id));
        Router::new()
            .route("/v1/decisions", get(list))
            .route("/v1/decisions/{id}", get(show))
    }

    fn list(&self, query: Option<&str>) -> Response {
        let Some(limit) = limit(query.unwrap_or_default()) else {
            let message =
                format!("`limit` has to be a whole number; {MOST} are listed at the most");
            let error = Error::new(Class::InvalidRequest, message);
            return refuse(&error.with_param("limit"));
        };
        let latest = self.latest(limit);
        let data: Vec<Value> = latest.iter().map(|trace| record::summary(trace)).collect();
        answer(&json!({"object": "list", "data": data}))
    }

    fn show(&self, shown: &str) -> Response {
        let trace = id::parse(shown).and_then(|id| self.find(id));
        let Some(trace) = trace else {
            let message = format!(
                "there is no such decision; the latest {} are kept, of calls whose key was right",
                self.capacity()
            );
            let error = Error::new(Class::InvalidRequest, message)
                .with_status(StatusCode::NOT_FOUND)
                .with_code("decision_not_found");
            return refuse(&error);
        };
        answer(&record::whole(&trace))
    }
}

/// How many are to be listed. `None` if that is no number.
fn limit(query: &str) -> Option<usize> {
    let mut pairs = query.split('&');
    match pairs.find_map(|pair| pair.strip_prefix("limit=")) {
        None => Some(LISTED),
        Some(limit) => limit.parse().ok().map(|limit: usize| limit.min(MOST)),
    }
}

fn answer(value: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

fn refuse(error: &Error) -> Response {
    error_response(Dialect::OpenAi, error).map(Body::from)
}
