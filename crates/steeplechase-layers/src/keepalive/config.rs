use std::time::Duration;

use bytes::Bytes;

/// The settings of a [`KeepaliveLayer`](super::KeepaliveLayer).
///
/// # Defaults
///
/// * [`after`](Self::after) and [`every`](Self::every): 15 s, as the HTML standard advises.
/// * [`comment`](Self::comment): `: keepalive`.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct KeepaliveConfig {
    pub(super) after: Duration,
    pub(super) every: Duration,
    pub(super) comment: Bytes,
}

impl KeepaliveConfig {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            after: Duration::from_secs(15),
            every: Duration::from_secs(15),
            comment: Bytes::from_static(b": keepalive\n\n"),
        }
    }

    /// Sets how long a caller waits for the head, at the most. Until then a failure keeps its status.
    pub const fn after(mut self, after: Duration) -> Self {
        self.after = after;
        self
    }

    /// Sets how long a caller who has the head waits for the next frame, at the most. At least a
    /// millisecond.
    pub fn every(mut self, every: Duration) -> Self {
        self.every = every.max(Duration::from_millis(1));
        self
    }

    /// Sets what is sent as a sign of life: one whole event of server-sent events.
    pub fn comment(mut self, comment: Bytes) -> Self {
        self.comment = comment;
        self
    }
}

impl Default for KeepaliveConfig {
    fn default() -> Self {
        Self::new()
    }
}
