//! Every spelling of a wait that providers are known to use, and what nobody should send.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

use crate::RetryAfter;

/// The `date` of every answer below that has one: 1792567680 seconds since the epoch.
const DATE: &str = "Wed, 21 Oct 2026 07:28:00 GMT";

const AFTER: &str = "retry-after";
const AFTER_MS: &str = "retry-after-ms";
const RESET_REQUESTS: &str = "x-ratelimit-reset-requests";
const RESET_TOKENS: &str = "x-ratelimit-reset-tokens";
const LEFT_REQUESTS: &str = "x-ratelimit-remaining-requests";
const LEFT_TOKENS: &str = "x-ratelimit-remaining-tokens";

/// A header, its value, and the milliseconds that it means.
type Case = (&'static str, &'static str, Option<u64>);

#[test]
fn retry_after_is_read_in_all_its_spellings() {
    check(&[
        // Seconds.
        (AFTER, "2", Some(2_000)),
        (AFTER, "0", Some(0)),
        (AFTER, "300", Some(300_000)),
        (AFTER, " 7 ", Some(7_000)),
        (AFTER, "1.5", Some(1_500)),
        (AFTER, "0.25", Some(250)),
        (AFTER, ".5", Some(500)),
        (AFTER, "3.", Some(3_000)),
        // Durations.
        (AFTER, "1m30s", Some(90_000)),
        (AFTER, "250ms", Some(250)),
        (AFTER, "2.5s", Some(2_500)),
        (AFTER, "0s", Some(0)),
        (AFTER, "1m2.5s", Some(62_500)),
        (AFTER, "20 seconds", Some(20_000)),
        // Dates, relative to the answer's own.
        (AFTER, "Wed, 21 Oct 2026 07:28:05 GMT", Some(5_000)),
        (AFTER, "Wed, 21 Oct 2026 07:28:00 GMT", Some(0)),
        (AFTER, "Wed, 21 Oct 2026 07:27:00 GMT", Some(0)),
        (AFTER, "Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
        (AFTER, "Wednesday, 21-Oct-26 07:28:09 GMT", Some(9_000)),
        (AFTER, "Wed Oct 21 07:29:00 2026", Some(60_000)),
        // Milliseconds.
        (AFTER_MS, "250", Some(250)),
        (AFTER_MS, "1500.5", Some(1_500)),
        (AFTER_MS, "0", Some(0)),
    ]);
}

#[test]
fn a_wait_is_clamped_to_five_minutes() {
    check(&[
        (AFTER, "301", Some(300_000)),
        (AFTER, "1000000000", Some(300_000)),
        (AFTER, "1792567685", Some(300_000)),
        (AFTER, "99999999999999999999999999", Some(300_000)),
        (AFTER, "1h2m3.5s", Some(300_000)),
        (AFTER, "99999999999999999999999999h", Some(300_000)),
        (AFTER, "Thu, 21 Oct 2027 07:28:00 GMT", Some(300_000)),
        (AFTER, "Fri, 31 Dec 9999 23:59:59 GMT", Some(300_000)),
        (AFTER_MS, "300001", Some(300_000)),
        (RESET_TOKENS, "6m0s", Some(300_000)),
        (RESET_TOKENS, "1d", Some(300_000)),
        (RESET_TOKENS, "99999999999", Some(300_000)),
    ]);
}

#[test]
fn a_wait_that_makes_no_sense_is_ignored() {
    check(&[
        (AFTER, "", None),
        (AFTER, " ", None),
        (AFTER, ".", None),
        (AFTER, "-1", None),
        (AFTER, "-1s", None),
        (AFTER, "+5", None),
        (AFTER, "1e9", None),
        (AFTER, "inf", None),
        (AFTER, "nan", None),
        (AFTER, "NaN", None),
        (AFTER, "infinity", None),
        (AFTER, "0x10", None),
        (AFTER, "1.2.3", None),
        (AFTER, "5, 10", None),
        (AFTER, "5 10", None),
        (AFTER, "5;6", None),
        (AFTER, "soon", None),
        (AFTER, "1m30", None),
        (AFTER, "s", None),
        (AFTER, "5 parsecs", None),
        (AFTER, "5s and more", None),
        (AFTER, "Wed, 21 Oct 2026", None),
        (AFTER, "Wed, 32 Oct 2026 07:28:05 GMT", None),
        (AFTER_MS, "-250", None),
        (AFTER_MS, "inf", None),
        (AFTER_MS, "1e3", None),
        (AFTER_MS, "250ms", None),
        (RESET_TOKENS, "nan", None),
        (RESET_TOKENS, "-6s", None),
        (RESET_TOKENS, "1e9", None),
        (RESET_TOKENS, "never", None),
    ]);
}

#[test]
fn the_reset_of_a_window_is_a_duration_or_seconds_or_a_time() {
    check(&[
        (RESET_REQUESTS, "1s", Some(1_000)),
        (RESET_REQUESTS, "1m30s", Some(90_000)),
        (RESET_REQUESTS, "250ms", Some(250)),
        (RESET_REQUESTS, "12", Some(12_000)),
        (RESET_TOKENS, "0.5", Some(500)),
        (RESET_TOKENS, "1m0.5s", Some(60_500)),
        (RESET_TOKENS, "1792567690", Some(10_000)),
        (RESET_TOKENS, "1792567690.5", Some(10_500)),
        (RESET_TOKENS, "1792567670", Some(0)),
        (RESET_TOKENS, "1000000000", Some(0)),
        ("x-ratelimit-reset-project-tokens", "3s", Some(3_000)),
    ]);
}

#[test]
fn the_window_that_is_used_up_is_the_one_that_counts() {
    let reset = |left_requests, left_tokens| {
        wait(&[
            (LEFT_REQUESTS, left_requests),
            (RESET_REQUESTS, "20s"),
            (LEFT_TOKENS, left_tokens),
            (RESET_TOKENS, "3s"),
        ])
    };
    assert_eq!(reset("0", "17"), Some(20_000));
    assert_eq!(reset("17", "0"), Some(3_000));
    assert_eq!(reset("0", "0"), Some(20_000));
    assert_eq!(reset("", "0"), Some(3_000));
    assert_eq!(reset("17", "-3"), Some(3_000));
    assert_eq!(reset("", ""), Some(20_000));
}

#[test]
fn a_window_with_something_left_is_no_reason_to_wait() {
    // So says every answer of some providers, a `500` too.
    let headers = [
        (LEFT_REQUESTS, "4999"),
        (RESET_REQUESTS, "12ms"),
        (LEFT_TOKENS, "149984"),
        (RESET_TOKENS, "6m0s"),
    ];
    assert_eq!(wait(&headers), None);
}

#[test]
fn a_date_is_compared_with_our_clock_only_if_the_answer_has_none() {
    let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(100));
    for date in [None, Some("yesterday")] {
        let mut headers = HeaderMap::new();
        headers.insert(AFTER, soon.parse().unwrap());
        if let Some(date) = date {
            headers.insert("date", date.parse().unwrap());
        }
        let wait = RetryAfter::from_headers(&headers).unwrap();
        assert!((90..=100).contains(&wait.as_secs()), "{wait:?}");
    }
}

