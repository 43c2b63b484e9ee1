use std::borrow::Cow;

use http::{HeaderMap, StatusCode};
use serde_json::Value;
use steeplechase_core::error::Upstream;
use steeplechase_core::{Class, Error, Phase, RetryAfter, Scope};

use crate::chat::redact::{redact, shorten};
use crate::chat::verdict::{MAX_CHARS, Verdict};

/// Headers in which the provider names the request.
const REQUEST_IDS: [&str; 2] = ["x-request-id", "x-trace-id"];

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
    let retry_after = verdict.wait(|| RetryAfter::from_parts(headers, &text));
    let mut upstream = Upstream::new(status);
    let mut ids = REQUEST_IDS.iter();
    let id = ids.find_map(|name| headers.get(*name)?.to_str().ok());
    upstream.request_id = id.map(Box::from);
    verdict
        .error(&text, status, upstream)
        .with_retry_after(retry_after)
}

/// Classifies an error in the place of an event, which has no status.
pub fn classify_event(data: &[u8]) -> Error {
    let text = message(data);
    let lower = text.to_lowercase();
    let verdict = by_words(&lower).unwrap_or(Verdict::of(Class::Server));
    verdict.error(&text, StatusCode::OK, Upstream::new(StatusCode::OK))
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
    let refused = || by_words(text).unwrap_or(Verdict::of(Class::InvalidRequest));
    match status.as_u16() {
        400 => refused(),
        413 if is_too_long(text) => Verdict::of(Class::ContextWindow),
        422 => Verdict {
            status: Some(status),
            ..refused()
        },
        402 => Verdict::unpaid(),
        403 => Verdict::denied(Scope::Deployment),
        429 if is_spent(text) => Verdict::of(Class::Quota),
        // A token of theirs that is not valid, or an input that is blocked.
        498 if is_blocked(text) => Verdict::of(Class::ContentPolicy),
        498 => Verdict::of(Class::Auth),
        // They think that we went away.
        499 => Verdict::of(Class::Server),
        504 => Verdict::of(Class::Timeout(Phase::FirstToken)),
        _ => Verdict::of_status(status),
    }
}

/// What the words say, where they say more than that something is wrong.
fn by_words(text: &str) -> Option<Verdict> {
    if is_too_long(text) {
        return Some(Verdict::of(Class::ContextWindow));
    }
    if is_blocked(text) {
        return Some(Verdict::of(Class::ContentPolicy));
    }
    if text.contains("invalid api token") || text.contains("invalid api key") {
        return Some(Verdict::of(Class::Auth));
    }
    if text.contains("internal server error") {
        return Some(Verdict::of(Class::Server));
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
