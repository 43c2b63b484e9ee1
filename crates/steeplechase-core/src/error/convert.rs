use std::convert::Infallible;

use tower::load_shed::error::Overloaded;
use tower::timeout::error::Elapsed;

use super::{Class, Error, Phase, Scope};
use crate::BoxError;

/// Finds our own error again, knows those of tower's stock layers, and takes any other for a failed
/// connection, since what is boxed below the translation comes from an HTTP client.
impl From<BoxError> for Error {
    fn from(error: BoxError) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => *error,
            Err(error) => Self::find(&*error).unwrap_or_else(|| {
                let detail = chain(&*error);
                Self::new(Class::Transport, "the connection to the provider failed")
                    .with_detail(detail)
                    .with_source(error)
            }),
        }
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl Error {
    /// Finds an error that is known among `error` and its sources: ours, or that of a stock layer.
    pub fn find(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(error) = error.downcast_ref::<Self>() {
                return Some(error.clone());
            }
            if error.is::<Elapsed>() {
                let message = "the provider did not answer in time";
                return Some(Self::new(Class::Timeout(Phase::FirstToken), message));
            }
            if error.is::<Overloaded>() {
                return Some(
                    Self::new(Class::Overloaded, "too many requests are in progress")
                        .with_scope(Scope::Gateway),
                );
            }
            next = error.source();
        }
        None
    }
}

/// The messages of an error and all its sources, for the log.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(": ");
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}
