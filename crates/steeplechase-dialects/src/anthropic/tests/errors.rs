use std::time::Duration;

use http::HeaderMap;
use http::HeaderName;
use http::StatusCode;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;
use steeplechase_core::Class;
use steeplechase_core::Error;
use steeplechase_core::Phase;
use steeplechase_core::Scope;

use crate::anthropic::STRICT_REJECTED;
use crate::anthropic::THINKING_REJECTED;
use crate::anthropic::classify;
use crate::anthropic::classify_event;

fn body(kind: &str, text: &str) -> Value {
    json!({"type": "error", "error": {"type": kind, "message": text}, "request_id": "req_7"})
}

fn of(status: u16, body: impl ToString) -> Error {
    let status = StatusCode::from_u16(status).unwrap();
    classify(status, &HeaderMap::new(), body.to_string().as_bytes())
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
    pairs.collect()
}

/// Status, type and words; the class that they have, and the status that the caller gets.
const TYPES: &[(u16, &str, &str, Class, u16)] = &[
    (
        400,
        "invalid_request_error",
        "max_tokens: required",
        Class::InvalidRequest,
        400,
    ),
    (
        400,
        "invalid_request_error",
        "prompt is too long: 9 tokens > 8 maximum",
        Class::ContextWindow,
        400,
    ),
    (
        400,
        "invalid_request_error",
        "input length and `max_tokens` exceed context limit: 9 + 9 > 8",
        Class::ContextWindow,
        400,
    ),
    (
        400,
        "invalid_request_error",
        "Output blocked by content filtering policy",
        Class::ContentPolicy,
        400,
    ),
    (
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the API",
        Class::Quota,
        402,
    ),
    (
        401,
        "authentication_error",
        "invalid x-api-key",
        Class::Auth,
        502,
    ),
    (402, "billing_error", "pay first", Class::Quota, 402),
    (403, "permission_error", "not this model", Class::Auth, 502),
    (
        404,
        "not_found_error",
        "model: claude-q",
        Class::NotFound,
        404,
    ),
    (409, "conflict_error", "locked", Class::Server, 502),
    (
        413,
        "request_too_large",
        "Request exceeds the maximum size",
        Class::TooLarge,
        413,
    ),
    (
        422,
        "invalid_request_error",
        "no",
        Class::InvalidRequest,
        422,
    ),
    (
        429,
        "rate_limit_error",
        "slow down",
        Class::RateLimited,
        429,
    ),
    (500, "api_error", "oops", Class::Server, 502),
    (
        504,
        "timeout_error",
        "late",
        Class::Timeout(Phase::FirstToken),
        504,
    ),
    (
        529,
        "overloaded_error",
        "Overloaded",
        Class::Overloaded,
        503,
    ),
];

#[test]
fn each_type_has_a_class_and_a_status() {
    for (status, kind, text, class, wanted) in TYPES.iter().copied() {
        let error = of(status, body(kind, text));
        assert_eq!(error.class(), class, "{status} {text}");
        assert_eq!(error.status().as_u16(), wanted, "{status} {text}");
        assert!(error.message().ends_with(text), "{error}");
        let upstream = error.upstream().unwrap();
        assert_eq!(upstream.status.as_u16(), status);
        assert_eq!(upstream.kind.as_deref(), Some(kind));
        assert_eq!(upstream.request_id.as_deref(), Some("req_7"));
    }
}

/// Status and code; the class and the scope that they have, and the status that the caller gets.
const CODES: &[(u16, &str, Class, u16, Scope)] = &[
    (
        429,
        "ramp_limit_exceeded",
        Class::RateLimited,
        429,
        Scope::Deployment,
    ),
    (
        429,
        "enforced_spend_limit_reached",
        Class::Quota,
        429,
        Scope::Key,
    ),
    (
        400,
        "contract_spend_limit_reached",
        Class::Quota,
        402,
        Scope::Key,
    ),
    (403, "organization_on_hold", Class::Auth, 502, Scope::Key),
    (
        400,
        "cmek_key_unreachable",
        Class::Server,
        502,
        Scope::Deployment,
    ),
    (
        400,
        "request_body_too_large_after_decoding",
        Class::TooLarge,
        413,
        Scope::Request,
    ),
    (
        400,
        "claude_code_version_too_old",
        Class::InvalidRequest,
        400,
        Scope::Request,
    ),
    (
        529,
        "something_newer",
        Class::Overloaded,
        503,
        Scope::Deployment,
    ),
];

