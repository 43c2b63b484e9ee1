//! What is read of a provider's own limits, and whom it is told.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use steeplechase_core::RetryAfter;
use steeplechase_core::deployment::{Headroom, Quota};
use tokio::time::Instant;

use super::super::headroom::read as read_headers;
use super::*;

const ANSWER: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}"#;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &str)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        )
    };
    pairs.iter().map(pair).collect()
}

/// A limit, what remains of it, and the milliseconds until it is reset.
fn figures(quota: Quota) -> (Option<u64>, Option<u64>, Option<u128>) {
    let reset = quota.reset.map(|reset| reset.as_millis());
    (quota.limit, quota.remaining, reset)
}

#[test]
fn openais_headers_are_of_requests_and_of_tokens() {
    let headroom = read_headers(&headers(&[
        ("x-ratelimit-limit-requests", "500"),
        ("x-ratelimit-remaining-requests", "499"),
        ("x-ratelimit-reset-requests", "120ms"),
        ("x-ratelimit-limit-tokens", "30000"),
        ("x-ratelimit-remaining-tokens", "29000.5"),
        ("x-ratelimit-reset-tokens", "1m2.5s"),
        ("x-request-id", "req_1"),
    ]));
    assert_eq!(
        figures(headroom.requests),
        (Some(500), Some(499), Some(120))
    );
    assert_eq!(
        figures(headroom.tokens),
        (Some(30_000), Some(29_000), Some(62_500))
    );
    assert_eq!(headroom.input_tokens, Quota::default());
}

#[test]
fn anthropics_headers_tell_the_time_by_its_own_clock() {
    let headroom = read_headers(&headers(&[
        ("date", "Sun, 01 Mar 2026 10:20:30 GMT"),
        ("anthropic-ratelimit-requests-limit", "50"),
        ("anthropic-ratelimit-requests-remaining", "0"),
        ("anthropic-ratelimit-requests-reset", "2026-03-01T10:20:42Z"),
        ("anthropic-ratelimit-input-tokens-remaining", "1000"),
        ("anthropic-ratelimit-output-tokens-limit", "8000"),
        (
            "anthropic-ratelimit-output-tokens-reset",
            "2026-03-01T10:20:00Z",
        ),
        ("anthropic-ratelimit-tokens-remaining", "7"),
    ]));
    assert_eq!(
        figures(headroom.requests),
        (Some(50), Some(0), Some(12_000))
    );
    assert_eq!(figures(headroom.input_tokens), (None, Some(1_000), None));
    assert_eq!(
        figures(headroom.output_tokens),
        (Some(8_000), None, Some(0))
    );
    assert_eq!(figures(headroom.tokens), (None, Some(7), None));
}

#[test]
fn what_makes_no_sense_is_as_if_it_were_not_there() {
    for value in [
        "",
        "-1",
        "nan",
        "1e9",
        "many",
        "12.",
        ".5",
        "99999999999999999999",
    ] {
        let headroom = read_headers(&headers(&[
            ("x-ratelimit-remaining-requests", value),
            ("x-ratelimit-limit-tokens", value),
        ]));
        assert!(headroom.is_empty(), "{value}");
    }
    for value in ["soon", "", "-3", "2026-13-45T99:00:00Z"] {
        let headroom = read_headers(&headers(&[("x-ratelimit-reset-tokens", value)]));
        assert!(headroom.is_empty(), "{value}");
    }
    let others = [
        ("x-ratelimit-cost", "3"),
        ("x-ratelimit-remaining-images", "3"),
    ];
    assert!(read_headers(&headers(&others)).is_empty());
}

#[tokio::test(start_paused = true)]
async fn every_answer_tells_the_deployment_a_failure_too() {
    for (status, body) in [(200, ANSWER), (500, "{}")] {
        let deployment = openai();
        let mut answer = json(status, body);
        answer.headers_mut().extend(headers(&[
            ("x-ratelimit-limit-requests", "60"),
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "1m0s"),
        ]));
        assert!(deployment.limits().has_room());
        let (outcome, _) = ask(&deployment, whole_call(), answer).await;
        assert_eq!(outcome.is_ok(), status == 200);
        let now = Instant::now();
        let opens = deployment.limits().opens_at(now);
        assert_eq!(opens, Some(now + Duration::from_secs(1)), "{status}");
    }
}

#[tokio::test]
async fn what_is_said_of_one_model_says_nothing_of_all_of_a_providers() {
    let deployment = Deployment::builder("all", "o/*", Dialect::OpenAi)
        .upstream_model("*")
        .build();
    let mut answer = json(200, ANSWER);
    answer.headers_mut().extend(headers(&[
        ("x-ratelimit-limit-requests", "60"),
        ("x-ratelimit-remaining-requests", "0"),
    ]));
    let call = call(r#"{"model":"o/gpt-4o","messages":[]}"#);
    let (outcome, _) = ask(&deployment, call, answer).await;
    assert!(outcome.is_ok());
    assert!(!deployment.limits().has_rates());
}

proptest! {
    #[test]
    fn whatever_stands_in_a_header_it_is_read_to_the_end(
        values in prop::collection::vec(
            (
                "(x-ratelimit|anthropic-ratelimit)-(limit|remaining|reset|requests|tokens|-)-(requests|tokens|input-tokens|reset|limit|remaining|-)",
                prop_oneof!["[ -~]{0,30}", "[0-9]{0,25}(ms|s|m|h|d)?", "[0-9TZ:.+-]{0,30}"],
            ),
            0..12,
        ),
    ) {
        let mut map = HeaderMap::new();
        for (name, value) in values {
            map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let Headroom { requests, tokens, input_tokens, output_tokens, .. } = read_headers(&map);
        for quota in [requests, tokens, input_tokens, output_tokens] {
            prop_assert!(quota.reset.is_none_or(|reset| reset <= RetryAfter::MAX));
        }
    }
}
