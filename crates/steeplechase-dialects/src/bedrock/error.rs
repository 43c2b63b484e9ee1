use std::borrow::Cow;

use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use steeplechase_core::error::Upstream;
use steeplechase_core::{Class, Error, Phase, RetryAfter, Scope};

use crate::chat::redact::{redact, shorten};
use crate::json;

/// The most that is told of an error that is not the caller's fault.
const MAX_CHARS: usize = 500;

/// What the provider says about a failure.
#[derive(Default)]
struct Complaint {
    /// `ThrottlingException`.
    kind: Option<String>,
    text: String,
    /// The status that the model itself has given, where it is served by others.
    original: Option<u16>,
    request_id: Option<String>,
}

/// What follows from it.
struct Verdict {
    class: Class,
    code: &'static str,
    scope: Option<Scope>,
    /// What an operator can do about it.
    hint: Option<&'static str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireError {
    message: Option<String>,
    #[serde(rename = "Message")]
    capital: Option<String>,
    #[serde(rename = "__type")]
    kind: Option<String>,
    #[serde(rename = "originalStatusCode")]
    status: Option<u16>,
    #[serde(rename = "originalMessage")]
    original: Option<String>,
}

/// Classifies an answer that is no success.
///
/// What counts is the type of the exception, which is in a header or in the body; then the status. Its
/// words count where one type stands for several things: a prompt that is too long, a model that is
/// not there.
///
/// Keys and the names of accounts are masked in what the caller is told, and long texts are cut, unless
/// the failure is the caller's fault.
pub fn classify(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let mut complaint = Complaint::of(body);
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(kind) = header("x-amzn-errortype") {
        complaint.kind = Some(plain_kind(kind).to_owned());
    }
    complaint.request_id = header("x-amzn-requestid").map(str::to_owned);
    let verdict = complaint.verdict(Some(status));
    let waits = matches!(
        verdict.class,
        Class::RateLimited | Class::Overloaded | Class::Server | Class::Quota
    );
    let retry_after = waits
        .then(|| RetryAfter::from_parts(headers, &complaint.text))
        .flatten();
    complaint
        .error(&verdict, status)
        .with_retry_after(retry_after)
}

/// Classifies an error in the place of an answer, which has no status.
pub fn classify_event(data: &[u8]) -> Error {
    let complaint = Complaint::of(data);
    let verdict = complaint.verdict(None);
    complaint.error(&verdict, StatusCode::OK)
}

/// Classifies an exception in a stream, by its type: `throttlingException`.
pub fn classify_exception(name: &str, data: &[u8]) -> Error {
    let mut complaint = Complaint::of(data);
    complaint.kind = Some(plain_kind(name).to_owned());
    let verdict = complaint.verdict(None);
    complaint.error(&verdict, StatusCode::OK)
}

/// `ThrottlingException:http://…`, and `com.amazon.coral.service#ThrottlingException`.
fn plain_kind(kind: &str) -> &str {
    let kind = kind.split(':').next().unwrap_or_default();
    kind.rsplit('#').next().unwrap_or_default().trim()
}

// ===== impl Complaint =====

impl Complaint {
    fn of(body: &[u8]) -> Self {
        let Ok(wire) = json::from_slice::<WireError>(body) else {
            return Self {
                text: String::from_utf8_lossy(body).into_owned(),
                ..Self::default()
            };
        };
        let text = wire.message.or(wire.capital).unwrap_or_default();
        let original = wire.original.filter(|original| *original != text);
        let text = match original {
            Some(original) if text.is_empty() => original,
            Some(original) => format!("{text}: {original}"),
            None => text,
        };
        Self {
            kind: wire.kind.map(|kind| plain_kind(&kind).to_owned()),
            text,
            original: wire.status,
            request_id: None,
        }
    }

    fn verdict(&self, status: Option<StatusCode>) -> Verdict {
        self.of_kind().unwrap_or_else(|| self.of_status(status))
    }

    fn of_kind(&self) -> Option<Verdict> {
        // In a stream they begin with a small letter.
        let kind = self.kind.as_deref()?.to_ascii_lowercase();
        let kind = kind.strip_suffix("exception").unwrap_or(&kind);
        Some(match kind {
            "validation" => self.of_words(),
            "accessdenied" => denied(),
            "unrecognizedclient"
            | "invalidsignature"
            | "expiredtoken"
            | "missingauthenticationtoken"
            | "incompletesignature"
            | "invalidclienttokenid"
            | "signaturedoesnotmatch"
            | "requestexpired" => verdict(Class::Auth, "upstream_auth"),
            "resourcenotfound" | "unknownoperation" => verdict(Class::NotFound, "model_not_found"),
            "throttling" | "toomanyrequests" if self.says("per day") => {
                verdict(Class::Quota, "insufficient_quota")
            }
            "throttling" | "toomanyrequests" | "servicequotaexceeded" => {
                verdict(Class::RateLimited, "rate_limit_exceeded")
            }
            "modelnotready" | "serviceunavailable" => verdict(Class::Overloaded, "overloaded"),
            "modeltimeout" => verdict(Class::Timeout(Phase::FirstToken), "upstream_timeout"),
            "modelerror" | "modelstreamerror" => self.of_original(),
            "internalserver" | "internalfailure" => verdict(Class::Server, "upstream_error"),
            _ => return None,
        })
    }

