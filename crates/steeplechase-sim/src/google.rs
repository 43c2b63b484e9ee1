//! What all of Google's services have in common: errors and tokens.

use http::StatusCode;
use serde_json::{Value, json};

use crate::admit;
use crate::dialect::{Asked, Dialect};
use crate::refusal::{Refusal, Why};

/// The body of an error answer.
pub(crate) fn error_body(refusal: &Refusal) -> Value {
    let mut error = json!({
        "code": refusal.status.as_u16(),
        "message": refusal.message,
        "status": refusal.code.unwrap_or_else(|| status_name(refusal.status)),
    });
    if let Some(details) = &refusal.details {
        error["details"] = Value::clone(details);
    }
    json!({ "error": error })
}

/// What Google calls a status.
fn status_name(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        501 => "UNIMPLEMENTED",
        503 | 529 => "UNAVAILABLE",
        408 | 504 => "DEADLINE_EXCEEDED",
        400..=499 => "INVALID_ARGUMENT",
        _ => "INTERNAL",
    }
}

/// How Google puts what may go wrong with every request.
pub(crate) fn refusal(why: &Why) -> Refusal {
    match why {
        Why::NoKey | Why::WrongKey => {
            let reason = match why {
                Why::NoKey => "CREDENTIALS_MISSING",
                _ => "ACCESS_TOKEN_EXPIRED",
            };
            let message = "Request had invalid authentication credentials. Expected OAuth 2 access \
                           token, login cookie or other valid authentication credential.";
            Refusal::bad(message)
                .status(StatusCode::UNAUTHORIZED)
                .details(json!([error_info(reason, "googleapis.com")]))
        }
        Why::Status(status) if status.as_u16() == 529 => Why::Overloaded.usual(),
        Why::Status(StatusCode::TOO_MANY_REQUESTS) => why.usual().details(json!([
            {
                "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                "violations": [{
                    "quotaMetric": "generativelanguage.googleapis.com/generate_requests",
                    "quotaId": "GenerateRequestsPerMinutePerProjectPerModel",
                }],
            },
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"},
        ])),
        Why::Overloaded => why
            .usual()
            .message("The model is overloaded. Please try again later."),
        Why::ContextTooLong => Refusal::bad(
            "The input token count (9000) exceeds the maximum number of tokens allowed (4096).",
        ),
        Why::UnknownAddress(_) | Why::WrongMethod(_) => why.usual().status(StatusCode::NOT_FOUND),
        _ => why.usual(),
    }
    .without_code()
}

/// Why credentials do not do, for programs.
pub(crate) fn error_info(reason: &str, domain: &str) -> Value {
    json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": domain,
    })
}

/// Refuses callers without the right token.
pub(crate) fn admit(asked: &Asked<'_>, dialect: &dyn Dialect) -> Result<(), Refusal> {
    let config = &asked.sim.config;
    let needed = config.google_token.as_ref().or(config.key.as_ref());
    admit::same(needed, admit::bearer(&asked.parts.headers), dialect)
}
