use std::time::Duration;

/// The settings of an [`AdmissionLayer`](super::AdmissionLayer).
///
/// Every value of every setting is valid, so that building one cannot fail.
///
/// # Defaults
///
/// * [`max_queued`](Self::max_queued): as many as may be in progress. A line that is longer than the places
///   is waited through for longer than an answer takes.
/// * [`max_wait`](Self::max_wait): 3 s.
/// * [`default_priority`](Self::default_priority): 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct AdmissionConfig {
    pub(super) max_in_flight: u32,
    pub(super) max_queued: u32,
    pub(super) max_wait: Duration,
    pub(super) default_priority: i32,
}

impl AdmissionConfig {
    /// Lets so many calls be in progress at a time. Zero is taken for one.
    pub const fn new(max_in_flight: u32) -> Self {
        let max_in_flight = if max_in_flight == 0 { 1 } else { max_in_flight };
        Self {
            max_in_flight,
            max_queued: max_in_flight,
            max_wait: Duration::from_secs(3),
            default_priority: 0,
        }
    }

    /// Sets how many may wait. With zero, nobody does.
    pub const fn max_queued(mut self, max_queued: u32) -> Self {
        self.max_queued = max_queued;
        self
    }

    /// Sets how long one may wait.
    pub const fn max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
    }

    /// Sets the priority of a call that does not say. Lower is sooner.
    pub const fn default_priority(mut self, priority: i32) -> Self {
        self.default_priority = priority;
        self
    }
}
