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
/// | `x-ratelimit-reset-*`     | a duration: `1s`, `6m0s`, `250ms`; seconds, also since the epoch   |
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
        const MARKS: [&str; 4] = ["try again in", "retry in", "retry after", "retrydelay"];
        let text = text.to_ascii_lowercase();
        MARKS.iter().find_map(|mark| {
            let rest = &text[text.find(mark)? + mark.len()..];
            let (wait, rest) = duration(rest.trim_start_matches([' ', ':', '"', '\\']))?;
            // Half of a date or of a range is no wait.
            (!rest.starts_with(['-', '/', ':'])).then(|| clamped(wait))
        })
    }

    /// Reads when a limit is reset: a duration, or seconds, also since the epoch. The headers are for the
    /// provider's clock.
    pub fn from_reset(text: &str, headers: &HeaderMap) -> Option<Duration> {
        match number(text) {
            Some(number) => Some(epoch(number, headers)),
            None => whole_duration(text).map(clamped),
        }
    }

    fn explicit(headers: &HeaderMap) -> Option<Duration> {
        let millis = text_of(headers, "retry-after-ms")
            .and_then(|value| Some(clamped(number(value)? / 1000.0)));
        millis.or_else(|| {
            let value = text_of(headers, header::RETRY_AFTER.as_str())?;
            number(value)
                .or_else(|| whole_duration(value))
                .map(clamped)
                .or_else(|| Some(until(httpdate::parse_http_date(value).ok()?, headers)))
        })
    }

    /// The reset of the window that is used up; if none says how much is left, the longest of them.
    ///
    /// A window with something left says nothing: providers send it with every answer, and a `500`
    /// would look as if it asked for a long wait.
    fn reset(headers: &HeaderMap) -> Option<Duration> {
        const KINDS: [&str; 3] = ["requests", "tokens", "project-tokens"];
        let resets = KINDS.iter().filter_map(|kind| {
            let reset = text_of(headers, &format!("x-ratelimit-reset-{kind}"))?;
            let reset = Self::from_reset(reset, headers)?;
            let left = text_of(headers, &format!("x-ratelimit-remaining-{kind}"));
            let left = left.and_then(|left| left.parse::<f64>().ok());
            left.is_none_or(|left| left <= 0.0)
                .then_some((left.is_some(), reset))
        });
        resets.max().map(|(_, reset)| reset)
    }
}

fn text_of<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn clamped(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).map_or(RetryAfter::MAX, |wait| wait.min(RetryAfter::MAX))
}

/// A number without sign and exponent: `inf`, `nan` and `1e9` are numbers to Rust, and typos here.
fn number(value: &str) -> Option<f64> {
    value
        .bytes()
        .all(|b| b.is_ascii_digit() || b == b'.')
        .then(|| value.parse().ok())
        .flatten()
}

fn whole_duration(value: &str) -> Option<f64> {
    let (seconds, rest) = duration(value)?;
    rest.is_empty().then_some(seconds)
}

/// The seconds of the duration with which a text starts, and the rest of the text.
///
/// It may be as Go writes it, `1h2m3.5s`, or in words, `1 minute and 30 seconds`. A number without a
/// unit means seconds.
fn duration(text: &str) -> Option<(f64, &str)> {
    let mut total = None;
    let mut rest = text;
    loop {
        let next = rest.trim_start_matches([' ', ',']);
        let next = next.strip_prefix("and ").unwrap_or(next);
        let (digits, after) = split(next, |c| c.is_ascii_digit() || c == '.');
        let (unit, rest_of_part) = split(after.trim_start(), |c| c.is_ascii_alphabetic());
        let part = number(digits.trim_end_matches('.')).zip(scale(unit));
        match (part, total) {
            (Some((amount, _)), None) if unit.is_empty() => return Some((amount, after)),
            (Some((amount, scale)), _) if !unit.is_empty() => {
                total = Some(total.unwrap_or(0.0) + amount * scale);
                rest = rest_of_part;
            }
            _ => return total.map(|total| (total, rest)),
        }
    }
}

fn split(text: &str, of_first: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !of_first(c)).unwrap_or(text.len()))
}

/// The seconds of a unit.
fn scale(unit: &str) -> Option<f64> {
    Some(match unit {
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "ms" | "millis" | "millisecond" | "milliseconds" => 0.001,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86400.0,
        _ => return None,
    })
}

/// Seconds, or seconds since the epoch if there are that many.
fn epoch(number: f64, headers: &HeaderMap) -> Duration {
    const A_BILLION: f64 = 1e9;
    // The year 2286, and not yet one that `SystemTime` cannot hold.
    const TEN_BILLION: f64 = 1e10;
    if (A_BILLION..TEN_BILLION).contains(&number) {
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs_f64(number);
        return until(date, headers);
    }
    clamped(number)
}

fn until(date: SystemTime, headers: &HeaderMap) -> Duration {
    let now = text_of(headers, header::DATE.as_str())
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or_else(SystemTime::now);
    // A date in the past means now.
    let wait = date.duration_since(now).unwrap_or_default();
    wait.min(RetryAfter::MAX)
}
