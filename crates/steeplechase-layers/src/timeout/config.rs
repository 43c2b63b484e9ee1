use std::time::Duration;

use super::Patience;

/// How long each phase of an answer may take.
///
/// Every value of every setting is valid, so that building one cannot fail. Each setter takes a
/// [`Duration`], or an `Option` of one, where `None` is no limit.
///
/// # Defaults
///
/// Nothing is limited.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct Timeouts {
    pub(super) first_token: Option<Duration>,
    pub(super) patience: Option<Patience>,
    pub(super) byte_idle: Option<Duration>,
    pub(super) content_idle: Option<Duration>,
    pub(super) total: Option<Duration>,
    pub(super) are_callers: bool,
}

impl Timeouts {
    /// Limits nothing.
    pub const fn new() -> Self {
        Self {
            first_token: None,
            patience: None,
            byte_idle: None,
            content_idle: None,
            total: None,
            are_callers: false,
        }
    }

    /// Limits the time from the request to the first content. With a service inside that answers at its
    /// head, the time that a caller leaves the body unread does not count.
    pub fn first_token(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.first_token = limit.into();
        self
    }

    /// Limits the time from the request to an answer while another attempt could be made instead, see
    /// [`Patience`].
    pub fn patience(mut self, patience: impl Into<Option<Patience>>) -> Self {
        self.patience = patience.into();
        self
    }

    /// Limits the wait for the next frame of the body, whatever is in it.
    pub fn byte_idle(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.byte_idle = limit.into();
        self
    }

    /// Limits the wait for the next frame of the body with content. What was waited for frames without
    /// any, such as pings, is summed up.
    ///
    /// It should be generous for models that think without showing it.
    pub fn content_idle(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.content_idle = limit.into();
        self
    }

    /// Limits the time from the request to the end of the body. For a long stream it should be long: it
    /// also ends one that is healthy.
    pub fn total(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.total = limit.into();
        self
    }

    /// How long the first content may take. `None` for any time.
    pub const fn first_token_limit(&self) -> Option<Duration> {
        self.first_token
    }

    /// How long the pause between two contents may be. `None` for any time.
    pub const fn content_idle_limit(&self) -> Option<Duration> {
        self.content_idle
    }

    /// Says that the caller has set these limits. No provider is to blame for a caller's hurry, so what is too
    /// slow for it says nothing of the deployment. Another attempt is worth it all the same.
    pub const fn of_caller(mut self) -> Self {
        self.are_callers = true;
        self
    }

    pub(super) fn limits_nothing(&self) -> bool {
        *self == Self::new()
    }
}
