use std::time::Duration;

use steeplechase_core::Deployment;
use steeplechase_core::deployment::AllowedFails;

/// The settings of a [`CooldownLayer`](super::CooldownLayer).
///
/// Every value of every setting is valid, so that building one cannot fail. Times above 30 days are
/// taken for 30 days.
///
/// # Defaults
///
/// * [`consecutive`](Self::consecutive): 5 hard failures in a row.
/// * [`success_share`](Self::success_share): 0.8, of at least 10 outcomes in 30 s.
/// * [`open_for`](Self::open_for): 10 s at first, 30 s at most: what heals is in use again within 30 s, and a
///   deployment that is dead for five minutes has cost no more than 5 failures and 10 probes.
/// * [`probe_ttl`](Self::probe_ttl): 15 s.
/// * [`promise_max`](Self::promise_max): 15 min.
/// * [`enforce_promise`](Self::enforce_promise): true.
/// * [`slow_share`](Self::slow_share): 0.5, of at least 20 successes in 30 s.
/// * [`watch_waiting`](Self::watch_waiting): true.
/// * [`rest`](Self::rest): true.
/// * no [`cooldown_time`](Self::cooldown_time) and no [`allowed_fails`](Self::allowed_fails);
///   [`flat`](Self::flat) and [`spare_lone`](Self::spare_lone) are off.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct CooldownConfig {
    pub(super) consecutive: u32,
    pub(super) min_samples: u32,
    pub(super) success_share: f64,
    pub(super) slow_samples: u32,
    pub(super) slow_share: f64,
    pub(super) watch_waiting: bool,
    pub(super) allowed_fails: AllowedFails,
    pub(super) flat: bool,
    pub(super) spare_lone: bool,
    pub(super) rest: bool,
    pub(super) open_first: Duration,
    pub(super) open_max: Duration,
    pub(super) probe_ttl: Duration,
    pub(super) cooldown_time: Option<Duration>,
    /// Whether that goes before what a provider asks for.
    pub(super) insists: bool,
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
            slow_samples: 20,
            slow_share: 0.5,
            watch_waiting: true,
            allowed_fails: AllowedFails::new(),
            flat: false,
            spare_lone: false,
            open_first: Duration::from_secs(10),
            open_max: Duration::from_secs(30),
            probe_ttl: Duration::from_secs(15),
            cooldown_time: None,
            insists: false,
            promise_max: Duration::from_secs(15 * 60),
            enforce_promise: true,
            rest: true,
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

    /// Sets the share of successes, between 0 and 1, that may come late before the circuit opens, and of
    /// how many successes in the last 30 s at least. A share of zero turns this rule off.
    ///
    /// Late is what takes 4 times as long to its first content as 95 % of what the others of its group
    /// have served in the last minute, and also of what it usually serves itself; never less than 1 s.
    /// It needs to know them: see [`CooldownLayer::peers`](super::CooldownLayer::peers).
    pub const fn slow_share(mut self, share: f64, of_at_least: u32) -> Self {
        self.slow_share = share.max(0.0).min(1.0);
        self.slow_samples = of_at_least;
        self
    }

    /// Sets whether attempts that wait are watched. If so, the circuit opens when five of them wait for 4
    /// times as long as 99 % of the last minute did, for 2 s at least, and nothing has succeeded since
    /// they have begun. So what does not answer at all is found out before the first of them is given up.
    /// One that was dropped after 95 % would have been answered counts as one that waits.
    ///
    /// It needs the peers too, see [`CooldownLayer::peers`](super::CooldownLayer::peers). With
    /// [`allowed_fails`](Self::allowed_fails) they are not watched.
    pub const fn watch_waiting(mut self, watch: bool) -> Self {
        self.watch_waiting = watch;
        self
    }

    /// Sets how many hard failures in a minute do *not* open the circuit, however they are spread: the
    /// next one does. It replaces the rules about failures in a row and about the share of successes.
    ///
    /// It is `LiteLLM`'s `allowed_fails`. Rate limits do not count: they cool by a promise at once.
    pub const fn allowed_fails(mut self, failures: u32) -> Self {
        self.allowed_fails = self.allowed_fails.others(failures);
        self
    }

    /// Sets the same for each kind of failure. A kind with a number of its own is judged by that alone:
    /// the promise that it would be good for otherwise is not made.
    ///
    /// It is `LiteLLM`'s `allowed_fails_policy`. What has no number in it stays as it is.
    pub fn allowed_fails_policy(mut self, policy: AllowedFails) -> Self {
        self.allowed_fails = policy.or(&self.allowed_fails);
        self
    }

    /// Makes the circuit open for the same time each time, and bring all of the traffic
    /// back at once: there is no probe and no ramp.
    pub const fn flat(mut self) -> Self {
        self.flat = true;
        self
    }

    /// Leaves a deployment as it is that is alone in its group: neither a rate limit nor a reason to open
    /// counts, unless it has had a thousand failures and no success in 30 s.
    ///
    /// It needs the peers, see [`CooldownLayer::peers`](super::CooldownLayer::peers).
    pub const fn spare_lone(mut self) -> Self {
        self.spare_lone = true;
        self
    }

    /// Sets whether an overload without a time makes a deployment rest: for 1 s, and for twice as long each time,
    /// up to 60 s, until it succeeds again.
    ///
    /// It rests only while more than half of its group can be used, so it needs the peers, see
    /// [`CooldownLayer::peers`](super::CooldownLayer::peers): to be refused by half of those that are overloaded is
    /// better than to be refused by all. One that has answered nine of ten calls of the last 30 s, of 20 at the
    /// least, rests only if it has failed twice in a row: else a busy one would rest all the time for one failure
    /// in a hundred. While the circuit is open, its time counts, and not this.
    pub const fn rest(mut self, rest: bool) -> Self {
        self.rest = rest;
        self
    }

    /// The rules of `LiteLLM`'s router, for those who rely on them: it opens at more than half failures of
    /// at least 5, and for a flat 5 s; a rate limit, a refused key and a missing model cool for as long;
    /// a deployment that is alone in its group is spared.
    ///
    /// Not the same: the window is 30 s and not the minute of the clock, what fails to connect counts,
    /// and what a caller has done never does.
    pub const fn litellm() -> Self {
        let mut config = Self::new()
            .success_share(0.5, 5)
            .slow_share(0.0, 0)
            .watch_waiting(false)
            .rest(false)
            .cooldown_time(Duration::from_secs(5))
            .flat()
            .spare_lone();
        config.consecutive = u32::MAX;
        config
    }

    /// These settings, and before them what a deployment says for itself.
    pub fn of(mut self, deployment: &Deployment) -> Self {
        self = self.allowed_fails_policy(*deployment.allowed_fails());
        if let Some(time) = deployment.cooldown_time() {
            self = self.cooldown_time(time);
            self.insists = true;
        }
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
