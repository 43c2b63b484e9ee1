//! What a provider says of its own limits in the head of an answer.
//!
//! | Of whom                    | Headers                                                                   |
//! |----------------------------|---------------------------------------------------------------------------|
//! | OpenAI, and those like it  | `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`                   |
//! | Anthropic                  | `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}` |
//!
//! A reset is a duration (`1s`, `6m0s`), seconds, or a time as in RFC 3339. What does not make sense is as if it
//! were not there.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};
use steeplechase_core::RetryAfter;
use steeplechase_core::deployment::{Headroom, Quota};

/// The most digits of a number that is believed.
const DIGITS: usize = 15;

/// Reads the limits in the headers of an answer.
pub(super) fn read(headers: &HeaderMap) -> Headroom {
    let mut headroom = Headroom::default();
    for (name, value) in headers {
        let Some((kind, figure)) = named(name.as_str()) else {
            continue;
        };
        let (Some(quota), Ok(text)) = (quota(&mut headroom, kind), value.to_str()) else {
            continue;
        };
        let text = text.trim();
        match figure {
            "limit" => quota.limit = number(text).or(quota.limit),
            "remaining" => quota.remaining = number(text).or(quota.remaining),
            "reset" => quota.reset = reset(text, headers).or(quota.reset),
            _ => {}
        }
    }
    headroom
}

/// What a header is about, and which figure of it. `None` for nearly all headers.
fn named(name: &str) -> Option<(&str, &str)> {
    if let Some(rest) = name.strip_prefix("x-ratelimit-") {
        let (figure, kind) = rest.split_once('-')?;
        return Some((kind, figure));
    }
    name.strip_prefix("anthropic-ratelimit-")?.rsplit_once('-')
}

fn quota<'h>(headroom: &'h mut Headroom, kind: &str) -> Option<&'h mut Quota> {
    Some(match kind {
        "requests" => &mut headroom.requests,
        "tokens" => &mut headroom.tokens,
        "input-tokens" => &mut headroom.input_tokens,
        "output-tokens" => &mut headroom.output_tokens,
        _ => return None,
    })
}

/// A whole number. A part of one does not count.
fn number(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_one = is_number(whole) && is_number(part) && whole.len() <= DIGITS;
    is_one.then(|| whole.parse().ok()).flatten()
}

fn reset(text: &str, headers: &HeaderMap) -> Option<Duration> {
    RetryAfter::from_reset(text, headers).or_else(|| {
        let at = humantime::parse_rfc3339(text).ok()?;
        let wait = at.duration_since(now(headers)).unwrap_or_default();
        Some(wait.min(RetryAfter::MAX))
    })
}

/// The provider's clock if it is known, so that ours need not agree.
fn now(headers: &HeaderMap) -> SystemTime {
    let date = headers.get(header::DATE).and_then(|it| it.to_str().ok());
    date.and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(SystemTime::now)
}
