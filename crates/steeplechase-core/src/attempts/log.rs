use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Kind;
use crate::{Class, Cost, Usage};

/// One attempt, after it has ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The id of the deployment that it went to.
    pub deployment: Arc<str>,
    /// Why it was started.
    pub kind: Kind,
    /// When it was started, if anybody has looked at the clock.
    pub started: Option<Instant>,
    /// How it ended.
    pub ending: Ending,
    /// Whether it was dropped because another attempt of the same request has won. If it was dropped and has
    /// not lost, the caller went away.
    pub has_lost: bool,
    /// From its start to its first content, if it got that far.
    pub first_content: Option<Duration>,
    /// From its start to its end.
    pub elapsed: Duration,
    /// What it has taken, as far as the provider has said, or else as far as it can be estimated: see
    /// [`Usage::is_estimated`].
    pub usage: Option<Usage>,
    /// What that has cost, as far as anybody knows.
    pub cost: Option<Cost>,
    /// What it has cost at most: if it was dropped, and its provider may go on to the end of the answer, that
    /// and the rest of an answer of usual length. `None` if nobody knows how long that is.
    pub cost_at_most: Option<Cost>,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ending {
    /// The answer was complete.
    Complete,
    /// It failed.
    Failed(Class),
    /// It was dropped: it lost to another attempt, or the caller went away.
    Dropped,
}

impl Attempt {
    /// An attempt that has ended. What else is known is set on its fields.
    pub fn new(deployment: impl Into<Arc<str>>, ending: Ending, elapsed: Duration) -> Self {
        Self {
            deployment: deployment.into(),
            kind: Kind::First,
            started: None,
            ending,
            has_lost: false,
            first_content: None,
            elapsed,
            usage: None,
            cost: None,
            cost_at_most: None,
        }
    }
}
