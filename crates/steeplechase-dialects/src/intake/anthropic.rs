//! Failures, as Anthropic tells them.

use std::borrow::Cow;

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;
use steeplechase_core::{Class, Error};

use super::render::json;

/// The body of an error.
#[derive(Serialize)]
struct WireBody<'a> {
    r#type: &'static str,
    error: WireError<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
}

#[derive(Serialize)]
struct WireError<'a> {
    r#type: &'static str,
    message: Cow<'a, str>,
}

/// Anthropic's own status for a provider that has too much to do.
const OVERLOADED: u16 = 529;

/// The status of a failure.
pub(super) fn status(error: &Error) -> StatusCode {
    match error.status() {
        StatusCode::SERVICE_UNAVAILABLE => {
            StatusCode::from_u16(OVERLOADED).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
        }
        status => status,
    }
}

pub(super) fn body(error: &Error) -> Bytes {
    json(&WireBody {
        r#type: "error",
        error: WireError {
            r#type: kind(error),
            message: message(error),
        },
        request_id: request_id(error),
    })
}

/// The provider's name for the request that has failed, by which its support knows it.
pub(super) fn request_id(error: &Error) -> Option<&str> {
    error.upstream()?.request_id.as_deref()
}

fn kind(error: &Error) -> &'static str {
    match status(error).as_u16() {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        OVERLOADED => "overloaded_error",
        _ if error.class().is_callers_fault() => "invalid_request_error",
        _ => "api_error",
    }
}

/// The message. That a conversation is too long is said as Anthropic says it: by these words Claude Code
/// knows that it has to make it shorter.
fn message(error: &Error) -> Cow<'_, str> {
    let message = error.message();
    let lower = message.to_ascii_lowercase();
    let is_said = ["prompt is too long", "exceed context limit"]
        .iter()
        .any(|words| lower.contains(words));
    if error.class() != Class::ContextWindow || is_said {
        return message.into();
    }
    match tokens(&lower) {
        Some((asked, most)) => {
            format!("prompt is too long: {asked} tokens > {most} maximum").into()
        }
        None => format!("prompt is too long: {message}").into(),
    }
}

/// How many tokens a prompt has, and how many it may have, if a message says so.
fn tokens(message: &str) -> Option<(u64, u64)> {
    const LIMITS: [&str; 5] = [
        "maximum context length",
        "context window",
        "maximum prompt length",
        "limit",
        "maximum",
    ];
    let after = LIMITS.iter().find_map(|words| {
        let at = message.find(words)?;
        numbers(&message[at..]).next()
    });
    let most = after?;
    let asked = numbers(message).filter(|asked| *asked > most).max()?;
    Some((asked, most))
}

/// The whole numbers in a text, with commas in them or without.
fn numbers(text: &str) -> impl Iterator<Item = u64> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != ',');
    words.filter_map(|word| word.replace(',', "").parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_a_prompt_is_too_long_is_said_in_the_words_that_are_looked_for() {
        for (said, told) in [
            (
                "This model's maximum context length is 128000 tokens. However, your messages \
                 resulted in 130500 tokens.",
                "prompt is too long: 130500 tokens > 128000 maximum",
            ),
            (
                "maximum context length is 8,192 tokens, however you requested 10,000 tokens \
                 (9000 in the messages, 1000 in the completion)",
                "prompt is too long: 10000 tokens > 8192 maximum",
            ),
            (
                "This model's maximum prompt length is 131072 but the request contains 200001",
                "prompt is too long: 200001 tokens > 131072 maximum",
            ),
            (
                "Current length is 9001 while limit is 8192",
                "prompt is too long: 9001 tokens > 8192 maximum",
            ),
            (
                "the input is longer than the model's context",
                "prompt is too long: the input is longer than the model's context",
            ),
            (
                "prompt is too long: 3 tokens > 2 maximum",
                "prompt is too long: 3 tokens > 2 maximum",
            ),
            (
                "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000",
                "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000",
            ),
        ] {
            assert_eq!(message(&Error::new(Class::ContextWindow, said)), told);
        }
        let other = "maximum context length is 1 of 2";
        assert_eq!(message(&Error::new(Class::InvalidRequest, other)), other);
    }
}
