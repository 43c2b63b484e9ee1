//! What a caller sees when the connection itself fails.

use std::error::Error;
use std::{fmt, io};

/// A failure of the connection, as opposed to an answer that reports an error.
///
/// Its [`source`](Error::source) is an [`io::Error`] of the kind that a socket would have given:
/// code that looks for one down the chain of causes finds it.
#[derive(Debug)]
pub struct SimError {
    kind: SimErrorKind,
    cause: io::Error,
}

/// What happened to the connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SimErrorKind {
    /// Reset before a response head was sent.
    Reset,
    /// Cut in the middle of the response body.
    Cut,
    /// The body of the request could not be read. Not the sim's doing.
    RequestBody,
}

impl SimError {
    pub(crate) fn reset() -> Self {
        Self {
            kind: SimErrorKind::Reset,
            cause: io::ErrorKind::ConnectionReset.into(),
        }
    }

    pub(crate) fn cut() -> Self {
        Self {
            kind: SimErrorKind::Cut,
            cause: io::ErrorKind::UnexpectedEof.into(),
        }
    }

    pub(crate) fn request_body(cause: Box<dyn Error + Send + Sync>) -> Self {
        Self {
            kind: SimErrorKind::RequestBody,
            cause: io::Error::other(cause),
        }
    }

    /// What happened.
    #[must_use]
    pub fn kind(&self) -> SimErrorKind {
        self.kind
    }
}

impl fmt::Display for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            SimErrorKind::Reset => "connection reset before the response head",
            SimErrorKind::Cut => "connection cut in the middle of the response body",
            SimErrorKind::RequestBody => "the body of the request could not be read",
        })
    }
}

impl Error for SimError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}
