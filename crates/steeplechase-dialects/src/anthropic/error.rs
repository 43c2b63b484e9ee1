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
use crate::chat::verdict::Verdict;

/// The code of an error that a request would not get
/// [without thinking](super::RequestOptions::without_thinking): the provider does not take its own
/// thoughts back.
pub const THINKING_REJECTED: &str = "thinking_rejected";

/// The code of an error that a request would not get
/// [without strict tools](super::RequestOptions::without_strict).
pub const STRICT_REJECTED: &str = "strict_rejected";

/// What the provider says about a failure.
#[derive(Default)]
struct Complaint {
    kind: Option<String>,
    code: Option<String>,
    text: String,
    request_id: Option<String>,
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
    let retry_after = verdict.wait(|| {
        RetryAfter::from_parts(headers, &complaint.text).or_else(|| limits::reset(headers))
    });
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
            "request_too_large" if is_too_long(&self.lower()) => Verdict::of(Class::ContextWindow),
            "request_too_large" => Verdict::of(Class::TooLarge),
            "authentication_error" => Verdict::of(Class::Auth),
            "billing_error" => Verdict::unpaid(),
            "permission_error" => Verdict::denied(Scope::Deployment),
            "not_found_error" => Verdict::of(Class::NotFound),
            "rate_limit_error" => Verdict::of(Class::RateLimited),
            "api_error" | "conflict_error" => Verdict::of(Class::Server),
            "timeout_error" => Verdict::of(Class::Timeout(Phase::FirstToken)),
            "overloaded_error" => Verdict::of(Class::Overloaded),
            _ => return None,
        })
    }

    fn of_status(&self, status: Option<StatusCode>) -> Verdict {
        let Some(status) = status else {
            return Verdict::of(Class::Server);
        };
        match status.as_u16() {
            400 | 422 => self.of_words(Some(status)),
            402 => Verdict::unpaid(),
            403 => Verdict::denied(Scope::Deployment),
            413 if is_too_long(&self.lower()) => Verdict::of(Class::ContextWindow),
            // The edge gave up waiting.
            522 | 524 => Verdict::of(Class::Timeout(Phase::FirstToken)),
            _ => Verdict::of_status(status),
        }
    }

    /// A complaint about the request. The words tell the kinds apart, as nothing else does.
    fn of_words(&self, status: Option<StatusCode>) -> Verdict {
        let text = self.lower();
        if is_too_long(&text) {
            return Verdict::of(Class::ContextWindow);
        }
        if text.contains("content filtering policy") {
            return Verdict::of(Class::ContentPolicy);
        }
        if text.contains("credit balance is too low") {
            return Verdict::unpaid();
        }
        let mut verdict = Verdict::of(Class::InvalidRequest);
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
        let mut upstream = Upstream::new(status);
        upstream.kind = self.kind.map(Into::into);
        upstream.code = self.code.map(Into::into);
        upstream.request_id = self.request_id.map(Into::into);
        verdict.error(&self.text, status, upstream)
    }
}

/// The provider's codes, which it promises to keep, as it does not its words.
fn of_code(code: &str, status: Option<StatusCode>) -> Option<Verdict> {
    Some(match code {
        "ramp_limit_exceeded" => Verdict::of(Class::RateLimited),
        "enforced_spend_limit_reached"
        | "contract_spend_limit_reached"
        | "linked_organization_spend_limit_reached"
        | "linked_organization_billing_unavailable" => match status {
            Some(StatusCode::TOO_MANY_REQUESTS) => Verdict::of(Class::Quota),
            _ => Verdict::unpaid(),
        },
        "organization_on_hold" | "claude_code_key_creator_not_member" | "cmek_key_disabled" => {
            Verdict::denied(Scope::Key)
        }
        "cmek_key_unreachable" | "cmek_context_unavailable" => Verdict::of(Class::Server),
        "request_body_encoding_unsupported" | "request_body_encoding_invalid" => {
            Verdict::of(Class::InvalidRequest)
        }
        "request_body_too_large_after_decoding" => Verdict::of(Class::TooLarge),
        "claude_code_version_too_old" => Verdict::of(Class::InvalidRequest),
        _ => return None,
    })
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