#[test]
fn the_providers_code_counts_more_than_its_type_and_its_words() {
    for (status, code, class, wanted, scope) in CODES.iter().copied() {
        let kind = if status == 529 {
            "overloaded_error"
        } else {
            "invalid_request_error"
        };
        let mut body = body(kind, "prompt is too long");
        body["error"]["details"] = json!({"error_code": code});
        let error = of(status, body);
        assert_eq!((error.class(), error.scope()), (class, scope), "{code}");
        assert_eq!(error.status().as_u16(), wanted, "{code}");
        assert_eq!(error.upstream().unwrap().code.as_deref(), Some(code));
    }
}

#[test]
fn without_json_the_status_decides() {
    let timeout = Class::Timeout(Phase::FirstToken);
    let table = [
        (400, "", Class::InvalidRequest),
        (400, "maximum context length", Class::ContextWindow),
        (401, "", Class::Auth),
        (402, "", Class::Quota),
        (403, "<html>", Class::Auth),
        (404, "{}", Class::NotFound),
        (408, "", timeout),
        (413, "<h1>413</h1>", Class::TooLarge),
        (413, "prompt is too long", Class::ContextWindow),
        (418, "", Class::InvalidRequest),
        (429, "null", Class::RateLimited),
        (500, "[]", Class::Server),
        (502, "{\"error\": \"text\"}", Class::Server),
        (503, "\u{0}", Class::Overloaded),
        (521, "", Class::Server),
        (524, "", timeout),
        (529, "", Class::Overloaded),
        (302, "", Class::Server),
    ];
    for (status, text, class) in table {
        assert_eq!(of(status, text).class(), class, "{status} {text}");
    }
    let page = of(
        502,
        "<html><head><title>502</title></head><body><p>Bad gateway</p></body></html>",
    );
    assert_eq!(page.message(), "502 Bad gateway");
    assert_eq!(
        of(500, "").message(),
        "the provider answered with 500 Internal Server Error"
    );
}

