use std::time::Duration;

use fastrand::Rng;
use steeplechase_core::{Class, Outcome};

use super::RetryPolicy;

/// The settings of a [`RetryLayer`](super::RetryLayer).
///
/// Every value of every setting is valid, so that building one cannot fail.
///
/// # Defaults
///
/// * [`max_retries`](Self::max_retries): 2.
/// * [`policy`](Self::policy): the same for each class of failure.
/// * [`backoff`](Self::backoff): 500 ms, doubled for each retry, at most 8 s.
/// * [`min_wait`](Self::min_wait): none.
/// * [`max_wait`](Self::max_wait): 60 s.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub struct RetryConfig {
    max_retries: u8,
    own_retries: u8,
    policy: RetryPolicy,
    base: Duration,
    cap: Duration,
    min_wait: Duration,
    max_wait: Duration,
    seed: Option<u64>,
}

impl RetryConfig {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            max_retries: 2,
            own_retries: 0,
            policy: RetryPolicy::new(),
            base: Duration::from_millis(500),
            cap: Duration::from_secs(8),
            min_wait: Duration::ZERO,
            max_wait: Duration::from_secs(60),
            seed: None,
        }
    }

    /// Sets how many times this layer tries again. Zero turns it off.
    ///
    /// What [`Attempts`](steeplechase_core::Attempts) allows to the whole request holds besides.
    pub const fn max_retries(mut self, max_retries: u8) -> Self {
        self.max_retries = max_retries;
        self
    }

    /// Sets how many times classes of failures are tried again for which [`max_retries`](Self::max_retries)
    /// is not the right number.
    pub const fn policy(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Says how often one of the deployments wants to be tried again, at the most, see
    /// [`Deployment::num_retries`](steeplechase_core::Deployment::num_retries). It has to be said only to a
    /// layer that would be off without it.
    pub const fn own_retries(mut self, most: u8) -> Self {
        self.own_retries = most;
        self
    }

    /// Sets how long to wait at most before the first retry at the same place, `base`, which is doubled
    /// for each further one, up to `cap`.
    ///
    /// The wait is drawn evenly from between nothing and that ("full jitter", from the AWS Architecture
    /// Blog's *Exponential Backoff And Jitter*). It is not for what the server has asked for.
    pub const fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// Sets how long to wait at the least before a retry at the same place, whatever is drawn, and
    /// whatever the server has asked for.
    pub const fn min_wait(mut self, min_wait: Duration) -> Self {
        self.min_wait = min_wait;
        self
    }

    /// Sets the longest wait that a server may ask for. If it asks for more, the caller is told at once,
    /// as the failure says when to come back.
    pub const fn max_wait(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
    }

    /// Makes the jitter the same for every request, for tests. Without a seed it is random.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Whether there may be any retries, if the call itself does not say.
    pub(super) fn may_retry(&self) -> bool {
        self.max_retries > 0 || self.own_retries > 0 || self.policy.most() > 0
    }

    /// Whether another attempt makes sense.
    pub(super) fn is_retryable(&self, class: Class, failure: &Outcome) -> bool {
        failure.is_retryable() || self.policy.insists(class, failure)
    }

    /// Whether another attempt at the same place makes sense, after a wait.
    pub(super) const fn may_stay(&self, class: Class) -> bool {
        let is_of_the_place = matches!(
            class,
            Class::Auth | Class::NotFound | Class::Quota | Class::Unsupported
        );
        !is_of_the_place || self.policy.names(class)
    }

    /// How often a failure is tried again: as the `call` says, or else the policy, or else the deployment
    /// that has failed.
    pub fn retries(&self, class: Class, call: Option<u8>, deployment: Option<u8>) -> u8 {
        call.or(self.policy.retries(class))
            .or(deployment)
            .unwrap_or(self.max_retries)
    }

    /// How long to wait before a retry at the same place, after so many `retries` before it. `None` if
    /// the server asks for a longer wait than is allowed.
    pub(super) fn wait(&self, hint: Option<Duration>, retries: u8) -> Option<Duration> {
        let wait = match hint {
            Some(hint) if hint > self.max_wait => return None,
            Some(hint) => {
                let more = (hint / 10).min(Duration::from_secs(1));
                hint.saturating_add(self.draw(more, retries))
                    .min(self.max_wait)
            }
            None => {
                let doubled = 2_u32.saturating_pow(retries.into());
                self.draw(self.base.saturating_mul(doubled).min(self.cap), retries)
            }
        };
        Some(wait.max(self.min_wait))
    }

    /// A duration between zero and `max`, both included.
    fn draw(&self, max: Duration, retries: u8) -> Duration {
        let mut rng = self.seed.map_or_else(Rng::new, |seed| {
            Rng::with_seed(seed.wrapping_add(retries.into()))
        });
        // 64 bits of nanoseconds are five centuries.
        let nanos = u64::try_from(max.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(rng.u64(0..=nanos))
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self::new()
    }
}
