use std::time::Duration;

/// The settings of a [`CooldownLayer`](super::CooldownLayer).
///
/// Every value of every setting is valid, so that building one cannot fail. Times above 30 days are
/// taken for 30 days.
///
/// # Defaults
///
/// * [`consecutive`](Self::consecutive): 5 hard failures in a row.
/// * [`success_share`](Self::success_share): 0.8, of at least 10 outcomes in 30 s.
/// * [`open_for`](Self::open_for): 5 s at first, 60 s at most, give or take 20 %.
/// * [`probe_ttl`](Self::probe_ttl): 15 s.
/// * [`promise_max`](Self::promise_max): 15 min.
/// * [`enforce_promise`](Self::enforce_promise): true.
/// * no [`cooldown_time`](Self::cooldown_time) and no [`allowed_fails`](Self::allowed_fails).
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct CooldownConfig {
    pub(super) consecutive: u32,
    pub(super) min_samples: u32,
    pub(super) success_share: f64,
    pub(super) allowed_fails: Option<u32>,
    pub(super) open_first: Duration,
    pub(super) open_max: Duration,
    pub(super) probe_ttl: Duration,
    pub(super) cooldown_time: Option<Duration>,
    pub(super) promise_max: Duration,
    pub(super) enforce_promise: bool,
    pub(super) disabled: bool,
}

/// What any time is clamped to, so that no sum of times overflows.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

impl CooldownConfig {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            consecutive: 5,
            min_samples: 10,
            success_share: 0.8,
            allowed_fails: None,
            open_first: Duration::from_secs(5),
            open_max: Duration::from_secs(60),
            probe_ttl: Duration::from_secs(15),
            cooldown_time: None,
            promise_max: Duration::from_secs(15 * 60),
            enforce_promise: true,
            disabled: false,
        }
    }

    /// Sets how many hard failures in a row open the circuit. Zero is taken for one.
    pub const fn consecutive(mut self, failures: u32) -> Self {
        self.consecutive = if failures == 0 { 1 } else { failures };
        self
    }

    /// Sets the share of successes, between 0 and 1, below which the circuit opens, and of how many
    /// outcomes in the last 30 s at least. A share of zero turns this rule off.
    pub const fn success_share(mut self, share: f64, of_at_least: u32) -> Self {
        // The larger of zero and NaN is zero.
        self.success_share = share.max(0.0).min(1.0);
        self.min_samples = of_at_least;
        self
    }

    /// Sets how many hard failures in 30 s do *not* open the circuit, however they are spread: the next
    /// one does. It replaces the rules about failures in a row and about the share of successes.
    ///
    /// It is `LiteLLM`'s `allowed_fails`. Rate limits do not count: they cool by a promise at once.
    pub const fn allowed_fails(mut self, failures: u32) -> Self {
        self.allowed_fails = Some(failures);
        self
    }

    /// Sets for how long the circuit opens the first time, and for how long at most. The time doubles
    /// from one to the other.
    pub const fn open_for(mut self, first: Duration, max: Duration) -> Self {
        self.open_first = clamp(first);
        self.open_max = clamp(max);
        self
    }

    /// Sets after how long a probe without an outcome makes room for the next. Less than a millisecond
    /// is taken for one.
    pub const fn probe_ttl(mut self, ttl: Duration) -> Self {
        self.probe_ttl = if ttl.as_millis() == 0 {
            Duration::from_millis(1)
        } else {
            clamp(ttl)
        };
        self
    }

    /// Sets how long every promise is for which the provider has given no time, and for how long the
    /// circuit opens the first time. Zero turns the layer off, as [`disabled`](Self::disabled) does.
    ///
    /// It is `LiteLLM`'s `cooldown_time`. [`promise_max`](Self::promise_max) does not apply to it.
    pub const fn cooldown_time(mut self, time: Duration) -> Self {
        self.cooldown_time = Some(clamp(time));
        self
    }

    /// Sets the longest promise. A longer one is taken for this one.
    pub const fn promise_max(mut self, max: Duration) -> Self {
        self.promise_max = clamp(max);
        self
    }

    /// Sets whether attempts are refused while a promise lasts. If not, it is left to a router to look
    /// at the deployment's health.
    pub const fn enforce_promise(mut self, enforce: bool) -> Self {
        self.enforce_promise = enforce;
        self
    }

    /// Turns the layer off: it makes no promises, opens no circuit and refuses nothing.
    ///
    /// It is `LiteLLM`'s `disable_cooldowns`.
    pub const fn disabled(mut self) -> Self {
        self.disabled = true;
        self
    }

    pub(super) fn is_off(&self) -> bool {
        self.disabled || self.cooldown_time == Some(Duration::ZERO)
    }
}

impl Default for CooldownConfig {
    fn default() -> Self {
        Self::new()
    }
}

const fn clamp(time: Duration) -> Duration {
    if time.as_secs() < LONGEST.as_secs() {
        time
    } else {
        LONGEST
    }
}
