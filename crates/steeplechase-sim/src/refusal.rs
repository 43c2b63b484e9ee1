//! An error answer, before it is written in a dialect.

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;

use crate::draw::Draw;
use crate::route::Dialect;
use crate::{anthropic, openai};

/// Why a request is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// The field that is at fault.
    pub(crate) param: Option<String>,
    /// OpenAI's `code`. Without one, the usual one of the status.
    pub(crate) code: Option<&'static str>,
}

impl Refusal {
    /// A request that is not as it should be.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: message.into(),
            param: None,
            code: None,
        }
    }

    pub(crate) fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The error that goes with a status.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        Self::bad(match status.as_u16() {
            400 => "The request is not valid.",
            401 => "The API key is not valid.",
            402 => "There is no credit left.",
            403 => "You are not allowed to do this.",
            404 => "The model does not exist, or you have no access to it.",
            408 => "The request took too long to arrive.",
            409 => "The request is in conflict with another one.",
            413 => "The request is too large.",
            422 => "The request could not be processed.",
            429 => "Rate limit reached. Please try again later.",
            500 => "The server had an error while processing the request.",
            502 => "Bad gateway.",
            503 | 529 => "The server is overloaded. Please try again later.",
            504 => "The request timed out.",
            _ => "Something is wrong.",
        })
        .status(status)
    }

    pub(crate) fn of_code(status: u16) -> Self {
        let status = StatusCode::from_u16(status);
        Self::of_status(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
    }

    /// The error answer with the meaning of an error event.
    pub(crate) fn of_event(code: &str) -> Self {
        Self::of_code(match code {
            "invalid_request_error" | "context_length_exceeded" | "content_filter" => 400,
            "authentication_error" | "invalid_api_key" => 401,
            "billing_error" => 402,
            "permission_error" => 403,
            "not_found_error" | "model_not_found" => 404,
            "request_too_large" => 413,
            "rate_limit_error" | "rate_limit_exceeded" | "insufficient_quota" => 429,
            "slow_down" => 503,
            "timeout_error" => 504,
            "overloaded_error" => 529,
            other => other.parse().unwrap_or(500),
        })
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::bad(format!("The request is longer than {limit} bytes."))
            .status(StatusCode::PAYLOAD_TOO_LARGE)
    }

    pub(crate) fn no_key() -> Self {
        let message = "No API key was given, neither as a bearer token nor in x-api-key.";
        Self::bad(message).status(StatusCode::UNAUTHORIZED)
    }

    pub(crate) fn wrong_key() -> Self {
        Self::of_status(StatusCode::UNAUTHORIZED)
    }

    pub(crate) fn unknown(parts: &Parts) -> Self {
        let message = format!("Unknown address: {} {}", parts.method, parts.uri.path());
        Self::bad(message)
            .status(StatusCode::NOT_FOUND)
            .code("unknown_url")
    }

    pub(crate) fn wrong_method(parts: &Parts) -> Self {
        let message = format!("Not allowed: {} {}", parts.method, parts.uri.path());
        Self::bad(message)
            .status(StatusCode::METHOD_NOT_ALLOWED)
            .code("method_not_supported")
    }

    pub(crate) fn render(&self, dialect: Dialect, draw: &Draw) -> Bytes {
        match dialect {
            Dialect::OpenAi => openai::error_body(self),
            Dialect::Anthropic => anthropic::error_body(self, &draw.request_id()),
        }
    }
}