#[test]
fn other_hosts_wrap_it_in_their_own_way() {
    let inner = body("invalid_request_error", "prompt is too long: 9 > 8").to_string();
    let wrapped = json!({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": inner}});
    assert_eq!(of(400, &wrapped).class(), Class::ContextWindow);
    let listed =
        json!([{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "quota"}}]);
    let error = of(429, listed);
    assert_eq!(
        (error.class(), error.message()),
        (Class::RateLimited, "quota")
    );
    assert_eq!(
        error.upstream().unwrap().kind.as_deref(),
        Some("RESOURCE_EXHAUSTED")
    );
}

#[test]
fn a_second_try_is_told_by_its_code() {
    let seal = body(
        "invalid_request_error",
        "messages.1: Invalid `signature` in `thinking` block",
    );
    assert_eq!(of(400, seal).code(), Some(THINKING_REJECTED));
    let strict = body("invalid_request_error", "too many strict tools (21 > 20)");
    assert_eq!(of(400, strict).code(), Some(STRICT_REJECTED));
    let plain = body("invalid_request_error", "messages: required");
    assert_eq!(of(400, plain).code(), Some("invalid_request"));
}

#[test]
fn keys_never_reach_the_caller_and_long_texts_are_cut() {
    let error = of(
        401,
        body("authentication_error", "bad key sk-ant-api03-SECRET"),
    );
    assert_eq!(
        error.message(),
        "the provider refused the gateway's key: bad key sk-***"
    );
    assert!(!format!("{error:?}").contains("SECRET"));
    let long = "x".repeat(2000);
    assert_eq!(
        of(500, body("api_error", &long)).message().chars().count(),
        501
    );
    assert_eq!(
        of(400, body("invalid_request_error", &long)).message(),
        long
    );
}

#[test]
fn a_wait_is_read_where_waiting_helps() {
    let at = |status: u16, pairs: &[(&'static str, &str)]| {
        let status = StatusCode::from_u16(status).unwrap();
        classify(status, &headers(pairs), b"").retry_after()
    };
    let seconds = |count| Some(Duration::from_secs(count));
    assert_eq!(at(429, &[("retry-after", "12")]), seconds(12));
    assert_eq!(
        at(529, &[("retry-after-ms", "1500")]),
        Some(Duration::from_millis(1500))
    );
    assert_eq!(at(400, &[("retry-after", "12")]), None);
    let date = ("date", "Sun, 01 Mar 2026 10:20:30 GMT");
    let reset = |kind: &'static str, at: &'static str| (kind, at);
    let tokens = reset("anthropic-ratelimit-tokens-reset", "2026-03-01T10:20:50Z");
    let requests = reset(
        "anthropic-ratelimit-requests-reset",
        "2026-03-01T10:20:35.5Z",
    );
    let used_up = ("anthropic-ratelimit-requests-remaining", "0");
    assert_eq!(at(429, &[date, tokens, requests]), seconds(20));
    assert_eq!(
        at(429, &[date, tokens, requests, used_up]),
        Some(Duration::from_millis(5500))
    );
    assert_eq!(at(429, &[date, tokens, ("retry-after", "3")]), seconds(3));
    // Limits come with every answer, also with that of a server that has failed.
    let left = ("anthropic-ratelimit-tokens-remaining", "7");
    assert_eq!(at(500, &[date, tokens, left]), None);
    let past = reset("anthropic-ratelimit-tokens-reset", "2024-02-29T00:00:00Z");
    assert_eq!(at(429, &[date, past]), seconds(0));
    for odd in [
        "soon",
        "2026-13-01T00:00:00Z",
        "2026-03-01",
        "T:Z",
        "2026-03-01T1é:00Z",
    ] {
        let value = http::HeaderValue::from_bytes(odd.as_bytes()).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("anthropic-ratelimit-tokens-reset", value);
        assert_eq!(
            classify(StatusCode::TOO_MANY_REQUESTS, &headers, b"").retry_after(),
            None
        );
    }
}

#[test]
fn the_name_of_the_request_is_kept_from_the_header_too() {
    let headers = headers(&[("request-id", "req_h")]);
    let error = classify(StatusCode::BAD_GATEWAY, &headers, b"");
    assert_eq!(
        error.upstream().unwrap().request_id.as_deref(),
        Some("req_h")
    );
}

#[test]
fn an_error_in_a_stream_has_only_its_type() {
    let event = |kind: &str| classify_event(body(kind, "why").to_string().as_bytes());
    assert_eq!(event("overloaded_error").class(), Class::Overloaded);
    assert_eq!(event("rate_limit_error").class(), Class::RateLimited);
    assert_eq!(event("api_error").class(), Class::Server);
    assert_eq!(event("brand_new_error").class(), Class::Server);
    assert_eq!(
        event("api_error").upstream().unwrap().status,
        StatusCode::OK
    );
    assert_eq!(classify_event(b"garbage").class(), Class::Server);
}

proptest! {
    #[test]
    fn nothing_that_a_provider_says_makes_it_panic(
        status in 100_u16..1000,
        body in prop::collection::vec(any::<u8>(), 0..80),
        reset in "[0-9TZ:.+-]{0,30}",
    ) {
        let status = StatusCode::from_u16(status).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("anthropic-ratelimit-tokens-reset", reset.parse().unwrap());
        let error = classify(status, &headers, &body);
        prop_assert!(!error.message().is_empty());
        let _ = classify_event(&body);
    }
}
