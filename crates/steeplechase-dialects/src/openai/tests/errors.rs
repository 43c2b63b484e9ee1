use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use steeplechase_core::{Class, Error, Phase, Retry, Scope};

use super::super::{classify, classify_event};

const TIMEOUT: Class = Class::Timeout(Phase::FirstToken);

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap()
}

pub(super) fn error(code: u16, body: &str) -> Error {
    classify(status(code), &HeaderMap::new(), body.as_bytes())
}

pub(super) fn said(code: u16, message: &str) -> Error {
    let body = serde_json::json!({"error": {"message": message, "type": null, "code": null}});
    error(code, &body.to_string())
}

fn coded(status: u16, code: &str) -> Error {
    error(
        status,
        &format!(r#"{{"error":{{"message":"m","code":"{code}"}}}}"#),
    )
}

pub(super) fn with_headers(
    code: u16,
    headers: &[(&'static str, &'static str)],
    body: &str,
) -> Error {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect();
    classify(status(code), &headers, body.as_bytes())
}

#[test]
fn phrases_of_a_full_context_are_known_in_any_case() {
    for phrase in [
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
        "requested token count exceeds the model's maximum context length",
        "input length and `max_tokens` exceed context limit: 1 + 2 > 3",
        "String too long. Expected a string with maximum length 9",
        "the model's maximum context limit is 9",
        "The prompt is longer than the model's context length",
        "Input tokens exceed the configured limit of 9 tokens",
        "`inputs` tokens + `max_new_tokens` must be <= 4096",
        "the request exceeds the available context size",
        "The input token count (9) exceeds the maximum number of tokens allowed (8)",
        "Current length is 9 while limit is 8",
        "Maximum input length is 8 tokens",
        "Input too long: 9 input tokens, limit is 8",
        "prompt is too long: 9 tokens > 8 maximum",
        "This model's maximum prompt length is 8 but the request contains 9 tokens",
        "too many tokens: size limit exceeded by 11326 tokens",
        "Your input exceeds the context window of this model",
    ] {
        for status in [400, 413, 422] {
            for phrase in [
                phrase.to_owned(),
                phrase.to_uppercase(),
                phrase.to_lowercase(),
            ] {
                let error = said(status, &phrase);
                assert_eq!(error.class(), Class::ContextWindow, "{phrase}");
                assert_eq!(error.code(), Some("context_length_exceeded"));
            }
        }
        assert_ne!(said(429, phrase).class(), Class::ContextWindow, "{phrase}");
        assert_ne!(said(500, phrase).class(), Class::ContextWindow, "{phrase}");
    }
}

#[test]
fn near_misses_of_a_full_context_are_refusals() {
    for phrase in [
        "Invalid 'max_tokens': must be at least 1",
        "too many tokens: max tokens must be less than or equal to 4096, the maximum output",
        "Maximum input length is wrong",
        "while limit is 8 current length is 9",
        "Something else is the matter",
        "Bad field 429 in prompt text",
        "",
    ] {
        assert_eq!(said(400, phrase).class(), Class::InvalidRequest, "{phrase}");
    }
    for phrase in ["Rate limit reached", "Invalid API key"] {
        assert_ne!(said(400, phrase).class(), Class::ContextWindow, "{phrase}");
    }
    let error = error(
        400,
        r#"{"error":{"message":"Invalid 'user': string too long. Expected a string with maximum length 100",
            "param":"user","code":"string_above_max_length"}}"#,
    );
    assert_eq!(error.class(), Class::InvalidRequest);
    assert_eq!(error.param(), Some("user"));
}

#[test]
fn phrases_of_a_content_filter_are_known_in_any_case() {
    for phrase in [
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy",
        "Your request was rejected as a result of our safety system.",
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy",
        "Your task failed as a result of our safety system.",
        "The model produced invalid content",
        "Output blocked by content filtering policy",
        "content_filter_policy",
    ] {
        for phrase in [phrase.to_owned(), phrase.to_uppercase()] {
            let error = said(400, &phrase);
            assert_eq!(error.class(), Class::ContentPolicy, "{phrase}");
            assert_eq!(error.code(), Some("content_policy_violation"));
        }
    }
    for miss in [
        "Invalid content format",
        "Policy configuration error",
        "the content is long",
    ] {
        assert_eq!(said(400, miss).class(), Class::InvalidRequest, "{miss}");
    }
    let azure = r#"{"error":{"message":"x","code":"400","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#;
    assert_eq!(error(400, azure).class(), Class::ContentPolicy);
    assert_eq!(coded(400, "content_filter").code(), Some("content_filter"));
    let router = r#"{"error":{"message":"no","code":403,"metadata":{"reasons":["violence"]}}}"#;
    assert_eq!(error(403, router).class(), Class::ContentPolicy);
}

