use std::fmt::Write;

use http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use steeplechase::Dialect;
use steeplechase::dialects::intake::error_response;
use steeplechase::layers::fallback::{FallbackErrors, FellBack};

const REASON: HeaderName = HeaderName::from_static("x-steeplechase-fallback-reason");
const LITELLM_ERRORS: HeaderName = HeaderName::from_static("x-litellm-fallback-errors");

/// How many characters of a message are told in a header.
const MESSAGE_SHOWN: usize = 300;

/// Says in headers why another model has answered than the one asked for, and, to a call that wants to know,
/// how those before it have failed.
pub(super) fn annotate(headers: &mut HeaderMap, extensions: &Extensions) {
    if let Some(fell_back) = extensions.get::<FellBack>() {
        let reason = HeaderValue::from_static(fell_back.reason.as_str());
        headers.insert(REASON, reason);
    }
    if let Some(FallbackErrors(errors)) = extensions.get() {
        let told = errors.iter().map(|(model, error)| {
            // As the caller would have been told of it.
            let body = error_response(Dialect::OpenAi, error).into_body();
            let mut body: Value = serde_json::from_slice(&body).unwrap_or_default();
            let message: String = error.message().chars().take(MESSAGE_SHOWN).collect();
            body["error"]["message"] = message.into();
            body["error"]["model"] = json!(**model);
            body["error"].take()
        });
        let told = ascii(&told.collect::<Value>().to_string());
        if let Ok(value) = HeaderValue::from_str(&told) {
            headers.insert(LITELLM_ERRORS, value);
        }
    }
}

/// The same JSON in characters that a header can have.
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a text cannot fail.
            _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use steeplechase::{Class, Error};

    use super::*;

    #[test]
    fn how_each_leg_has_failed_is_json_that_a_header_can_carry() {
        let long = "é😀\u{7f}".repeat(200);
        let errors: Vec<(Arc<str>, Error)> = vec![
            (
                "fast".into(),
                Error::new(Class::RateLimited, "slow down").with_param("n"),
            ),
            ("größer".into(), Error::new(Class::Server, long.clone())),
        ];
        let mut extensions = Extensions::new();
        extensions.insert(FallbackErrors(errors.into()));
        let mut headers = HeaderMap::new();
        annotate(&mut headers, &extensions);
        let value = headers["x-litellm-fallback-errors"].to_str().unwrap();
        let told: Value = serde_json::from_str(value).unwrap();
        let first = json!({
            "message": "slow down", "type": "rate_limit_error", "param": "n", "code": told[0]["code"],
            "model": "fast",
        });
        assert_eq!(told[0], first);
        assert_eq!(told[1]["model"], "größer");
        let shown: String = long.chars().take(MESSAGE_SHOWN).collect();
        assert_eq!(told[1]["message"], shown);
        assert!(!headers.contains_key("x-steeplechase-fallback-reason"));
    }

    #[test]
    fn without_a_fallback_nothing_is_said() {
        let mut headers = HeaderMap::new();
        annotate(&mut headers, &Extensions::new());
        assert!(headers.is_empty());
    }
}
