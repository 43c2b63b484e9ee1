use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use http::StatusCode;
use steeplechase_core::error::Upstream;
use steeplechase_core::{Class, Error, Scope};

use super::redact::{redact, shorten};

/// The most that is told of an error that is not the caller's fault.
pub(crate) const MAX_CHARS: usize = 500;

/// What follows from what a provider says of a failure.
pub(crate) struct Verdict {
    pub(crate) class: Class,
    pub(crate) code: &'static str,
    pub(crate) scope: Option<Scope>,
    /// The status for the caller, if it is not that of the class.
    pub(crate) status: Option<StatusCode>,
    /// What an operator can do about it.
    pub(crate) hint: Option<&'static str>,
}

// ===== impl Verdict =====

impl Verdict {
    /// A failure of this class, with the code that it usually has.
    pub(crate) const fn of(class: Class) -> Self {
        let code = match class {
            Class::Auth => "upstream_auth",
            Class::ContentPolicy => "content_policy_violation",
            Class::ContextWindow => "context_length_exceeded",
            Class::InvalidRequest => "invalid_request",
            Class::NotFound => "model_not_found",
            Class::Overloaded => "overloaded",
            Class::Quota => "insufficient_quota",
            Class::RateLimited => "rate_limit_exceeded",
            Class::Timeout(_) => "upstream_timeout",
            Class::TooLarge => "request_too_large",
            _ => "upstream_error",
        };
        Self {
            class,
            code,
            scope: None,
            status: None,
            hint: None,
        }
    }

    /// What a status says that has no meaning of its own at this provider.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        Self::of(Class::from_status(status).unwrap_or(Class::Server))
    }

    /// The account is empty. It is no `429`, which SDKs would try again.
    pub(crate) const fn unpaid() -> Self {
        Self {
            code: "billing",
            status: Some(StatusCode::PAYMENT_REQUIRED),
            ..Self::of(Class::Quota)
        }
    }

    /// The key may not do this.
    pub(crate) const fn denied(scope: Scope) -> Self {
        Self {
            code: "model_access_denied",
            scope: Some(scope),
            ..Self::of(Class::Auth)
        }
    }

    /// When to come back, by what the provider says of it with `said`. With most failures that says nothing, as
    /// they do not pass by waiting.
    pub(crate) fn wait(&self, said: impl FnOnce() -> Option<Duration>) -> Option<Duration> {
        match self.class {
            Class::Overloaded | Class::Quota | Class::RateLimited | Class::Server => said(),
            _ => None,
        }
    }

    /// The error for the caller. `text` is what the provider says, and if that is nothing, `source` is what it has
    /// answered with.
    ///
    /// Keys are masked in it, and long texts are cut, unless the failure is the caller's fault.
    pub(crate) fn error(&self, text: &str, source: impl fmt::Display, upstream: Upstream) -> Error {
        let text = redact(text);
        let text = if self.class.is_callers_fault() {
            text
        } else {
            Cow::Owned(shorten(&text, MAX_CHARS).into_owned())
        };
        let mut message = match (self.class, text.is_empty()) {
            (_, true) => format!("the provider answered with {source}"),
            // The caller's own key is fine.
            (Class::Auth, false) => format!("the provider refused the gateway's key: {text}"),
            (_, false) => text.into_owned(),
        };
        if let Some(hint) = self.hint {
            message = format!("{}; {hint}", message.trim_end_matches('.'));
        }
        let mut error = Error::new(self.class, message)
            .with_code(self.code)
            .with_upstream(upstream);
        if let Some(scope) = self.scope {
            error = error.with_scope(scope);
        }
        match self.status {
            Some(status) => error.with_status(status),
            None => error,
        }
    }
}