#[test]
fn a_text_tells_the_wait_in_words() {
    let cases: [(&str, Option<u64>); 41] = [
        (
            "Rate limit reached. Please try again in 7.66s.",
            Some(7_660),
        ),
        ("Please try again in 7.66s. Visit https://x.y", Some(7_660)),
        ("try again in 1m30s", Some(90_000)),
        ("try again in 2m59.56s.", Some(179_560)),
        ("try again in 6h0m0s", Some(300_000)),
        ("try again in 20 seconds", Some(20_000)),
        ("Try Again In 20 Seconds.", Some(20_000)),
        ("try again in 1 second", Some(1_000)),
        ("try again in 3 sec", Some(3_000)),
        ("try again in 2 minutes", Some(120_000)),
        ("try again in 2 min.", Some(120_000)),
        ("try again in 2minutes", Some(120_000)),
        ("try again in 1 minute and 30 seconds", Some(90_000)),
        ("try again in 1 minute, 30 seconds, or never", Some(90_000)),
        ("try again in 1 hour", Some(300_000)),
        ("try again in 3 days", Some(300_000)),
        ("try again in 250ms", Some(250)),
        ("try again in 250 ms", Some(250)),
        ("try again in 250 milliseconds", Some(250)),
        ("try again in 0.5 s", Some(500)),
        ("Please retry after 26 seconds.", Some(26_000)),
        ("retry after 3.", Some(3_000)),
        ("retry after: 3", Some(3_000)),
        ("Please retry in 36.434s.", Some(36_434)),
        (r#"{"retryDelay": "36s"}"#, Some(36_000)),
        (r#"{"retryDelay":"36.43s"}"#, Some(36_430)),
        (r#"retryDelay": "36s""#, Some(36_000)),
        (r#""{\"retryDelay\": \"36s\"}""#, Some(36_000)),
        // The second has a number, the first has none.
        (
            "try again in a while, or retry after 3 seconds",
            Some(3_000),
        ),
        ("try again in 5s. 100 requests are allowed", Some(5_000)),
        ("try again later", None),
        ("try again in a moment", None),
        ("try again in 5 parsecs", None),
        ("try again in -5s", None),
        ("try again in .", None),
        ("try again in", None),
        ("retry after 2026-10-21 07:28", None),
        ("retry after 07:28", None),
        (r#"{"retryDelay": {}}"#, None),
        ("wait 20 seconds", None),
        ("", None),
    ];
    for (text, millis) in cases {
        let wait = RetryAfter::from_text(text).map(rounded);
        assert_eq!(wait, millis, "{text:?}");
    }
}

#[test]
fn milliseconds_come_before_retry_after_before_a_text_before_the_reset() {
    let all = [
        (AFTER_MS, "1000"),
        (AFTER, "2"),
        (RESET_TOKENS, "4s"),
        (RESET_REQUESTS, "4s"),
    ];
    let text = "try again in 3s";
    let wait = |headers: &[(&'static str, &str)]| {
        rounded(RetryAfter::from_parts(&map(headers), text).unwrap())
    };
    assert_eq!(wait(&all), 1_000);
    assert_eq!(wait(&all[1..]), 2_000);
    assert_eq!(wait(&all[2..]), 3_000);
    let silent = RetryAfter::from_parts(&map(&all[2..]), "no");
    assert_eq!(silent.map(rounded), Some(4_000));
}

#[test]
fn what_makes_no_sense_gives_way_to_what_comes_after_it() {
    let headers = [(AFTER_MS, "soon"), (AFTER, "2")];
    assert_eq!(wait(&headers), Some(2_000));
    let headers = [(AFTER_MS, "soon"), (AFTER, "-2"), (RESET_TOKENS, "4s")];
    assert_eq!(wait(&headers), Some(4_000));
}

#[test]
fn of_two_headers_of_one_name_the_first_counts() {
    let mut headers = HeaderMap::new();
    headers.append(AFTER, HeaderValue::from_static("2"));
    headers.append(AFTER, HeaderValue::from_static("9"));
    let wait = RetryAfter::from_headers(&headers);
    assert_eq!(wait, Some(Duration::from_secs(2)));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic_and_within_the_clamp(
        values in proptest::collection::vec(any_value(), 8),
        text in prop_oneof![".*", r#"(try again in|retry after|retryDelay":) ?"?[-0-9.a-zµ ,:]{0,20}"#],
    ) {
        const NAMES: [&str; 8] = [
            AFTER, AFTER_MS, RESET_REQUESTS, RESET_TOKENS, LEFT_REQUESTS, LEFT_TOKENS, "date",
            "x-ratelimit-reset-project-tokens",
        ];
        let mut headers = HeaderMap::new();
        for (name, value) in NAMES.into_iter().zip(values) {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.insert(name, value);
            }
        }
        let from_headers = RetryAfter::from_headers(&headers);
        let from_text = RetryAfter::from_text(&text);
        let from_both = RetryAfter::from_parts(&headers, &text);

        for wait in [from_headers, from_text, from_both].into_iter().flatten() {
            prop_assert!(wait <= RetryAfter::MAX);
        }
        let one = from_headers.or(from_text);
        prop_assert_eq!(from_both.is_some(), one.is_some());
    }

    #[test]
    fn one_wait_is_the_same_in_all_spellings(millis in 0..=300_000_u64) {
        let (secs, rest) = (millis / 1000, millis % 1000);
        let spellings = [
            (AFTER_MS, millis.to_string()),
            (AFTER, format!("{secs}.{rest:03}")),
            (AFTER, format!("{millis}ms")),
            (AFTER, format!("{}m{}.{rest:03}s", secs / 60, secs % 60)),
            (RESET_TOKENS, format!("{secs}s{rest}ms")),
            (RESET_TOKENS, format!("{secs}.{rest:03}")),
        ];
        for (name, value) in spellings {
            prop_assert_eq!(wait(&[(name, &value)]), Some(millis), "{}: {}", name, value);
        }
        let text = format!("please try again in {secs}.{rest:03} seconds.");
        prop_assert_eq!(RetryAfter::from_text(&text).map(rounded), Some(millis));
    }
}

fn any_value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        "[-+0-9.eE]{0,24}".prop_map(String::into_bytes),
        "([0-9.]{1,5} ?(ms|s|m|h|d|µs)?){0,4}".prop_map(String::into_bytes),
        "[A-Z][a-z]{2}, [0-9]{2} (Jan|Oct) [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
            .prop_map(String::into_bytes),
    ]
}

fn check(cases: &[Case]) {
    for &(name, value, millis) in cases {
        assert_eq!(wait(&[(name, value)]), millis, "{name}: {value:?}");
    }
}

/// The milliseconds that headers mean, in an answer that has a date.
fn wait(headers: &[(&'static str, &str)]) -> Option<u64> {
    let mut headers = map(headers);
    headers.insert("date", HeaderValue::from_static(DATE));
    RetryAfter::from_headers(&headers).map(rounded)
}

fn map(headers: &[(&'static str, &str)]) -> HeaderMap {
    headers
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect()
}

/// A wait in milliseconds. A microsecond less, as a fraction of seconds may have, is none.
fn rounded(wait: Duration) -> u64 {
    u64::try_from((wait + Duration::from_micros(1)).as_millis()).unwrap()
}
