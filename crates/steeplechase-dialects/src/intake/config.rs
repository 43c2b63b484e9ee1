use std::time::Duration;

/// The settings of an [`IntakeLayer`](super::IntakeLayer).
///
/// # Defaults
///
/// * [`max_body`](Self::max_body): 32 MiB. Calls with images are often above 1 MiB.
/// * [`max_pause`](Self::max_pause): 30 s.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct IntakeConfig {
    pub(super) max_body: usize,
    pub(super) max_pause: Duration,
}

impl IntakeConfig {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            max_body: 32 * 1024 * 1024,
            max_pause: Duration::from_secs(30),
        }
    }

    /// Sets how many bytes a call may have.
    pub const fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Sets how long a caller may pause in the middle of a call's bytes.
    pub const fn max_pause(mut self, pause: Duration) -> Self {
        self.max_pause = pause;
        self
    }
}

impl Default for IntakeConfig {
    fn default() -> Self {
        Self::new()
    }
}
