//! What Anthropic has: addresses, errors, and headers.

use bytes::Bytes;
use http::StatusCode;
use http::header::HeaderName;
use http::request::Parts;
use serde_json::json;

use super::Host;
use crate::dialect::{Asked, Dialect, ErrorAnswer};
use crate::draw::Draw;
use crate::plan::Frames;
use crate::refusal::{Refusal, Why};
use crate::route::Endpoint;

/// Anthropic's dialect.
#[derive(Debug)]
pub(crate) struct Anthropic;

/// Its addresses.
static ENDPOINTS: [Endpoint; 2] = [
    Endpoint::model(&Anthropic, "messages", messages),
    Endpoint::post(&Anthropic, "messages/count_tokens", count_tokens),
];

fn messages(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    super::messages(asked, &Host::own())
}

fn count_tokens(asked: &Asked<'_>) -> Result<Frames, Refusal> {
    super::count_tokens(asked, &Host::own())
}

impl Dialect for Anthropic {
    fn endpoints(&self) -> &'static [Endpoint] {
        &ENDPOINTS
    }

    fn claims(&self, parts: &Parts) -> bool {
        parts.headers.contains_key("anthropic-version")
    }

    fn check_head(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        if asked.parts.headers.contains_key("anthropic-version") {
            Ok(())
        } else {
            Err(Refusal::bad("anthropic-version: header is required"))
        }
    }

    fn refusal(&self, why: &Why) -> Refusal {
        match why {
            Why::Overloaded => Why::code(529).usual(),
            Why::ContextTooLong => Refusal::bad("prompt is too long: 9000 tokens > 4096 maximum"),
            Why::Blocked => Refusal::bad("Output blocked by content filtering policy"),
            _ => why.usual(),
        }
    }

    fn error(&self, refusal: &Refusal, draw: &Draw) -> ErrorAnswer {
        let error = json!({"type": kind(refusal.status), "message": refusal.message});
        let body = json!({"type": "error", "error": error, "request_id": draw.request_id()});
        body.to_string().into()
    }

    fn error_event(&self, code: &str, _sent: &[u8]) -> Bytes {
        let kind = match Why::event(code).usual().status {
            _ if code.ends_with("_error") && code != "server_error" => code,
            StatusCode::SERVICE_UNAVAILABLE => "overloaded_error",
            status => kind(status),
        };
        let message = if kind == "overloaded_error" {
            "Overloaded"
        } else {
            "Internal server error"
        };
        let error = json!({"type": "error", "error": {"type": kind, "message": message}});
        format!("event: error\ndata: {error}\n\n").into()
    }

    fn keepalive(&self) -> Option<&'static [u8]> {
        Some(b"event: ping\ndata: {\"type\":\"ping\"}\n\n")
    }

    fn request_id(&self, draw: &Draw) -> (HeaderName, String) {
        (HeaderName::from_static("request-id"), draw.request_id())
    }
}

/// The type of the error that goes with a status.
pub(crate) fn kind(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        409 => "conflict_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}
