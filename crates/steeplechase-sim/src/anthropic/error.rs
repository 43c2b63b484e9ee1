//! Errors in Anthropic's form.

use bytes::Bytes;
use serde_json::json;

use crate::refusal::Refusal;

/// The body of an error answer.
pub(crate) fn error_body(refusal: &Refusal, request_id: &str) -> Bytes {
    let kind = match refusal.status.as_u16() {
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
    };
    let error = json!({"type": kind, "message": refusal.message});
    let body = json!({"type": "error", "error": error, "request_id": request_id});
    body.to_string().into()
}

/// The event with which a stream reports an error. Nothing follows it.
pub(crate) fn error_event(code: &str) -> Bytes {
    let message = if code == "overloaded_error" {
        "Overloaded"
    } else {
        "Internal server error"
    };
    let error = json!({"type": "error", "error": {"type": code, "message": message}});
    format!("event: error\ndata: {error}\n\n").into()
}
