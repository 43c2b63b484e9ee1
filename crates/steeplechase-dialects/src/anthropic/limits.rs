//! When the provider's own limits are reset.

use std::time::Duration;
use std::time::SystemTime;

use http::HeaderMap;
use http::header;

const KINDS: [&str; 4] = ["requests", "tokens", "input-tokens", "output-tokens"];

/// How long it is to the reset of the limit that is used up; if none says so, of the last of them.
pub(super) fn reset(headers: &HeaderMap) -> Option<Duration> {
    let now = now(headers);
    let resets = KINDS.iter().filter_map(|kind| {
        let reset = text(headers, &format!("anthropic-ratelimit-{kind}-reset"))?;
        let wait = seconds_since_epoch(reset)? - now;
        let left = text(headers, &format!("anthropic-ratelimit-{kind}-remaining"));
        Some((left == Some("0"), wait.max(0)))
    });
    let (_, wait) = resets.max()?;
    Some(Duration::from_secs(wait.unsigned_abs()))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// The provider's clock if it is known, so that ours need not agree.
fn now(headers: &HeaderMap) -> i64 {
    let date = text(headers, header::DATE.as_str()).and_then(http_date);
    date.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
    })
}

/// `Tue, 15 Nov 1994 08:12:31 GMT`.
fn http_date(date: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = date.split_once(", ")?.1.split(' ');
    let day = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? + 1;
    let year = words.next()?.parse().ok()?;
    let clock = clock(words.next()?)?;
    Some(days(year, i64::try_from(month).ok()?, day)? * 86_400 + clock)
}

/// `2026-03-01T10:20:30Z`, with a fraction, which is cut off, or an offset.
fn seconds_since_epoch(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut parts = date.splitn(3, '-').map(str::parse);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let days = days(year.ok()?, month.ok()?, day.ok()?)?;
    let end = time.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = time.split_at_checked(end)?;
    let time = time.split_once('.').map_or(time, |(whole, _)| whole);
    let offset = match zone.split_at_checked(1)? {
        ("+", offset) => clock(offset)?,
        ("-", offset) => -clock(offset)?,
        _ => 0,
    };
    Some(days * 86_400 + clock(time)? - offset)
}

/// `10:20:30` or `10:20`, in seconds.
fn clock(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':').map(str::parse::<u8>);
    let hours = parts.next()?.ok()?;
    let minutes = parts.next()?.ok()?;
    let seconds = parts.next().unwrap_or(Ok(0)).ok()?;
    Some(i64::from(hours) * 3600 + i64::from(minutes) * 60 + i64::from(seconds))
}

/// The days from the epoch to a date of the Gregorian calendar: Howard Hinnant's `days_from_civil`.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // The year begins in March, so that the leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * month + 2) / 5 + day - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(era * 146_097 + of_era - 719_468)
}
