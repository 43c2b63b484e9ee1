//! How a layer asks what an outcome means.
//!
//! Below the translation a `500` is an `Ok(Response)`, as HTTP has it; above it every failure is an
//! `Err(Error)`. A layer that asks through [`Classify`] works in both worlds.
//!
//! # Example
//!
//! A classifier that also takes an empty answer for a failure:
//!
//! ```
//! use http::{Response, StatusCode};
//! use steeplechase_core::{Class, Classify, DefaultClassifier, Outcome};
//!
//! #[derive(Clone)]
//! struct NoContentIsFailure;
//!
//! impl<B, E: 'static> Classify<B, E> for NoContentIsFailure {
//!     fn classify(&self, outcome: Result<&Response<B>, &E>) -> Outcome {
//!         match outcome {
//!             Ok(response) if response.status() == StatusCode::NO_CONTENT => {
//!                 Outcome::failure(Class::Empty)
//!             }
//!             other => DefaultClassifier.classify(other),
//!         }
//!     }
//! }
//! ```

use std::any::Any;
use std::time::Duration;

use http::Response;

use crate::{BoxError, Class, Error, Retry, RetryAfter, Scope};

/// What an outcome means to every layer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct Outcome {
    /// What kind of failure it is, or `None` for a success.
    pub class: Option<Class>,
    /// Who is to blame.
    pub scope: Scope,
    /// Where another attempt makes sense.
    pub retry: Retry,
    /// What it says about the health of the one that answered.
    pub signal: Signal,
    /// How long the one that answered asks to be left alone.
    pub retry_after: Option<Duration>,
}

/// What an outcome says about the health of the one that answered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Signal {
    /// It works.
    Success,
    /// It is broken.
    Failure,
    /// It works, and has too much to do.
    Throttle,
    /// Nothing: the caller's fault, or the caller went away.
    Neutral,
}

/// Says what an outcome means.
///
/// A classifier is cloned for every request. The default is [`DefaultClassifier`].
pub trait Classify<ResBody, E> {
    /// Says what `outcome` means.
    fn classify(&self, outcome: Result<&Response<ResBody>, &E>) -> Outcome;
}

/// The default [`Classify`], for bare HTTP and for our own errors.
///
/// * A response goes by its status, see [`Class::from_status`], and by its hints when to come back,
///   see [`RetryAfter`]. A header `x-should-retry` has the last word.
/// * An error of ours, boxed or not, knows itself.
/// * Any other error is a failed connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct DefaultClassifier;

// ===== impl Outcome =====

impl Outcome {
    /// A success.
    pub const SUCCESS: Self = Self {
        class: None,
        scope: Scope::Request,
        retry: Retry::Never,
        signal: Signal::Success,
        retry_after: None,
    };

    /// A failure that has all the defaults of its class.
    pub const fn failure(class: Class) -> Self {
        Self {
            class: Some(class),
            scope: class.scope(),
            retry: class.retry(),
            signal: class.signal(),
            retry_after: None,
        }
    }

    /// Whether it is a success.
    pub const fn is_success(&self) -> bool {
        self.class.is_none()
    }

    /// Whether another attempt at the same model makes sense.
    pub const fn is_retryable(&self) -> bool {
        matches!(self.retry, Retry::OtherDeployment | Retry::Same)
    }
}

// ===== impl DefaultClassifier =====

impl<ResBody, E: 'static> Classify<ResBody, E> for DefaultClassifier {
    fn classify(&self, outcome: Result<&Response<ResBody>, &E>) -> Outcome {
        match outcome {
            Ok(response) => classify_response(response),
            Err(error) => classify_error(error),
        }
    }
}

fn classify_response<B>(response: &Response<B>) -> Outcome {
    let Some(class) = Class::from_status(response.status()) else {
        return Outcome::SUCCESS;
    };
    let mut outcome = Outcome {
        retry_after: RetryAfter::from_headers(response.headers()),
        ..Outcome::failure(class)
    };
    match response
        .headers()
        .get("x-should-retry")
        .map(http::HeaderValue::as_bytes)
    {
        Some(b"true") if outcome.retry == Retry::Never => outcome.retry = Retry::OtherDeployment,
        Some(b"false") => outcome.retry = Retry::Never,
        _ => {}
    }
    outcome
}

fn classify_error(error: &dyn Any) -> Outcome {
    if let Some(error) = error.downcast_ref::<Error>() {
        return error.outcome();
    }
    error
        .downcast_ref::<BoxError>()
        .and_then(|error| Error::find(&**error))
        .map_or(Outcome::failure(Class::Transport), |error| error.outcome())
}
