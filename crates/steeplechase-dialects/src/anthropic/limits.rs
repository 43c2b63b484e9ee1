//! When the provider's own limits are reset.

use std::time::Duration;
use std::time::SystemTime;

use http::HeaderMap;
use http::header;

const KINDS: [&str; 4] = ["requests", "tokens", "input-tokens", "output-tokens"];

/// How long it is to the reset of the limit that is used up; if none says how much is left, to that of
/// the last of them.
///
/// A limit with something left says nothing: the provider sends it with every answer, and a `500`
/// would look as if it asked for a long wait.
pub(super) fn reset(headers: &HeaderMap) -> Option<Duration> {
    let now = now(headers);
    let resets = KINDS.iter().filter_map(|kind| {
        let reset = text(headers, &format!("anthropic-ratelimit-{kind}-reset"))?;
        let reset = humantime::parse_rfc3339(reset).ok()?;
        // A reset in the past means now.
        let wait = reset.duration_since(now).unwrap_or_default();
        let left = text(headers, &format!("anthropic-ratelimit-{kind}-remaining"));
        left.is_none_or(|left| left == "0")
            .then_some((left.is_some(), wait))
    });
    resets.max().map(|(_, wait)| wait)
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// The provider's clock if it is known, so that ours need not agree.
fn now(headers: &HeaderMap) -> SystemTime {
    let date = text(headers, header::DATE.as_str());
    date.and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(SystemTime::now)
}
