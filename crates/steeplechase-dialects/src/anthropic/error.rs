use std::borrow::Cow;

use http::HeaderMap;
use http::StatusCode;
use serde_json::Value;
use steeplechase_core::Class;
use steeplechase_core::Error;
use steeplechase_core::Phase;
use steeplechase_core::RetryAfter;
use steeplechase_core::Scope;
use steeplechase_core::error::Upstream;

use super::limits;
use crate::chat::redact::redact;
use crate::chat::redact::shorten;

/// The code of an error that a request would not get
/// [without thinking](super::RequestOptions::without_thinking): the provider does not take its own
/// thoughts back.
pub const THINKING_REJECTED: &str = "thinking_rejected";

/// The code of an error that a request would not get
/// [without strict tools](super::RequestOptions::without_strict).
pub const STRICT_REJECTED: &str = "strict_rejected";

/// The most that is told of an error that is not the caller's fault.
const MAX_CHARS: usize = 500;

/// What the provider says about a failure.
#[derive(Default)]
struct Complaint {
    kind: Option<String>,
    code: Option<String>,
    text: String,
    request_id: Option<String>,
}

/// What follows from it.
struct Verdict {
    class: Class,
    code: &'static str,
    scope: Option<Scope>,
    status: Option<StatusCode>,
}

/// Classifies an answer that is no success.
///
/// The body may be anything: the provider's own JSON, that of a host in front of it, a page of HTML,
/// nothing. What counts is the provider's code, then its type, then the status. Its words count only
/// where there is nothing else: a prompt that is too long, a filter, an empty account.
///
/// Keys are masked in what the caller is told, and long texts are cut, unless the failure is the
/// caller's fault.
pub fn classify(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let mut complaint = Complaint::of(body);
    let header = headers
        .get("request-id")
        .or_else(|| headers.get("x-request-id"));
    if let Some(id) = header.and_then(|id| id.to_str().ok()) {
        complaint.request_id = Some(id.to_owned());
    }
    let verdict = complaint.verdict(Some(status));
    let waits = matches!(
        verdict.class,
        Class::RateLimited | Class::Overloaded | Class::Server | Class::Quota
    );
    let retry_after = waits
        .then(|| {
            RetryAfter::from_parts(headers, &complaint.text).or_else(|| limits::reset(headers))
        })
        .flatten();
    complaint
        .error(&verdict, status)
        .with_retry_after(retry_after)
}

/// Classifies an `error` event of a stream, which has no status.
pub fn classify_event(data: &[u8]) -> Error {
    let complaint = Complaint::of(data);
    let verdict = complaint.verdict(None);
    complaint.error(&verdict, StatusCode::OK)
}

// ===== impl Complaint =====

impl Complaint {
    fn of(body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Array(list)) => list.first().map(Self::of_json).unwrap_or_default(),
            Ok(value) => Self::of_json(&value),
            Err(_) => Self {
                text: String::from_utf8_lossy(body).into_owned(),
                ..Self::default()
            },
        }
    }

    fn of_json(body: &Value) -> Self {
        let error = body.get("error").unwrap_or(body);
        let text = error.get("message").or(Some(error)).and_then(Value::as_str);
        let text = text.unwrap_or_default();
        // Some hosts wrap the provider's own JSON, as a text, in theirs.
        if text.starts_with('{')
            && let Ok(inner) = serde_json::from_str::<Value>(text)
            && inner.get("error").is_some()
        {
            return Self::of_json(&inner);
        }
        let string = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let details = error.get("details");
        let kind = error.get("type").or_else(|| error.get("status"));
        Self {
            kind: string(kind).filter(|kind| kind != "error"),
            code: string(details.and_then(|details| details.get("error_code"))),
            text: text.to_owned(),
            request_id: string(body.get("request_id")),
        }
    }

    fn verdict(&self, status: Option<StatusCode>) -> Verdict {
        let by_code = self.code.as_deref();
        by_code
            .and_then(|code| of_code(code, status))
            .or_else(|| self.of_kind(status))
            .unwrap_or_else(|| self.of_status(status))
    }

    fn of_kind(&self, status: Option<StatusCode>) -> Option<Verdict> {
        Some(match self.kind.as_deref()? {
            "invalid_request_error" => self.of_words(status),
            "request_too_large" if is_too_long(&self.lower()) => too_long(),
            "request_too_large" => verdict(Class::TooLarge, "request_too_large"),
            "authentication_error" => verdict(Class::Auth, "upstream_auth"),
            "billing_error" => unpaid(),
            "permission_error" => denied(Scope::Deployment),
            "not_found_error" => verdict(Class::NotFound, "model_not_found"),
            "rate_limit_error" => verdict(Class::RateLimited, "rate_limit_exceeded"),
            "api_error" | "conflict_error" => verdict(Class::Server, "upstream_error"),
            "timeout_error" => verdict(Class::Timeout(Phase::FirstToken), "upstream_timeout"),
            "overloaded_error" => verdict(Class::Overloaded, "overloaded"),
            _ => return None,
        })
    }

    fn of_status(&self, status: Option<StatusCode>) -> Verdict {
        let Some(status) = status else {
            return verdict(Class::Server, "upstream_error");
        };
        match status.as_u16() {
            400 | 422 => self.of_words(Some(status)),
            402 => unpaid(),
            403 => denied(Scope::Deployment),
            413 if is_too_long(&self.lower()) => too_long(),
            // The edge gave up waiting.
            522 | 524 => verdict(Class::Timeout(Phase::FirstToken), "upstream_timeout"),
            _ => {
                let class = Class::from_status(status).unwrap_or(Class::Server);
                verdict(class, code_of(class))
            }
        }
    }

    /// A complaint about the request. The words tell the kinds apart, as nothing else does.
    fn of_words(&self, status: Option<StatusCode>) -> Verdict {
        let text = self.lower();
        if is_too_long(&text) {
            return too_long();
        }
        if text.contains("content filtering policy") {
            return verdict(Class::ContentPolicy, "content_policy_violation");
        }
        if text.contains("credit balance is too low") {
            return unpaid();
        }
        let mut verdict = verdict(Class::InvalidRequest, "invalid_request");
        verdict.status = status.filter(|status| *status == StatusCode::UNPROCESSABLE_ENTITY);
        if text.contains("signature") && text.contains("thinking") {
            verdict.code = THINKING_REJECTED;
        } else if is_too_strict(&text) {
            verdict.code = STRICT_REJECTED;
        }
        verdict
    }

    fn lower(&self) -> String {
        self.text.to_lowercase()
    }

    fn error(self, verdict: &Verdict, status: StatusCode) -> Error {
        let class = verdict.class;
        let text = redact(&self.text);
        let text = if class.is_callers_fault() {
            text
        } else {
            Cow::Owned(shorten(&text, MAX_CHARS).into_owned())
        };
        let message = match (class, text.is_empty()) {
            (_, true) => format!("the provider answered with {status}"),
            // The caller's own key is fine.
            (Class::Auth, false) => format!("the provider refused the gateway's key: {text}"),
            (_, false) => text.into_owned(),
        };
        let mut upstream = Upstream::new(status);
        upstream.kind = self.kind.map(Into::into);
        upstream.code = self.code.map(Into::into);
        upstream.request_id = self.request_id.map(Into::into);
        let mut error = Error::new(class, message)
            .with_code(verdict.code)
            .with_upstream(upstream);
        if let Some(scope) = verdict.scope {
            error = error.with_scope(scope);
        }
        match verdict.status {
            Some(status) => error.with_status(status),
            None => error,
        }
    }
}

