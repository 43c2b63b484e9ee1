//! What a provider's error means.
//!
//! ```text
//! status, headers, body ──► said: message, type, code, in all the shapes there are
//!                             └──► rules: the class, by code, then by status and text
//!                                    └──► Error: scope, retry, hint; two messages
//! ```
//!
//! A code decides over a status, a status over a text, and a text is only asked where it is all there
//! is: providers repeat a caller's words in their messages.

mod rules;
mod said;

use std::borrow::Cow;

use http::{HeaderMap, HeaderValue, StatusCode};
use steeplechase_core::error::Upstream;
use steeplechase_core::{Class, Error, Retry, RetryAfter, Scope};

use self::rules::Ruling;
use self::said::Said;
use super::look::look;
use crate::chat::redact::{redact, shorten};

/// The most characters of a provider's message that are repeated, if the failure is not the caller's.
const MAX_MESSAGE: usize = 500;

/// Headers in which a provider names the request.
const REQUEST_IDS: [&str; 3] = ["x-request-id", "request-id", "apim-request-id"];

/// Classifies a provider's answer that is an error: by its status, or because it says so in spite of
/// its status.
///
/// A caller is told the provider's own words if the fault is the caller's, and otherwise the first 500
/// characters of them; what looks like a key is masked in both. Of a refusal of *our* key a caller is
/// told just that.
pub fn classify(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let said = Said::read(body);
    // A number in the body is what the status would have been, had the answer not begun with success.
    let meant = if status.is_success() {
        said.status.and_then(|code| StatusCode::from_u16(code).ok())
    } else {
        Some(status)
    };
    let ruling = rules::rule(meant, &said);
    let hint = match &said.details {
        Some(details) => {
            RetryAfter::from_parts(headers, details).or_else(|| RetryAfter::from_text(said.text()))
        }
        None => RetryAfter::from_parts(headers, said.text()),
    };
    let error = worded(ruling, &said, status)
        .with_retry_after(hint)
        .with_upstream(upstream(status, headers, &said));
    let error = match meant.filter(|status| keeps(ruling.class, *status)) {
        Some(status) => error.with_status(status),
        None => error,
    };
    let error = match code(ruling, &said) {
        Some(code) => error.with_code(code),
        None => error,
    };
    let error = match &said.param {
        Some(param) if ruling.class.is_callers_fault() => error.with_param(&**param),
        _ => error,
    };
    let error = error.with_retry(retry(ruling, headers));
    if is_of_the_request(ruling, &said) {
        return error.with_scope(Scope::Request);
    }
    error
}

/// Whether a failure that is a deployment's as a rule is only this call's: a call too large for what
/// is allowed in a minute, or for a path that this model does not have. Others may do well.
fn is_of_the_request(ruling: Ruling, said: &Said) -> bool {
    match ruling.class {
        Class::RateLimited => ruling.retry == Some(Retry::OtherModel),
        Class::NotFound => said.code.as_deref() != Some("model_not_found"),
        _ => false,
    }
}

/// Classifies an event of a stream that is an error, which came after a status of success.
pub fn classify_event(data: &[u8]) -> Error {
    classify(StatusCode::OK, &HeaderMap::new(), data)
}

/// The error with its two messages.
fn worded(ruling: Ruling, said: &Said, status: StatusCode) -> Error {
    let class = ruling.class;
    let general = general(class);
    let Some(message) = said.message.as_deref().filter(|text| !text.is_empty()) else {
        let error = Error::new(class, general);
        let page = said.page.as_deref().map(redact);
        let page = page
            .as_deref()
            .map_or(Cow::Borrowed(""), |page| shorten(page, MAX_MESSAGE));
        return error.with_detail(format!("the provider answered {status}: {page}"));
    };
    let redacted = redact(message);
    if class == Class::Auth {
        return Error::new(class, general).with_detail(shorten(&redacted, MAX_MESSAGE));
    }
    if class.is_callers_fault() {
        return Error::new(class, redacted);
    }
    Error::new(class, shorten(&redacted, MAX_MESSAGE))
}

/// What a caller is told if the provider has said nothing that can be repeated.
const fn general(class: Class) -> &'static str {
    match class {
        Class::Auth => "the provider refused the gateway's key",
        Class::ContentPolicy => "the provider's content filter refused the prompt",
        Class::ContextWindow => "the prompt is longer than the model's context",
        Class::InvalidRequest => "the provider refused the request as invalid",
        Class::NotFound => "the provider does not have the model",
        Class::Overloaded => "the provider is overloaded",
        Class::Quota => "the gateway's account with the provider is out of credit or quota",
        Class::RateLimited => "the provider's rate limit is reached",
        Class::Timeout(_) => "the provider took too long",
        Class::TooLarge => "the request is larger than the provider takes",
        _ => "the provider failed",
    }
}

/// Whether the caller is told the provider's status. Not one that is about our key.
fn keeps(class: Class, status: StatusCode) -> bool {
    class.is_callers_fault()
        && status.is_client_error()
        && !matches!(status.as_u16(), 401 | 403 | 404 | 407 | 408 | 429)
}

fn code(ruling: Ruling, said: &Said) -> Option<&str> {
    match ruling.class {
        Class::ContextWindow => Some("context_length_exceeded"),
        _ => said.code.as_deref().or(match ruling.class {
            Class::ContentPolicy => Some("content_policy_violation"),
            Class::NotFound => Some("model_not_found"),
            _ => None,
        }),
    }
}

/// Where another attempt makes sense. The provider's own word on it counts where it can know.
fn retry(ruling: Ruling, headers: &HeaderMap) -> Retry {
    let class = ruling.class;
    let usual = ruling.retry.unwrap_or(class.retry());
    let word = headers.get("x-should-retry").map(HeaderValue::as_bytes);
    match (word, usual) {
        (Some(b"true"), Retry::Never) => Retry::OtherDeployment,
        // It speaks of itself, and not of another key, another account or another model.
        (Some(b"false"), _) if matches!(class, Class::Server | Class::Timeout(_)) => Retry::Never,
        _ => usual,
    }
}

fn upstream(status: StatusCode, headers: &HeaderMap, said: &Said) -> Upstream {
    let masked = |text: &Option<String>| text.as_deref().map(|text| Box::from(&*redact(text)));
    let mut upstream = Upstream::new(status);
    upstream.kind = masked(&said.kind);
    upstream.code = masked(&said.code);
    upstream.request_id = REQUEST_IDS
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
        .map(Box::from);
    upstream
}

/// The error that is in a stream without being an event: a body that was written into it as it is.
pub(crate) fn bare_error(raw: &[u8]) -> Option<&[u8]> {
    let raw = raw.trim_ascii();
    let is_one = raw.starts_with(b"{") && look(raw, None).is_ok_and(|seen| seen.has_error);
    is_one.then_some(raw)
}
