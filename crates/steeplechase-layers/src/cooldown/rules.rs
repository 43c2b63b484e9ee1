use std::time::Duration;

use steeplechase_core::deployment::AllowedFails;

use super::CooldownConfig;
use super::window::Counts;

/// When the circuit opens, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) consecutive: u32,
    success_share: f64,
    min_samples: u32,
    slow_share: f64,
    slow_samples: u32,
    /// Whether attempts that wait are watched.
    pub(super) watches: bool,
    pub(super) allowed: AllowedFails,
    pub(super) is_flat: bool,
    spares_lone: bool,
    open_first: Duration,
    open_max: Duration,
    pub(super) probe_ttl: Duration,
}

/// Why the circuit has opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reason {
    /// Hard failures in a row.
    InARow,
    /// Too small a share of successes.
    Share,
    /// Too large a share of successes that came late.
    Slow,
    /// Attempts that wait, and nothing has succeeded since they have begun.
    Waiting,
    /// More failures than are allowed.
    AllowedFails,
    /// The probe has failed.
    ProbeFailed,
    /// The probe has no outcome.
    ProbeLost,
    /// Several deployments of the provider have opened.
    Deployments,
}

/// So many failures and no success are held against a lone deployment, even if it is to be spared.
const DEAD_ALONE: u32 = 1000;

// ===== impl Rules =====

impl Rules {
    pub(super) fn of(config: &CooldownConfig) -> Self {
        let open_first = config.cooldown_time.unwrap_or(config.open_first);
        let allowed = config.allowed_fails;
        // Who says how many failures are allowed does not want them foreseen.
        let watches = config.watch_waiting && allowed.is_empty();
        Self {
            consecutive: config.consecutive,
            success_share: config.success_share,
            min_samples: config.min_samples,
            slow_share: config.slow_share,
            slow_samples: config.slow_samples,
            watches,
            allowed,
            is_flat: config.flat,
            spares_lone: config.spare_lone,
            open_first,
            open_max: config.open_max.max(open_first),
            probe_ttl: config.probe_ttl,
        }
    }

    /// Whether there are few successes.
    pub(super) fn are_few(&self, counts: Counts) -> bool {
        let all = counts.all();
        let is_small = f64::from(counts.succeeded) < self.success_share * f64::from(all);
        self.allowed.of_others().is_none() && all >= self.min_samples && is_small
    }

    /// Whether many successes came late.
    pub(super) fn are_slow(&self, counts: Counts) -> bool {
        let all = counts.succeeded;
        all >= self.slow_samples
            && f64::from(counts.slow) >= self.slow_share * f64::from(all)
            && self.slow_share > 0.0
    }

    /// Whether a deployment that is alone is left as it is.
    pub(super) fn spare_lone(&self, lately: Counts) -> bool {
        let is_dead = lately.succeeded == 0 && lately.failed >= DEAD_ALONE;
        self.spares_lone && !is_dead
    }

    /// How long it opens, and at which level it opens the next time.
    pub(super) fn open_for(&self, level: u32) -> (Duration, u32) {
        if self.is_flat {
            return (self.open_first, 0);
        }
        let factor = 1_u32.checked_shl(level).unwrap_or(u32::MAX);
        let doubled = self.open_first.saturating_mul(factor);
        // A level that makes nothing longer would only take longer to be forgotten.
        let next = if doubled < self.open_max {
            level.saturating_add(1)
        } else {
            level
        };
        // Without jitter: what comes first after it is the probe, and calls come at random.
        (doubled.min(self.open_max), next)
    }
}

// ===== impl Reason =====

impl Reason {
    /// The name of the reason, for labels.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::InARow => "in_a_row",
            Self::Share => "share",
            Self::Slow => "slow",
            Self::Waiting => "waiting",
            Self::AllowedFails => "allowed_fails",
            Self::ProbeFailed => "probe_failed",
            Self::ProbeLost => "probe_lost",
            Self::Deployments => "deployments",
        }
    }
}
