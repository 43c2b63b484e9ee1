//! Errors in OpenAI's form.

use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

use crate::refusal::Refusal;

/// The body of an error answer.
pub(crate) fn error_body(refusal: &Refusal) -> Bytes {
    let (kind, code) = match refusal.status.as_u16() {
        400 | 405 | 409 | 413 | 422 => ("invalid_request_error", None),
        401 => ("invalid_request_error", Some("invalid_api_key")),
        402 => ("insufficient_quota", Some("insufficient_quota")),
        403 => ("invalid_request_error", Some("model_access_denied")),
        404 => ("invalid_request_error", Some("model_not_found")),
        408 | 504 => ("timeout", None),
        429 => ("requests", Some("rate_limit_exceeded")),
        503 | 529 => ("server_error", Some("slow_down")),
        _ => ("server_error", Some("server_error")),
    };
    let body = json!({
        "error": {
            "message": refusal.message,
            "type": kind,
            "param": refusal.param,
            "code": refusal.code.or(code),
        },
    });
    body.to_string().into()
}

/// The event with which a stream reports an error. Nothing follows it.
pub(crate) fn error_event(code: &str) -> Bytes {
    let kind = match code {
        "rate_limit_exceeded" => "requests",
        "insufficient_quota" => "insufficient_quota",
        "context_length_exceeded" | "content_filter" | "invalid_prompt" => "invalid_request_error",
        _ => "server_error",
    };
    let message = "The server had an error while processing the request.";
    let error = json!({"message": message, "type": kind, "param": null, "code": code});
    format!("data: {}\n\n", json!({ "error": error })).into()
}

/// What a proxy on the way answers, in place of the provider.
pub(crate) fn html(status: StatusCode) -> Bytes {
    let reason = status.canonical_reason().unwrap_or("Error");
    let title = format!("{} {reason}", status.as_u16());
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
         <center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
    .into()
}
