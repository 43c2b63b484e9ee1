//! One error for all that happens above the translation.
//!
//! ```text
//! provider's 429, 529, error event ─┐
//! connection, DNS, TLS ─────────────┼─► Error ─► class ─► scope, retry, signal, status
//! tower's Elapsed, Overloaded ──────┤       └─► message: for the caller
//! our own refusals ─────────────────┘           detail:  for the log
//! ```
//!
//! An [`Error`] is classified where it is made, so nothing outside has to look at a status code. It is
//! a handle: cloning it is cheap, and moving it is moving a pointer.
//!
//! # Example
//!
//! ```
//! use steeplechase_core::{BoxError, Class, Error, Retry};
//!
//! let error = Error::new(Class::RateLimited, "too many requests")
//!     .with_detail("key …4f of deployment eu-1 is out of requests")
//!     .with_retry_after(std::time::Duration::from_secs(3));
//! assert_eq!(error.retry(), Retry::OtherDeployment);
//!
//! // A stock layer boxes it, and it is found again on the way out.
//! let boxed: BoxError = error.into();
//! assert_eq!(Error::from(boxed).class(), Class::RateLimited);
//! ```

mod class;
mod convert;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

pub use self::class::{Class, Phase, Retry, Scope};
use crate::{Outcome, RetryAfter, Signal};

/// A failure that is already classified.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    class: Class,
    scope: Scope,
    retry: Retry,
    status: StatusCode,
    message: Box<str>,
    detail: Option<Box<str>>,
    code: Option<Box<str>>,
    param: Option<Box<str>>,
    retry_after: Option<Duration>,
    upstream: Option<Upstream>,
    deployment: Option<Arc<str>>,
    is_final: bool,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What the provider said, word for word where it is safe to repeat.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Upstream {
    /// The status of its answer. `200` if the error came in a stream.
    pub status: StatusCode,
    /// Its name for the type of the error.
    pub kind: Option<Box<str>>,
    /// Its code for the error.
    pub code: Option<Box<str>>,
    /// Its name for the request, for its support.
    pub request_id: Option<Box<str>>,
}

// ===== impl Error =====

impl Error {
    /// A failure of a class, with a message for the caller.
    ///
    /// Scope, retry and status are those of the class until they are set. The message is lowercase,
    /// without a full stop, and has no key and no internal URL in it.
    pub fn new(class: Class, message: impl Into<Box<str>>) -> Self {
        Self(Arc::new(Inner {
            class,
            scope: class.scope(),
            retry: class.retry(),
            status: class.status(),
            message: message.into(),
            detail: None,
            code: None,
            param: None,
            retry_after: None,
            upstream: None,
            deployment: None,
            is_final: false,
            source: None,
        }))
    }

    fn edit(mut self, edit: impl FnOnce(&mut Inner)) -> Self {
        edit(Arc::make_mut(&mut self.0));
        self
    }

    /// Sets who is to blame.
    #[must_use]
    pub fn with_scope(self, scope: Scope) -> Self {
        self.edit(|inner| inner.scope = scope)
    }

    /// Sets where another attempt makes sense.
    #[must_use]
    pub fn with_retry(self, retry: Retry) -> Self {
        self.edit(|inner| inner.retry = retry)
    }