/// The provider's codes, which it promises to keep, as it does not its words.
fn of_code(code: &str, status: Option<StatusCode>) -> Option<Verdict> {
    Some(match code {
        "ramp_limit_exceeded" => verdict(Class::RateLimited, "rate_limit_exceeded"),
        "enforced_spend_limit_reached"
        | "contract_spend_limit_reached"
        | "linked_organization_spend_limit_reached"
        | "linked_organization_billing_unavailable" => match status {
            Some(StatusCode::TOO_MANY_REQUESTS) => verdict(Class::Quota, "insufficient_quota"),
            _ => unpaid(),
        },
        "organization_on_hold" | "claude_code_key_creator_not_member" | "cmek_key_disabled" => {
            denied(Scope::Key)
        }
        "cmek_key_unreachable" | "cmek_context_unavailable" => {
            verdict(Class::Server, "upstream_error")
        }
        "request_body_encoding_unsupported" | "request_body_encoding_invalid" => {
            verdict(Class::InvalidRequest, "invalid_request")
        }
        "request_body_too_large_after_decoding" => verdict(Class::TooLarge, "request_too_large"),
        "claude_code_version_too_old" => verdict(Class::InvalidRequest, "invalid_request"),
        _ => return None,
    })
}

const fn verdict(class: Class, code: &'static str) -> Verdict {
    Verdict {
        class,
        code,
        scope: None,
        status: None,
    }
}

const fn too_long() -> Verdict {
    verdict(Class::ContextWindow, "context_length_exceeded")
}

/// The account is empty. It is no `429`, which SDKs would try again.
const fn unpaid() -> Verdict {
    Verdict {
        status: Some(StatusCode::PAYMENT_REQUIRED),
        ..verdict(Class::Quota, "billing")
    }
}

/// The key may not do this.
const fn denied(scope: Scope) -> Verdict {
    Verdict {
        scope: Some(scope),
        ..verdict(Class::Auth, "model_access_denied")
    }
}

const fn code_of(class: Class) -> &'static str {
    match class {
        Class::Auth => "upstream_auth",
        Class::NotFound => "model_not_found",
        Class::Overloaded => "overloaded",
        Class::RateLimited => "rate_limit_exceeded",
        Class::Timeout(_) => "upstream_timeout",
        Class::TooLarge => "request_too_large",
        Class::InvalidRequest => "invalid_request",
        _ => "upstream_error",
    }
}

fn is_too_long(text: &str) -> bool {
    const SIGNS: [&str; 8] = [
        "prompt is too long",
        "exceed context limit",
        "prompt: length",
        "context window",
        "maximum context length",
        "input is too long",
        "longer than the model's context",
        "too many tokens",
    ];
    SIGNS.iter().any(|sign| text.contains(sign))
}

fn is_too_strict(text: &str) -> bool {
    let about_strict = text.contains("strict") || text.contains("grammar");
    about_strict
        && ["too many", "too large", "too complex"]
            .iter()
            .any(|it| text.contains(it))
}
