//! How long a deployment is left alone because of what it has said.

use std::time::Duration;

use steeplechase_core::{Class, Outcome, Scope, Signal};
use tokio::time::Instant;

use super::CooldownConfig;

/// What is remembered of rate limits and overloads that said nothing about time.
#[derive(Debug, Default)]
pub(super) struct Throttles {
    in_a_row: u32,
    /// When the last promise was made because of one.
    promised: Option<Instant>,
}

const QUOTA: Duration = Duration::from_secs(15 * 60);
const REFUSED: Duration = Duration::from_secs(5 * 60);
const THROTTLE_FIRST: Duration = Duration::from_secs(1);
const THROTTLE_MAX: Duration = Duration::from_secs(60);

impl Throttles {
    /// How long to leave the deployment alone after an attempt that began at `started`. Whether it may rest for
    /// an overload is asked only if it has had one.
    pub(super) fn promise_after(
        &mut self,
        config: &CooldownConfig,
        outcome: &Outcome,
        may_rest: impl FnOnce() -> bool,
        (started, now): (Instant, Instant),
    ) -> Option<Duration> {
        let hint = outcome.retry_after;
        let Some(class) = outcome.class else {
            if self.is_news(started) {
                *self = Self::default();
            }
            return None;
        };
        if outcome.scope == Scope::Request || config.allowed_fails.named(class).is_some() {
            // It was the call, and the next one may do better; or it is counted.
            return None;
        }
        let time = match (class, hint) {
            (Class::RateLimited, None) => {
                let doubled = self.escalate(started, now)?;
                config.cooldown_time.unwrap_or(doubled)
            }
            (Class::Overloaded, None) if config.rest && may_rest() => {
                // It has not asked for anything, so no time of the operator's stands for what it has asked.
                let doubled = self.escalate(started, now)?;
                return Some(doubled.min(config.promise_max));
            }
            (Class::Quota, _) => config.cooldown_time.unwrap_or(QUOTA),
            (Class::Auth | Class::NotFound, _) => config.cooldown_time.unwrap_or(REFUSED),
            (_, Some(hint)) if outcome.signal != Signal::Neutral => hint,
            _ => return None,
        };
        let time = match config.cooldown_time {
            Some(own) if config.insists => own,
            _ => time,
        };
        // What the operator has said is meant.
        Some(
            time.min(
                config
                    .promise_max
                    .max(config.cooldown_time.unwrap_or_default()),
            ),
        )
    }

    fn escalate(&mut self, started: Instant, now: Instant) -> Option<Duration> {
        if !self.is_news(started) {
            return None;
        }
        let doubled = THROTTLE_FIRST.saturating_mul(1 << self.in_a_row.min(6));
        self.in_a_row = self.in_a_row.saturating_add(1);
        self.promised = Some(now);
        Some(doubled.min(THROTTLE_MAX))
    }

    /// Whether an attempt knows more than the last promise. One that began before has met the same
    /// limit, and there may be hundreds of them.
    fn is_news(&self, started: Instant) -> bool {
        self.promised.is_none_or(|promised| started > promised)
    }
}