    /// Sets the status with which the caller is told. One that is no error is ignored.
    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        self.edit(|inner| {
            if status.is_client_error() || status.is_server_error() {
                inner.status = status;
            }
        })
    }

    /// Says another message to the caller.
    #[must_use]
    pub fn with_message(self, message: impl Into<Box<str>>) -> Self {
        self.edit(|inner| inner.message = message.into())
    }

    /// Adds a message for the log. It may name what the caller must not see, but never a key.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<Box<str>>) -> Self {
        self.edit(|inner| inner.detail = Some(detail.into()))
    }

    /// Sets a stable code for programs, such as `context_length_exceeded`.
    #[must_use]
    pub fn with_code(self, code: impl Into<Box<str>>) -> Self {
        self.edit(|inner| inner.code = Some(code.into()))
    }

    /// Names the field of the call that is wrong.
    #[must_use]
    pub fn with_param(self, param: impl Into<Box<str>>) -> Self {
        self.edit(|inner| inner.param = Some(param.into()))
    }

    /// Sets how long the provider asks to be left alone, clamped as [`RetryAfter`] clamps.
    #[must_use]
    pub fn with_retry_after(self, after: impl Into<Option<Duration>>) -> Self {
        let after = after.into().map(|after| after.min(RetryAfter::MAX));
        self.edit(|inner| inner.retry_after = after)
    }

    /// Sets how long it is until there is room again, as we count it ourselves: the reset of a day may be far away, so
    /// it is not clamped.
    #[must_use]
    pub fn with_room_after(self, after: impl Into<Option<Duration>>) -> Self {
        let after = after.into();
        self.edit(|inner| inner.retry_after = after)
    }

    /// Adds what the provider said.
    #[must_use]
    pub fn with_upstream(self, upstream: Upstream) -> Self {
        self.edit(|inner| inner.upstream = Some(upstream))
    }

    /// Names the deployment that failed.
    #[must_use]
    pub fn with_deployment(self, id: impl Into<Arc<str>>) -> Self {
        self.edit(|inner| inner.deployment = Some(id.into()))
    }

    /// Marks that no attempts are left, so that a caller's SDK need not try again either.
    #[must_use]
    pub fn into_final(self) -> Self {
        self.edit(|inner| inner.is_final = true)
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.edit(|inner| inner.source = Some(Arc::from(source.into())))
    }

    /// What kind of failure it is.
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// Who is to blame.
    pub fn scope(&self) -> Scope {
        self.0.scope
    }

    /// Where another attempt makes sense.
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// The status with which the caller is told.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The message for the caller.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The message for the log.
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// A stable code for programs.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The field of the call that is wrong.
    pub fn param(&self) -> Option<&str> {
        self.0.param.as_deref()
    }

    /// How long the provider asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What the provider said.
    pub fn upstream(&self) -> Option<&Upstream> {
        self.0.upstream.as_ref()
    }

    /// The deployment that failed.
    pub fn deployment(&self) -> Option<&str> {
        self.0.deployment.as_deref()
    }

    /// Whether no attempts are left.
    pub fn is_final(&self) -> bool {
        self.0.is_final
    }

    /// What the failure says about the health of the deployment: nothing, if the call is to blame, as
    /// with a caller whose time was too short.
    pub fn signal(&self) -> Signal {
        match self.0.scope {
            Scope::Request | Scope::Gateway => Signal::Neutral,
            _ => self.0.class.signal(),
        }
    }

    /// All that a layer needs to know, in one value.
    pub fn outcome(&self) -> Outcome {
        Outcome {
            class: Some(self.0.class),
            scope: self.0.scope,
            retry: self.0.retry,
            signal: self.signal(),
            retry_after: self.0.retry_after,
        }
    }

    /// Of two failures of one call, the one that the caller can make more of. At a tie it is `self`.
    #[must_use]
    pub fn or_more_useful(self, other: Self) -> Self {
        if other.class().usefulness() > self.class().usefulness() {
            other
        } else {
            self
        }
    }
}

impl fmt::Display for Error {
    /// Writes the message for the caller.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    /// Writes what the log may have.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut debug = f.debug_struct("Error");
        debug
            .field("class", &inner.class)
            .field("message", &inner.message);
        if let Some(detail) = &inner.detail {
            debug.field("detail", detail);
        }
        if let Some(deployment) = &inner.deployment {
            debug.field("deployment", deployment);
        }
        if let Some(upstream) = &inner.upstream {
            debug.field("upstream", upstream);
        }
        debug.finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_ref()
            .map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}

// ===== impl Upstream =====

impl Upstream {
    /// What a provider said with a status.
    pub fn new(status: StatusCode) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }
}
