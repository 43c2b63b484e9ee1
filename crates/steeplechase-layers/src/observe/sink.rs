use std::fmt;
use std::sync::Arc;

use steeplechase_core::attempts::Attempt;
use steeplechase_core::{Attempts, Deployment};
use tokio::time::Instant;

/// Is told of each attempt when it has ended.
///
/// # Requirements
///
/// It is called from wherever the attempt ends, which may be the drop of a future or of a body: it must
/// not wait, and it must not panic. A queue that is bounded, and counts what it has no room for, is what
/// most sinks put the report in.
pub trait Sink: Send + Sync {
    /// An attempt has ended.
    fn attempt(&self, report: &AttemptReport<'_>);
}

/// An attempt that has ended, and what it belongs to.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct AttemptReport<'a> {
    /// Where it went to.
    pub deployment: &'a Arc<Deployment>,
    /// What became of it.
    pub attempt: &'a Attempt,
    /// When it began.
    pub started: Instant,
    /// The attempts of the request that it belongs to. Their log has this one in it already.
    pub attempts: &'a Attempts,
}

impl fmt::Debug for AttemptReport<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptReport")
            .field("attempt", self.attempt)
            .field("started", &self.started)
            .finish_non_exhaustive()
    }
}
