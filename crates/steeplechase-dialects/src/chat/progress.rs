use steeplechase_core::Error;

use super::truncated;

/// How far a provider's stream has come that says itself when it is complete.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Progress {
    /// Nothing was there.
    New,
    /// The answer is coming.
    Started,
    /// All is said that matters, and there is a reason why it ends. What else there is may be missing.
    Said,
    /// The end was written, or an error came. Nothing counts any more.
    Over,
}

// ===== impl Progress =====

impl Progress {
    /// Takes note of what an event has come to: an error is the end.
    pub(crate) fn after(&mut self, outcome: Result<(), Error>) -> Result<(), Error> {
        if outcome.is_err() {
            *self = Self::Over;
        }
        outcome
    }

    /// The provider has closed the stream. Says whether the end is still to be written: an answer that has
    /// got as far as to say why it ends is complete.
    ///
    /// # Errors
    ///
    /// [`Class::Truncated`](steeplechase_core::Class) if the answer has not got so far.
    pub(crate) fn close(&mut self) -> Result<bool, Error> {
        match std::mem::replace(self, Self::Over) {
            Self::New | Self::Started => Err(truncated()),
            Self::Said => Ok(true),
            Self::Over => Ok(false),
        }
    }
}
