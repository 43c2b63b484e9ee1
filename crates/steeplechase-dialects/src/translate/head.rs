//! The head of an answer: what it is, and what of it the caller is shown.

use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE};
use http::response::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, Version};
use steeplechase_core::Dialect;

use super::framing::Framing;
use super::plan::Plan;

/// What kind of body an answer has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// The bytes are encoded, and nobody has asked for that.
    Encoded,
    Json,
    /// A page, or whatever it is.
    Other,
    Stream(Framing),
    /// It does not say.
    Unsaid,
}

impl Kind {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let encoding = headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes);
        if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
            return Self::Encoded;
        }
        let Some(kind) = headers.get(CONTENT_TYPE) else {
            return Self::Unsaid;
        };
        let kind = kind.as_bytes().split(|b| *b == b';').next();
        let kind = kind.unwrap_or_default().trim_ascii();
        if kind.eq_ignore_ascii_case(b"text/event-stream") {
            Self::Stream(Framing::ServerSent)
        } else if kind.eq_ignore_ascii_case(b"application/vnd.amazon.eventstream") {
            Self::Stream(Framing::Messages)
        } else if kind.eq_ignore_ascii_case(b"application/json") || kind.ends_with(b"+json") {
            Self::Json
        } else {
            Self::Other
        }
    }
}

/// Makes of the provider's head the head of the answer.
pub(super) fn rewrite(parts: &mut Parts, plan: &Plan) {
    let mut headers = HeaderMap::with_capacity(16);
    if plan.is_stream {
        let kind = HeaderValue::from_static("text/event-stream; charset=utf-8");
        headers.insert(CONTENT_TYPE, kind);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    } else {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in &parts.headers {
        if is_shown(name.as_str()) {
            headers.append(name, value.clone());
        }
    }
    if plan.dialect() == Dialect::Anthropic
        && let Some(id) = headers.get("x-request-id").cloned()
    {
        // The name by which its SDKs know it.
        headers.entry("request-id").or_insert(id);
    }
    if let Some(dropped) = plan.dropped() {
        headers.insert("x-steeplechase-dropped", dropped);
    }
    if let Some(pricing) = &plan.pricing {
        parts.extensions.insert(pricing.clone());
    }
    parts.headers = headers;
    parts.status = StatusCode::OK;
    parts.version = Version::default();
}

/// Makes the head of an answer that is passed on as it is, of whatever form that is.
pub(super) fn pass(parts: &mut Parts, plan: &Plan) {
    let form = [CONTENT_TYPE, CONTENT_DISPOSITION, CONTENT_ENCODING];
    let kept: Vec<_> = form
        .into_iter()
        .filter_map(|name| Some((parts.headers.get(&name)?.clone(), name)))
        .collect();
    rewrite(parts, plan);
    parts.headers.remove(CONTENT_TYPE);
    parts
        .headers
        .extend(kept.into_iter().map(|(value, name)| (name, value)));
}

fn is_shown(name: &str) -> bool {
    matches!(name, "x-request-id" | "request-id" | "x-amzn-requestid")
        || name.starts_with("x-ratelimit-")
        || name.starts_with("anthropic-ratelimit-")
}
