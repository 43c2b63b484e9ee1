use std::borrow::Cow;

use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use steeplechase_core::error::Upstream;
use steeplechase_core::{Class, Error, Phase, RetryAfter, Scope};

use crate::chat::verdict::Verdict;
use crate::json;

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
    let retry_after = verdict.wait(|| RetryAfter::from_parts(headers, &complaint.text));
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
            "accessdenied" => Verdict::denied(Scope::Deployment),
            "unrecognizedclient"
            | "invalidsignature"
            | "expiredtoken"
            | "missingauthenticationtoken"
            | "incompletesignature"
            | "invalidclienttokenid"
            | "signaturedoesnotmatch"
            | "requestexpired" => Verdict::of(Class::Auth),
            "resourcenotfound" | "unknownoperation" => Verdict::of(Class::NotFound),
            "throttling" | "toomanyrequests" if self.says("per day") => Verdict::of(Class::Quota),
            "throttling" | "toomanyrequests" | "servicequotaexceeded" => {
                Verdict::of(Class::RateLimited)
            }
            "modelnotready" | "serviceunavailable" => Verdict::of(Class::Overloaded),
            "modeltimeout" => Verdict::of(Class::Timeout(Phase::FirstToken)),
            "modelerror" | "modelstreamerror" => self.of_original(),
            "internalserver" | "internalfailure" => Verdict::of(Class::Server),
            _ => return None,
        })
    }

    /// The failure of a model that the provider only passes on.
    fn of_original(&self) -> Verdict {
        let Some(original) = self.original else {
            return Verdict::of(Class::Server);
        };
        match original {
            408 | 504 => Verdict::of(Class::Timeout(Phase::FirstToken)),
            429 => Verdict::of(Class::RateLimited),
            503 | 529 => Verdict::of(Class::Overloaded),
            400..=499 => self.of_words(),
            _ => Verdict::of(Class::Server),
        }
    }

    fn of_status(&self, status: Option<StatusCode>) -> Verdict {
        let Some(status) = status else {
            return Verdict::of(Class::Server);
        };
        match status.as_u16() {
            400 | 422 => self.of_words(),
            403 if self.says("security token") || self.says("signature") => {
                Verdict::of(Class::Auth)
            }
            403 => Verdict::denied(Scope::Deployment),
            424 => self.of_original(),
            _ => Verdict::of_status(status),
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
            return Verdict::of(Class::ContextWindow);
        }
        if text.contains("throughput isn") || text.contains("throughput isn\u{2019}t") {
            return Verdict {
                hint: Some("use the name or the ARN of an inference profile"),
                ..Verdict::of(Class::NotFound)
            };
        }
        if text.contains("model identifier is invalid") {
            return Verdict::of(Class::NotFound);
        }
        if text.contains("operation not allowed") {
            return Verdict::denied(Scope::Deployment);
        }
        if text.contains("security token") || text.contains("invalid api key") {
            return Verdict::of(Class::Auth);
        }
        Verdict::of(Class::InvalidRequest)
    }

    fn says(&self, words: &str) -> bool {
        self.text.to_lowercase().contains(words)
    }

    fn error(self, verdict: &Verdict, status: StatusCode) -> Error {
        let text = if verdict.class.is_callers_fault() {
            Cow::Borrowed(&*self.text)
        } else {
            Cow::Owned(without_arns(&self.text))
        };
        let source = self.kind.clone().unwrap_or_else(|| status.to_string());
        let mut upstream = Upstream::new(status);
        upstream.kind = self.kind.map(Into::into);
        upstream.request_id = self.request_id.map(Into::into);
        verdict.error(&text, source, upstream)
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
