//! An error answer, before it is written in a dialect.

use http::StatusCode;
use http::request::Parts;
use serde_json::Value;

/// Why a request is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// The field that is at fault.
    pub(crate) param: Option<String>,
    /// What the dialect calls the error. Without one, the usual name for the status.
    pub(crate) code: Option<&'static str>,
    /// More, if the dialect has a place for it.
    pub(crate) details: Option<Box<Value>>,
}

/// What may go wrong with every request, in every dialect.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Why {
    Status(StatusCode),
    Overloaded,
    ContextTooLong,
    Blocked,
    NoKey,
    WrongKey,
    /// The request is longer than this.
    TooLarge(usize),
    /// The method and the path.
    UnknownAddress(String),
    WrongMethod(String),
}

// ===== impl Refusal =====

impl Refusal {
    /// A request that is not as it should be.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: message.into(),
            param: None,
            code: None,
            details: None,
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

    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn details(mut self, details: Value) -> Self {
        self.details = Some(Box::new(details));
        self
    }

    /// The same, with the usual name for the status.
    pub(crate) fn without_code(mut self) -> Self {
        self.code = None;
        self
    }

    pub(crate) fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }
}

// ===== impl Why =====

impl Why {
    pub(crate) fn code(status: u16) -> Self {
        let status = StatusCode::from_u16(status);
        Self::Status(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
    }

    /// The error answer with the meaning of an error event.
    pub(crate) fn event(code: &str) -> Self {
        Self::code(status_of(code))
    }

    pub(crate) fn unknown(parts: &Parts) -> Self {
        Self::UnknownAddress(format!("{} {}", parts.method, parts.uri.path()))
    }

    pub(crate) fn wrong_method(parts: &Parts) -> Self {
        Self::WrongMethod(format!("{} {}", parts.method, parts.uri.path()))
    }

    /// The usual status, and words that say what is wrong.
    pub(crate) fn usual(&self) -> Refusal {
        let refusal = |status, message: &str| Refusal::bad(message).status(status);
        match self {
            Self::Status(status) => refusal(*status, usual_words(*status)),
            Self::Overloaded => Self::Status(StatusCode::SERVICE_UNAVAILABLE).usual(),
            Self::ContextTooLong => refusal(
                StatusCode::BAD_REQUEST,
                "This model's maximum context length is 4096 tokens. However, your messages \
                 resulted in 9000 tokens.",
            ),
            Self::Blocked => {
                let message = "The prompt was refused by the content filter.";
                refusal(StatusCode::BAD_REQUEST, message).code("content_policy_violation")
            }
            Self::NoKey => refusal(
                StatusCode::UNAUTHORIZED,
                "No API key was given, neither as a bearer token nor in x-api-key.",
            ),
            Self::WrongKey => Self::Status(StatusCode::UNAUTHORIZED).usual(),
            Self::TooLarge(limit) => refusal(
                StatusCode::PAYLOAD_TOO_LARGE,
                &format!("The request is longer than {limit} bytes."),
            ),
            Self::UnknownAddress(address) => {
                let message = format!("Unknown address: {address}");
                refusal(StatusCode::NOT_FOUND, &message).code("unknown_url")
            }
            Self::WrongMethod(address) => {
                let message = format!("Not allowed: {address}");
                refusal(StatusCode::METHOD_NOT_ALLOWED, &message).code("method_not_supported")
            }
        }
    }
}

fn usual_words(status: StatusCode) -> &'static str {
    match status.as_u16() {
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
    }
}

/// The status that goes with the code of an error event, whatever the dialect that it is from.
pub(crate) fn status_of(code: &str) -> u16 {
    match code {
        "invalid_request_error"
        | "context_length_exceeded"
        | "content_filter"
        | "INVALID_ARGUMENT"
        | "validationException" => 400,
        "authentication_error" | "invalid_api_key" | "UNAUTHENTICATED" => 401,
        "billing_error" => 402,
        "permission_error" | "PERMISSION_DENIED" => 403,
        "not_found_error" | "model_not_found" | "NOT_FOUND" => 404,
        "request_too_large" => 413,
        "modelStreamErrorException" => 424,
        "rate_limit_error"
        | "rate_limit_exceeded"
        | "insufficient_quota"
        | "RESOURCE_EXHAUSTED"
        | "throttlingException" => 429,
        "slow_down" | "UNAVAILABLE" | "serviceUnavailableException" => 503,
        "timeout_error" | "DEADLINE_EXCEEDED" => 504,
        "overloaded_error" => 529,
        other => other.parse().unwrap_or(500),
    }
}
