use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header;

/// When a provider asks to be asked again, in all the spellings that are in use.
///
/// | Where                     | Spellings                                                          |
/// |---------------------------|--------------------------------------------------------------------|
/// | `retry-after-ms`          | milliseconds, whole or with a fraction                             |
/// | `retry-after`             | seconds, whole or with a fraction; an HTTP date; a duration        |
/// | a text of the body        | `try again in 7.66s`, `retryDelay": "36s"`, `retry after 3 seconds` |
/// | `x-ratelimit-reset-*`     | `1s`, `6m0s`, `250ms`; seconds; seconds since the epoch            |
///
/// The first that is there and makes sense counts. What does not make sense, like a negative number,
/// `nan` or `1e9`, is ignored or clamped, and never an error: it is somebody else's typo.
#[derive(Clone, Copy, Debug)]
pub struct RetryAfter;

impl RetryAfter {
    /// The longest wait that is believed. A longer one is taken for this one.
    pub const MAX: Duration = Duration::from_secs(300);

    /// Reads the hints in the headers of an answer.
    ///
    /// A date is taken relative to the answer's own `date`, so that clocks need not agree.
    pub fn from_headers(headers: &HeaderMap) -> Option<Duration> {
        Self::explicit(headers).or_else(|| Self::reset(headers))
    }

    /// Reads the hints in the headers, and in a text of the body.
    ///
    /// A text is more exact than the reset of a window, and less than `retry-after`.
    pub fn from_parts(headers: &HeaderMap, text: &str) -> Option<Duration> {
        Self::explicit(headers)
            .or_else(|| Self::from_text(text))
            .or_else(|| Self::reset(headers))
    }

    /// Reads a hint in a text, such as a provider's error message.
    pub fn from_text(text: &str) -> Option<Duration> {
        const MARKS: [&str; 5] = [
            "try again in ",
            "retry in ",
            "retry after ",
            "\"retrydelay\": \"",
            "\"retrydelay\":\"",
        ];
        let text = text.to_ascii_lowercase();
        MARKS.iter().find_map(|mark| {
            let rest = &text[text.find(mark)? + mark.len()..];
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.'))
                .unwrap_or(rest.len());
            let (value, rest) = rest.split_at(end);
            let value = value.trim_end_matches('.');
            if value.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
                let unit = rest.trim_start();
                let scale = if unit.starts_with("ms") || unit.starts_with("milli") {
                    0.001
                } else if unit.starts_with("min") {
                    60.0
                } else {
                    1.0
                };
                return seconds(value.parse::<f64>().ok()? * scale);
            }
            compound(value)
        })
    }

    fn explicit(headers: &HeaderMap) -> Option<Duration> {
        let millis = text_of(headers, "retry-after-ms")
            .and_then(|value| seconds(value.parse::<f64>().ok()? / 1000.0));
        millis.or_else(|| {
            let value = text_of(headers, header::RETRY_AFTER.as_str())?;
            number(value)
                .or_else(|| compound(value))
                .or_else(|| Some(until(httpdate::parse_http_date(value).ok()?, headers)))
        })
    }

    /// The reset of the window that is used up; if none says so, the longest of them.
    fn reset(headers: &HeaderMap) -> Option<Duration> {
        const KINDS: [&str; 2] = ["requests", "tokens"];
        let resets = KINDS.iter().filter_map(|kind| {
            let reset = text_of(headers, &format!("x-ratelimit-reset-{kind}"))?;
            let reset = compound(reset).or_else(|| epoch(reset, headers))?;
            let left = text_of(headers, &format!("x-ratelimit-remaining-{kind}"));
            Some((left == Some("0"), reset))
        });
        resets.max().map(|(_, reset)| reset)
    }
}

fn text_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Clamps a number of seconds, or ignores it.
fn seconds(value: f64) -> Option<Duration> {
    if value.is_nan() || value < 0.0 {
        return None;
    }
    Some(Duration::from_secs_f64(
        value.min(RetryAfter::MAX.as_secs_f64()),
    ))
}

fn number(value: &str) -> Option<Duration> {
    // `inf`, `nan` and `1e9` are numbers to Rust, and typos here.
    if !value.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    seconds(value.parse().ok()?)
}

/// A duration as Go writes it: `1h2m3.5s`, `250ms`.
fn compound(value: &str) -> Option<Duration> {
    let mut rest = value;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let amount: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        total += amount
            * match &rest[..unit] {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86400.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    (!value.is_empty()).then(|| seconds(total)).flatten()
}

/// Seconds, or seconds since the epoch if there are that many.
fn epoch(value: &str, headers: &HeaderMap) -> Option<Duration> {
    const A_BILLION: f64 = 1e9;
    // The year 2286, and not yet one that `SystemTime` cannot hold.
    const TEN_BILLION: f64 = 1e10;
    let number: f64 = value.parse().ok()?;
    if (A_BILLION..TEN_BILLION).contains(&number) {
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs_f64(number);
        return Some(until(date, headers));
    }
    seconds(number)
}

fn until(date: SystemTime, headers: &HeaderMap) -> Duration {
    let now = text_of(headers, header::DATE.as_str())
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(SystemTime::now);
    // A date in the past means now.
    let wait = date.duration_since(now).unwrap_or_default();
    wait.min(RetryAfter::MAX)
}
