//! What OpenAI has: addresses and errors.

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use serde_json::{Value, json};

use super::{Form, moderations, whole};
use crate::dialect::{Asked, Dialect, ErrorAnswer};
use crate::draw::Draw;
use crate::plan::Frames;
use crate::refusal::{Refusal, Why};
use crate::route::Endpoint;

/// OpenAI's dialect.
#[derive(Debug)]
pub(crate) struct OpenAi;

/// Its addresses.
static ENDPOINTS: [Endpoint; 5] = [
    Endpoint::model(&OpenAi, "chat/completions", chat),
    Endpoint::model(&OpenAi, "completions", completions),
    Endpoint::model(&OpenAi, "embeddings", embeddings),
    Endpoint::post(&OpenAi, "moderations", moderations::moderations),
    Endpoint::get(&OpenAi, "models", whole::models),
];

fn chat(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    super::chat(asked, &Form::openai(asked.sim))
}

fn completions(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    super::completions(asked, &Form::openai(asked.sim))
}

fn embeddings(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    super::embeddings(asked, &Form::openai(asked.sim))
}

impl Dialect for OpenAi {
    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn claims(&self, _parts: &Parts) -> bool {
        true
    }

    fn refusal(&self, why: &Why) -> Refusal {
        match why {
            Why::ContextTooLong => why
                .usual()
                .param("messages")
                .code("context_length_exceeded"),
            _ => why.usual(),
        }
    }

    fn error(&self, refusal: &Refusal, _draw: &Draw) -> ErrorAnswer {
        error_body(refusal).to_string().into()
    }

    fn error_event(&self, code: &str, _sent: &[u8]) -> Bytes {
        let message = "The server had an error while processing the request.";
        let error = json!({"message": message, "type": kind(code), "param": null, "code": code});
        format!("data: {}\n\n", json!({ "error": error })).into()
    }
}

/// The body of an error answer.
pub(crate) fn error_body(refusal: &Refusal) -> Value {
    let (kind, code) = usual(refusal.status);
    json!({
        "error": {
            "message": refusal.message,
            "type": kind,
            "param": refusal.param,
            "code": refusal.code.or(code),
        },
    })
}

fn usual(status: StatusCode) -> (&'static str, Option<&'static str>) {
    match status.as_u16() {
        400 | 405 | 409 | 413 | 422 => ("invalid_request_error", None),
        401 => ("invalid_request_error", Some("invalid_api_key")),
        402 => ("insufficient_quota", Some("insufficient_quota")),
        403 => ("invalid_request_error", Some("model_access_denied")),
        404 => ("invalid_request_error", Some("model_not_found")),
        408 | 504 => ("timeout", None),
        429 => ("requests", Some("rate_limit_exceeded")),
        503 | 529 => ("server_error", Some("slow_down")),
        _ => ("server_error", Some("server_error")),
    }
}

/// The type of the error that a stream reports with this code.
fn kind(code: &str) -> &'static str {
    match code {
        "rate_limit_exceeded" => "requests",
        "insufficient_quota" => "insufficient_quota",
        "context_length_exceeded" | "content_filter" | "invalid_prompt" => "invalid_request_error",
        _ => "server_error",
    }
}
