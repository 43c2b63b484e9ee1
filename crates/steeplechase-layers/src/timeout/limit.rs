use std::time::Duration;

use steeplechase_core::{Class, Error, Phase, Retry, Scope};
use tokio::time::Instant;

use super::metrics;

/// Which limit it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Limit {
    FirstToken(Duration),
    ByteIdle(Duration),
    ContentIdle(Duration),
    Total(Duration),
    /// That of the request, and not of this layer.
    Deadline,
}

/// When a limit is reached.
pub(super) type At = (Instant, Limit);

impl Limit {
    /// When the limit is reached, if it is counted from `start`. `None` if that is beyond all time.
    pub(super) fn from(self, start: Instant, left: Duration) -> Option<At> {
        Some((start.checked_add(left)?, self))
    }

    /// The error of having reached it, counted. `is_callers` says who has set it.
    pub(super) fn exceed(self, is_callers: bool) -> Error {
        let (phase, message) = match self {
            Self::FirstToken(limit) => (
                Phase::FirstToken,
                format!("no first token within {}", seconds(limit)),
            ),
            Self::ByteIdle(limit) => (
                Phase::ByteIdle,
                format!("nothing from the provider for {}", seconds(limit)),
            ),
            Self::ContentIdle(limit) => (
                Phase::ContentIdle,
                format!("no content from the provider for {}", seconds(limit)),
            ),
            Self::Total(limit) => (
                Phase::Total,
                format!("no complete answer within {}", seconds(limit)),
            ),
            Self::Deadline => (
                Phase::Total,
                "no complete answer before the deadline of the request".to_owned(),
            ),
        };
        metrics::timed_out(phase);
        let error = Error::new(Class::Timeout(phase), message);
        if self == Self::Deadline {
            // No provider is to blame for the caller's hurry, and no other has the time either.
            error.with_scope(Scope::Request).with_retry(Retry::Never)
        } else if is_callers {
            error.with_scope(Scope::Request)
        } else {
            error
        }
    }
}

/// The limit that is reached first. At a tie it is the first of them.
pub(super) fn earliest(limits: impl IntoIterator<Item = Option<At>>) -> Option<At> {
    limits.into_iter().flatten().min_by_key(|(at, _)| *at)
}

fn seconds(limit: Duration) -> String {
    format!("{} s", limit.as_secs_f64())
}