#[test]
fn a_code_decides_over_the_status() {
    for (status, code, class) in [
        (400, "context_length_exceeded", Class::ContextWindow),
        (400, "content_policy_violation", Class::ContentPolicy),
        (400, "cyber_policy_violation", Class::ContentPolicy),
        (400, "model_not_found", Class::NotFound),
        (404, "DeploymentNotFound", Class::NotFound),
        (400, "unsupported_parameter", Class::InvalidRequest),
        (400, "json_validate_failed", Class::Server),
        (429, "rate_limit_exceeded", Class::RateLimited),
        (429, "insufficient_quota", Class::Quota),
        (429, "billing_hard_limit_reached", Class::Quota),
        (429, "project_spend_limit_exceeded", Class::Quota),
        (429, "slow_down", Class::RateLimited),
        (503, "slow_down", Class::Overloaded),
        (503, "server_is_overloaded", Class::Overloaded),
        (429, "queue_exceeded", Class::Overloaded),
        (401, "invalid_api_key", Class::Auth),
        (403, "unsupported_country_region_territory", Class::Auth),
    ] {
        assert_eq!(coded(status, code).class(), class, "{status} {code}");
    }
}

#[test]
fn without_a_code_the_status_decides() {
    for (status, class) in [
        (301, Class::Server),
        (400, Class::InvalidRequest),
        (401, Class::Auth),
        (402, Class::Quota),
        (403, Class::Auth),
        (404, Class::NotFound),
        (408, TIMEOUT),
        (409, Class::Server),
        (413, Class::TooLarge),
        (422, Class::InvalidRequest),
        (424, Class::Server),
        (429, Class::RateLimited),
        (498, Class::Overloaded),
        (500, Class::Server),
        (502, Class::Server),
        (503, Class::Overloaded),
        (504, TIMEOUT),
        (520, Class::Server),
        (529, Class::Overloaded),
    ] {
        for body in [
            "",
            "<html>",
            "{}",
            "{\"error\":",
            "null",
            "[]",
            "[7]",
            "words",
        ] {
            assert_eq!(error(status, body).class(), class, "{status} {body}");
        }
    }
    assert_eq!(
        said(500, "The model is overloaded").class(),
        Class::Overloaded
    );
    assert_eq!(
        said(500, "The model produced invalid content").class(),
        Class::ContentPolicy
    );
}

#[test]
fn a_429_says_whether_it_passes() {
    assert_eq!(
        said(429, "Rate limit reached for x").class(),
        Class::RateLimited
    );
    assert_eq!(
        said(429, "Limit on tokens per day (TPD)").class(),
        Class::Quota
    );
    let quota = "You exceeded your current quota, please check your plan and billing details";
    assert_eq!(said(429, quota).class(), Class::Quota);
    assert_eq!(said(429, quota).scope(), Scope::Key);

    let large = "Request too large for x on tokens per min (TPM): Limit 30000, Requested 50000";
    for status in [413, 429] {
        let error = said(status, large);
        assert_eq!(
            (error.class(), error.retry()),
            (Class::RateLimited, Retry::OtherModel)
        );
        assert_eq!(error.status(), 429);
    }
    assert_eq!(said(429, "Rate limit").retry(), Retry::OtherDeployment);

    let gemini = |quota: &str| {
        error(
            429,
            &format!(
                r#"[{{"error":{{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED",
            "details":[{{"quotaId":"GenerateRequests{quota}"}},{{"retryDelay":"27.5s"}}]}}}}]"#
            ),
        )
    };
    let minute = gemini("PerMinute");
    assert_eq!(minute.class(), Class::RateLimited);
    assert_eq!(minute.retry_after(), Some(Duration::from_secs_f64(27.5)));
    assert_eq!(gemini("PerDay").class(), Class::Quota);
}

