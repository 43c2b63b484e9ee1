use std::time::Duration;

use steeplechase_core::Attempts;
use steeplechase_core::attempts::Kind;
use tokio::time::Instant;

/// How long an attempt is waited for while another one could be made instead.
///
/// ```text
/// sent          elsewhere                         alone
///  ├───────────────┼────────────────────────────────┼──────────────── … first token, or deadline
///                  another deployment could be       the same one could
///                  asked: given up                   be asked again: given up
/// ```
///
/// It is no limit of what an answer may take: who cannot have another attempt waits on. So nobody loses an answer
/// by it, but a request that hangs gets another chance long before a limit that is meant for the slowest of all
/// answers. It is for stacks with something outside that tries again, such as a
/// [`RetryLayer`](crate::retry::RetryLayer), and asks [`Attempts`] whether there is leave: attempts, budget and time.
///
/// [`Pace`](super::Pace) learns how long is long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct Patience {
    elsewhere: Duration,
    alone: Duration,
    retries: u8,
}

/// Who had no leave to be replaced asks again after so long.
const AGAIN: Duration = Duration::from_secs(1);

/// The patience with one attempt.
pub(super) struct Watch {
    patience: Patience,
    attempts: Attempts,
}

// ===== impl Patience =====

impl Patience {
    /// Gives up after `elsewhere` if another deployment could be asked, and after four times as long if only the
    /// same one could.
    pub const fn new(elsewhere: Duration) -> Self {
        Self {
            elsewhere,
            alone: elsewhere.saturating_mul(4),
            retries: u8::MAX,
        }
    }

    /// Sets after how long an attempt is given up for another one at the same place. At the least it is as long as
    /// for another place.
    pub const fn alone(mut self, alone: Duration) -> Self {
        self.alone = alone;
        self
    }

    /// Sets how many times the one outside tries again after a timeout: who has had so many retries is not given
    /// up.
    pub const fn retries(mut self, most: u8) -> Self {
        self.retries = most;
        self
    }
}

// ===== impl Watch =====

impl Watch {
    /// Watches an attempt, unless it is sure that none will follow it.
    pub(super) fn new(patience: Patience, attempts: &Attempts) -> Option<Self> {
        (patience.retries > 0).then(|| Self {
            patience,
            attempts: attempts.clone(),
        })
    }

    /// When to look for the first time.
    pub(super) fn first(&self, sent: Instant) -> Option<Instant> {
        sent.checked_add(self.patience.elsewhere)
    }

    /// How long an attempt has taken, if it is to be given up; else when to look again.
    pub(super) fn look(&self, sent: Instant) -> Result<Duration, Instant> {
        let Self { patience, attempts } = self;
        let now = Instant::now();
        let waited = now.saturating_duration_since(sent);
        let is_last = attempts.count(Kind::Retry) >= patience.retries;
        let has_other = attempts.alternatives().is_some_and(|n| n > 0);
        let is_long = has_other || waited >= patience.alone.max(patience.elsewhere);
        if !is_last && is_long && attempts.may_start(Kind::Retry) {
            Ok(waited)
        } else {
            Err(now + AGAIN)
        }
    }
}
