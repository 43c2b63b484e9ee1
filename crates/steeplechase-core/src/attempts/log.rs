use std::sync::Arc;
use std::time::Duration;

use crate::{Class, Cost, Usage};

/// One attempt, after it has ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The id of the deployment that it went to.
    pub deployment: Arc<str>,
    /// How it ended.
    pub ending: Ending,
    /// From its start to its first content, if it got that far.
    pub first_content: Option<Duration>,
    /// From its start to its end.
    pub elapsed: Duration,
    /// What it has taken, as far as the provider has said, or else as far as it can be estimated: see
    /// [`Usage::is_estimated`].
    pub usage: Option<Usage>,
    /// What that has cost, as far as anybody knows.
    pub cost: Option<Cost>,
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
            ending,
            first_content: None,
            elapsed,
            usage: None,
            cost: None,
        }
    }
}