    /// The failure of a model that the provider only passes on.
    fn of_original(&self) -> Verdict {
        let Some(original) = self.original else {
            return verdict(Class::Server, "upstream_error");
        };
        match original {
            408 | 504 => verdict(Class::Timeout(Phase::FirstToken), "upstream_timeout"),
            429 => verdict(Class::RateLimited, "rate_limit_exceeded"),
            503 | 529 => verdict(Class::Overloaded, "overloaded"),
            400..=499 => self.of_words(),
            _ => verdict(Class::Server, "upstream_error"),
        }
    }

    fn of_status(&self, status: Option<StatusCode>) -> Verdict {
        let Some(status) = status else {
            return verdict(Class::Server, "upstream_error");
        };
        match status.as_u16() {
            400 | 422 => self.of_words(),
            403 if self.says("security token") || self.says("signature") => {
                verdict(Class::Auth, "upstream_auth")
            }
            403 => denied(),
            424 => self.of_original(),
            _ => {
                let class = Class::from_status(status).unwrap_or(Class::Server);
                verdict(class, code_of(class))
            }
        }
    }

    /// A complaint about the request. The words tell the kinds apart, as nothing else does.
    fn of_words(&self) -> Verdict {
        const TOO_LONG: [&str; 9] = [
            "input is too long",
            "too many tokens",
            "too many input tokens",
            "prompt is too long",
            "expected maxlength",
            "exceed context limit",
            "context window",
            "maximum context length",
            "exceeds the maximum number of tokens",
        ];
        let text = self.text.to_lowercase();
        if TOO_LONG.iter().any(|sign| text.contains(sign)) {
            return verdict(Class::ContextWindow, "context_length_exceeded");
        }
        if text.contains("throughput isn") || text.contains("throughput isn\u{2019}t") {
            return Verdict {
                hint: Some("use the name or the ARN of an inference profile"),
                ..verdict(Class::NotFound, "model_not_found")
            };
        }
        if text.contains("model identifier is invalid") {
            return verdict(Class::NotFound, "model_not_found");
        }
        if text.contains("operation not allowed") {
            return denied();
        }
        if text.contains("security token") || text.contains("invalid api key") {
            return verdict(Class::Auth, "upstream_auth");
        }
        verdict(Class::InvalidRequest, "invalid_request")
    }

    fn says(&self, words: &str) -> bool {
        self.text.to_lowercase().contains(words)
    }

    fn error(self, verdict: &Verdict, status: StatusCode) -> Error {
        let class = verdict.class;
        let text = redact(&self.text);
        let text = if class.is_callers_fault() {
            text
        } else {
            Cow::Owned(without_arns(&shorten(&text, MAX_CHARS)))
        };
        let mut message = match (class, text.is_empty()) {
            (_, true) => match &self.kind {
                Some(kind) => format!("the provider answered with {kind}"),
                None => format!("the provider answered with {status}"),
            },
            // The caller's own key is fine.
            (Class::Auth, false) => format!("the provider refused the gateway's key: {text}"),
            (_, false) => text.into_owned(),
        };
        if let Some(hint) = verdict.hint {
            message = format!("{}; {hint}", message.trim_end_matches('.'));
        }
        let mut upstream = Upstream::new(status);
        upstream.kind = self.kind.map(Into::into);
        upstream.request_id = self.request_id.map(Into::into);
        let error = Error::new(class, message)
            .with_code(verdict.code)
            .with_upstream(upstream);
        match verdict.scope {
            Some(scope) => error.with_scope(scope),
            None => error,
        }
    }
}

const fn verdict(class: Class, code: &'static str) -> Verdict {
    Verdict {
        class,
        code,
        scope: None,
        hint: None,
    }
}

/// The key may not call this model.
const fn denied() -> Verdict {
    Verdict {
        scope: Some(Scope::Deployment),
        ..verdict(Class::Auth, "model_access_denied")
    }
}

const fn code_of(class: Class) -> &'static str {
    match class {
        Class::Auth => "upstream_auth",
        Class::NotFound => "model_not_found",
        Class::Overloaded => "overloaded",
        Class::RateLimited => "rate_limit_exceeded",
        Class::Timeout(_) => "upstream_timeout",
        Class::TooLarge => "request_too_large",
        Class::InvalidRequest => "invalid_request",
        _ => "upstream_error",
    }
}

/// A text without what names an account, which callers need not know.
fn without_arns(text: &str) -> String {
    let words = text.split_inclusive(char::is_whitespace).map(|word| {
        let start = word.find("arn:aws");
        start.map_or(Cow::Borrowed(word), |start| {
            let rest = &word[start..];
            let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ')' | ','));
            let end = end.unwrap_or(rest.len());
            Cow::Owned(format!("{}arn:***{}", &word[..start], &rest[end..]))
        })
    });
    words.collect()
}
