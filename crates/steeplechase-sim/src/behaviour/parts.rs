//! What a behaviour is made of.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

/// The two big families of behaviour, and what the second one consists of.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Answer,
    Raw(Vec<RawEvent>),
    Error {
        status: StatusCode,
        body: Option<Bytes>,
    },
    /// An error answer that means this, in the dialect's own words.
    Means(Meaning),
    Html(StatusCode),
    Reset,
    Silent,
}

/// What an error means, whatever status and code a dialect has for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Meaning {
    Overloaded,
    ContextTooLong,
}

/// What the provider's filter takes offence at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Filter {
    Prompt,
    Answer,
}

#[derive(Clone, Debug)]
pub(crate) struct ScriptedCall {
    pub(crate) name: String,
    pub(crate) arguments: Value,
}

/// Where an answer breaks off, and how.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Break {
    pub(crate) after: After,
    pub(crate) how: How,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum After {
    Tokens(usize),
    Bytes(usize),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum How {
    Cut,
    Stall,
    Truncate,
    Error(String),
}

/// Tokens as the provider bills them.
///
/// Neutral: each dialect writes them its own way.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Usage {
    /// All input tokens, those read from and written to a cache included.
    pub input: u64,
    /// All output tokens, reasoning included.
    pub output: u64,
    /// Input tokens that were read from a cache.
    pub cache_read: u64,
    /// Input tokens that were written to a cache.
    pub cache_write: u64,
    /// Output tokens that were spent on reasoning.
    pub reasoning: u64,
}

/// Recorded bytes, and how long after the ones before them they come.
///
/// Made from the bytes alone, or from a pair of a delay and the bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RawEvent {
    /// Since the event before, or since the head for the first one.
    pub delay: Duration,
    /// Sent as one data frame, exactly as they are.
    pub bytes: Bytes,
}

impl<T: Into<Bytes>> From<T> for RawEvent {
    fn from(bytes: T) -> Self {
        Self {
            delay: Duration::ZERO,
            bytes: bytes.into(),
        }
    }
}

impl RawEvent {
    /// Bytes that come `delay` after the ones before them.
    pub fn after(delay: Duration, bytes: impl Into<Bytes>) -> Self {
        Self {
            delay,
            bytes: bytes.into(),
        }
    }
}
