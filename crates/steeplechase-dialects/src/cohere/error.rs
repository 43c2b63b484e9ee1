use std::borrow::Cow;

use http::{HeaderMap, StatusCode};
use serde_json::Value;
use steeplechase_core::error::Upstream;
use steeplechase_core::{Class, Error, Phase, RetryAfter, Scope};

use crate::chat::redact::{redact, shorten};

/// The most that is told of an error that is not the caller's fault.
const MAX_CHARS: usize = 500;

/// Headers in which the provider names the request.
const REQUEST_IDS: [&str; 2] = ["x-request-id", "x-trace-id"];

/// What follows from what the provider says.
struct Verdict {
    class: Class,
    code: &'static str,
    scope: Option<Scope>,
    status: Option<StatusCode>,
}

/// Classifies an answer that is no success.
///
/// The provider says what is wrong in words and nothing else, so the status decides, and the words where
/// a status has several meanings: a prompt that is too long, a filter, the quota of a trial key.
///
/// Keys are masked in what the caller is told, and long texts are cut, unless the failure is the caller's
/// fault.
pub fn classify(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let text = message(body);
    let verdict = of_status(status, &text.to_lowercase());
    let waits = matches!(
        verdict.class,
        Class::RateLimited | Class::Overloaded | Class::Server | Class::Quota
    );
    let retry_after = waits
        .then(|| RetryAfter::from_parts(headers, &text))
        .flatten();
    let mut upstream = Upstream::new(status);
    let mut ids = REQUEST_IDS.iter();
    let id = ids.find_map(|name| headers.get(*name)?.to_str().ok());
    upstream.request_id = id.map(Box::from);
    verdict.error(&text, upstream).with_retry_after(retry_after)
}

/// Classifies an error in the place of an event, which has no status.
pub fn classify_event(data: &[u8]) -> Error {
    let text = message(data);
    let lower = text.to_lowercase();
    let verdict = by_words(&lower).unwrap_or(verdict(Class::Server, "upstream_error"));
    verdict.error(&text, Upstream::new(StatusCode::OK))
}

/// The error in the last event of a stream: a text, or whatever it is.
pub(super) fn broken(error: &str) -> Error {
    let text: Cow<'_, str> = match serde_json::from_str::<Value>(error) {
        Ok(Value::String(text)) => text.into(),
        _ => error.into(),
    };
    let said = shorten(&redact(&text), MAX_CHARS).into_owned();
    let message = "the provider broke the answer off";
    Error::new(Class::Server, message)
        .with_code("upstream_error")
        .with_upstream(Upstream::new(StatusCode::OK))
        .with_detail(said)
}

/// What an error says: `{"message": …}`, or what servers in front of the provider have for it.
fn message(body: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return String::from_utf8_lossy(body).into_owned();
    };
    let places = ["/message", "/error/message", "/error", "/detail", "/data"];
    let mut found = places.iter().filter_map(|place| value.pointer(place));
    found.find_map(Value::as_str).unwrap_or_default().to_owned()
}

fn of_status(status: StatusCode, text: &str) -> Verdict {
    let refused = || by_words(text).unwrap_or(verdict(Class::InvalidRequest, "invalid_request"));
    match status.as_u16() {
        400 => refused(),
        413 if is_too_long(text) => too_long(),
        422 => Verdict {
            status: Some(status),
            ..refused()
        },
        402 => Verdict {
            status: Some(StatusCode::PAYMENT_REQUIRED),
            ..verdict(Class::Quota, "billing")
        },
        403 => Verdict {
            scope: Some(Scope::Deployment),
            ..verdict(Class::Auth, "model_access_denied")
        },
        429 if is_spent(text) => verdict(Class::Quota, "insufficient_quota"),
        // A token of theirs that is not valid, or an input that is blocked.
        498 if is_blocked(text) => blocked(),
        498 => verdict(Class::Auth, "upstream_auth"),
        // They think that we went away.
        499 => verdict(Class::Server, "upstream_error"),
        504 => verdict(Class::Timeout(Phase::FirstToken), "upstream_timeout"),
        _ => {
            let class = Class::from_status(status).unwrap_or(Class::Server);
            verdict(class, code_of(class))
        }
    }
}

/// What the words say, where they say more than that something is wrong.
fn by_words(text: &str) -> Option<Verdict> {
    if is_too_long(text) {
        return Some(too_long());
    }
    if is_blocked(text) {
        return Some(blocked());
    }
    if text.contains("invalid api token") || text.contains("invalid api key") {
        return Some(verdict(Class::Auth, "upstream_auth"));
    }
    if text.contains("internal server error") {
        return Some(verdict(Class::Server, "upstream_error"));
    }
    None
}

/// A prompt that is too long, and not an answer that is to be.
fn is_too_long(text: &str) -> bool {
    const SIGNS: [&str; 4] = [
        "too many tokens",
        "size limit exceeded",
        "maximum context",
        "context length",
    ];
    const OF_THE_ANSWER: &str = "max tokens must be less than or equal to";
    SIGNS.iter().any(|sign| text.contains(sign)) && !text.contains(OF_THE_ANSWER)
}

fn is_blocked(text: &str) -> bool {
    text.contains("blocked") && (text.contains("content") || text.contains("input"))
        || text.contains("content moderation")
        || text.contains("content policy")
}

/// Whether a wait of minutes does not help: a trial key has so many calls a month.
fn is_spent(text: &str) -> bool {
    text.contains("/ month") || text.contains("per month") || text.contains("monthly")
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

const fn blocked() -> Verdict {
    verdict(Class::ContentPolicy, "content_policy_violation")
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

// ===== impl Verdict =====

impl Verdict {
    fn error(self, said: &str, upstream: Upstream) -> Error {
        let class = self.class;
        let text = redact(said);
        let text = if class.is_callers_fault() {
            text
        } else {
            Cow::Owned(shorten(&text, MAX_CHARS).into_owned())
        };
        let message = match (class, text.is_empty()) {
            (_, true) => format!("the provider answered with {}", upstream.status),
            // The caller's own key is fine.
            (Class::Auth, false) => format!("the provider refused the gateway's key: {text}"),
            (_, false) => text.into_owned(),
        };
        let mut error = Error::new(class, message)
            .with_code(self.code)
            .with_upstream(upstream);
        if let Some(scope) = self.scope {
            error = error.with_scope(scope);
        }
        match self.status {
            Some(status) => error.with_status(status),
            None => error,
        }
    }
}