#[test]
fn a_hint_is_taken_from_the_headers_and_then_from_the_message() {
    let body = r#"{"error":{"message":"Please try again in 7.66s."}}"#;
    let error = with_headers(
        429,
        &[("retry-after-ms", "1500"), ("retry-after", "2")],
        body,
    );
    assert_eq!(error.retry_after(), Some(Duration::from_millis(1500)));
    let error = with_headers(429, &[("x-ratelimit-reset-tokens", "1m0s")], body);
    assert_eq!(error.retry_after(), Some(Duration::from_secs_f64(7.66)));
    assert_eq!(said(429, "no hint").retry_after(), None);
}

#[test]
fn the_provider_may_say_whether_to_come_back() {
    let retry = |code, word| with_headers(code, &[("x-should-retry", word)], "").retry();
    assert_eq!(retry(400, "true"), Retry::OtherDeployment);
    assert_eq!(retry(500, "false"), Retry::Never);
    // Another key, or another deployment, is another matter.
    assert_eq!(retry(401, "false"), Retry::OtherDeployment);
    assert_eq!(retry(429, "false"), Retry::OtherDeployment);
    assert_eq!(retry(429, "maybe"), Retry::OtherDeployment);
}

#[test]
fn an_event_is_classified_by_what_it_says_of_itself() {
    for (data, class) in [
        (
            r#"{"error":{"message":"a","code":429}}"#,
            Class::RateLimited,
        ),
        (
            r#"{"error":{"message":"a","code":"503"}}"#,
            Class::Overloaded,
        ),
        (
            r#"{"error":{"message":"a","type":"server_error"}}"#,
            Class::Server,
        ),
        (
            r#"{"error":{"message":"a","type":"invalid_request_error"}}"#,
            Class::InvalidRequest,
        ),
        (
            r#"{"error":{"message":"a","type":"insufficient_quota"}}"#,
            Class::Quota,
        ),
        (
            r#"{"error":{"message":"Rate limit reached"}}"#,
            Class::RateLimited,
        ),
        (
            r#"{"error":{"message":"the maximum context length is 9"}}"#,
            Class::ContextWindow,
        ),
        (r#"{"error":{"message":"A timeout occurred"}}"#, TIMEOUT),
        (
            r#"{"error":{"message":"payload429snippet"}}"#,
            Class::Server,
        ),
        (
            r#"{"error":{"message":"quota is used up (status code 429)"}}"#,
            Class::RateLimited,
        ),
        (
            r#"{"error":{"message":"a","code":400}}"#,
            Class::InvalidRequest,
        ),
        (
            r#"{"error":{"message":"rejected by our safety system","code":"content_policy_violation"}}"#,
            Class::ContentPolicy,
        ),
        (r#"{"error":{"message":"a","code":200}}"#, Class::Server),
        ("", Class::Server),
    ] {
        let error = classify_event(data.as_bytes());
        assert_eq!(error.class(), class, "{data}");
        assert_eq!(error.upstream().unwrap().status, 200);
    }
}

#[test]
fn an_answer_of_minimax_that_failed_begins_with_success() {
    let failed = |code: u32, text: &str| {
        let body = serde_json::json!({
            "id": "a", "choices": null, "base_resp": {"status_code": code, "status_msg": text},
        });
        error(200, &body.to_string()).class()
    };
    assert_eq!(failed(1002, "rate limit"), Class::RateLimited);
    assert_eq!(failed(1004, "login fail"), Class::Auth);
    assert_eq!(failed(1008, "insufficient balance"), Class::Quota);
    assert_eq!(failed(1026, "input new_sensitive"), Class::ContentPolicy);
    assert_eq!(failed(1013, "unknown"), Class::Server);
    assert_eq!(failed(2013, "invalid params"), Class::InvalidRequest);
    // A word of success beside an error says nothing of it.
    let both = r#"{"error":{"message":"x","code":429},"base_resp":{"status_code":0}}"#;
    assert_eq!(error(200, both).class(), Class::RateLimited);
}

#[test]
fn a_suspended_account_is_out_of_credit() {
    let error = said(
        412,
        "Account a is suspended, possibly due to reaching the spending limit",
    );
    assert_eq!(error.class(), Class::Quota);
    assert_eq!(
        said(412, "precondition failed").class(),
        Class::InvalidRequest
    );
}
