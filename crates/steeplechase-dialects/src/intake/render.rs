use bytes::{BufMut, Bytes, BytesMut};
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;
use steeplechase_core::{Class, Dialect, Error};

use super::anthropic;
use crate::responses::Trail;
use crate::sse;

/// OpenAI's body of an error. All four fields are always there.
#[derive(Serialize)]
struct OpenAiError<'a> {
    message: &'a str,
    r#type: &'static str,
    param: Option<&'a str>,
    code: Option<&'a str>,
}

#[derive(Serialize)]
struct OpenAiBody<'a> {
    error: OpenAiError<'a>,
}

/// The response with which a caller is told of a failure, in its dialect.
///
/// It says with `retry-after` when to come back, if that is known, and with `x-should-retry: false`
/// that there is no point in it: if all attempts were spent on the call, as an SDK above would multiply
/// them, and if a quota is used up.
pub fn error_response(dialect: Dialect, error: &Error) -> Response<Bytes> {
    let mut response = Response::new(body(dialect, error));
    *response.status_mut() = match dialect {
        Dialect::Anthropic => anthropic::status(error),
        _ => error.status(),
    };
    let headers = response.headers_mut();
    let id = anthropic::request_id(error).filter(|_| dialect == Dialect::Anthropic);
    if let Some(id) = id.and_then(|id| HeaderValue::from_str(id).ok()) {
        headers.insert("request-id", id);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if error.status() == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    if let Some(after) = error.retry_after() {
        // Rounded up: who comes back too early is refused again.
        let seconds = after.as_millis().div_ceil(1000);
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if error.is_final() || error.class() == Class::Quota {
        headers.insert("x-should-retry", HeaderValue::from_static("false"));
    }
    response
}

/// The event with which a stream ends that has failed after it began, in the caller's dialect.
pub fn error_event(dialect: Dialect, error: &Error) -> Bytes {
    failed_event(dialect, error, None)
}

/// The same, for a stream of which something is known.
pub(super) fn failed_event(dialect: Dialect, error: &Error, trail: Option<&Trail>) -> Bytes {
    if dialect == Dialect::Responses {
        let body = serde_json::to_value(openai_error(error)).unwrap_or_default();
        return trail.unwrap_or(&Trail::default()).failed(error, &body);
    }
    let mut out = BytesMut::new();
    let name = match dialect {
        Dialect::Anthropic => "error",
        _ => "",
    };
    sse::encode_event(name, &body(dialect, error), &mut out);
    out.freeze()
}

fn body(dialect: Dialect, error: &Error) -> Bytes {
    match dialect {
        Dialect::Anthropic => anthropic::body(error),
        _ => json(&OpenAiBody {
            error: openai_error(error),
        }),
    }
}

fn openai_error(error: &Error) -> OpenAiError<'_> {
    OpenAiError {
        message: error.message(),
        r#type: openai_type(error),
        param: error.param(),
        code: code(error),
    }
}

pub(super) fn json(body: &impl Serialize) -> Bytes {
    let mut out = BytesMut::new().writer();
    serde_json::to_writer(&mut out, body).expect("strings can be written to memory as JSON");
    out.into_inner().freeze()
}

fn openai_type(error: &Error) -> &'static str {
    match error.class() {
        // Nobody is free because all have asked to be left alone.
        Class::Unavailable if error.status() == StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        Class::ContentPolicy
        | Class::ContextWindow
        | Class::InvalidRequest
        | Class::TooLarge
        | Class::Unsupported => "invalid_request_error",
        Class::Unauthenticated => "authentication_error",
        Class::NotFound => "not_found_error",
        Class::Quota => "insufficient_quota",
        Class::RateLimited => "rate_limit_error",
        Class::Overloaded | Class::Unavailable => "overloaded_error",
        Class::Timeout(_) => "timeout_error",
        _ => "api_error",
    }
}

fn code(error: &Error) -> Option<&str> {
    match error.class() {
        // The provider's own code says that a key is wrong, and the caller would think it is theirs.
        Class::Auth => default_code(Class::Auth),
        class => error.code().or_else(|| default_code(class)),
    }
}

const fn default_code(class: Class) -> Option<&'static str> {
    Some(match class {
        Class::Auth => "upstream_auth",
        Class::ContentPolicy => "content_policy_violation",
        Class::ContextWindow => "context_length_exceeded",
        Class::Empty => "empty_response",
        Class::Internal => "internal_error",
        Class::NotFound => "model_not_found",
        Class::Overloaded => "overloaded",
        Class::Quota => "insufficient_quota",
        Class::RateLimited => "rate_limit_exceeded",
        Class::Server => "upstream_error",
        Class::Timeout(_) => "upstream_timeout",
        Class::TooLarge => "request_too_large",
        Class::Transport => "upstream_unreachable",
        Class::Truncated => "upstream_truncated",
        Class::Unauthenticated => "invalid_api_key",
        Class::Unavailable => "no_deployment_available",
        Class::Unsupported => "unsupported_parameter",
        _ => return None,
    })
}
