//! What is remembered of the attempts of a deployment, and what makes of it a reason to open.

use steeplechase_core::deployment::FailureKind;
use steeplechase_core::{Class, Outcome, Signal};
use tokio::time::Instant;

use super::rules::{Reason, Rules};
use super::waiting::Waiting;
use super::window::{Counts, Window};

/// What is remembered of the attempts of a deployment.
#[derive(Debug)]
pub(super) struct History {
    /// Of 30 s.
    window: Window<Counts, 10>,
    /// Failures that are counted by a number of their own, of a minute. `None` if none are.
    allowed: Option<Box<Window<Fails, 20>>>,
    /// Hard failures in a row.
    in_a_row: u32,
    waiting: Waiting,
}

/// What an attempt has shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Evidence {
    pub(super) signal: Signal,
    /// Whether it is a success that came late; or, of what shows nothing, whether it was given up late.
    pub(super) is_slow: bool,
    /// What kind of failure it is, if that is counted by a number of its own.
    pub(super) kind: Option<FailureKind>,
}

/// By [`FailureKind`], and all others in the last place.
type Fails = [u32; FailureKind::COUNT + 1];

const OTHERS: usize = FailureKind::COUNT;

// ===== impl History =====

impl History {
    pub(super) fn new(rules: &Rules, now: Instant) -> Self {
        Self {
            window: Window::new(now),
            allowed: (!rules.allowed.is_empty()).then(|| Box::new(Window::new(now))),
            in_a_row: 0,
            waiting: Waiting::default(),
        }
    }

    /// Adds what an attempt has shown, and says if that makes it a reason to open.
    pub(super) fn add(
        &mut self,
        rules: &Rules,
        evidence: Evidence,
        now: Instant,
    ) -> Option<Reason> {
        if let Some(kind) = evidence.kind {
            let allowed = rules.allowed.of_kind(kind)?;
            let is_more = self.fail(kind as usize, now) > allowed;
            return is_more.then_some(Reason::AllowedFails);
        }
        let counts = self.window.now(now);
        match evidence.signal {
            Signal::Neutral => None,
            Signal::Success => {
                counts.succeeded = counts.succeeded.saturating_add(1);
                counts.slow = counts.slow.saturating_add(evidence.is_slow.into());
                self.in_a_row = 0;
                self.waiting.clear();
                // Whatever the share of failures is: it has just worked.
                let is_slow = evidence.is_slow && rules.are_slow(self.window.sum(now));
                is_slow.then_some(Reason::Slow)
            }
            Signal::Throttle => {
                counts.throttled = counts.throttled.saturating_add(1);
                rules.are_few(self.window.sum(now)).then_some(Reason::Share)
            }
            Signal::Failure => {
                counts.failed = counts.failed.saturating_add(1);
                self.in_a_row = self.in_a_row.saturating_add(1);
                if let Some(allowed) = rules.allowed.of_others() {
                    let is_more = self.fail(OTHERS, now) > allowed;
                    return is_more.then_some(Reason::AllowedFails);
                }
                if self.in_a_row >= rules.consecutive {
                    return Some(Reason::InARow);
                }
                rules.are_few(self.window.sum(now)).then_some(Reason::Share)
            }
        }
    }

    pub(super) fn waiting(&mut self) -> &mut Waiting {
        &mut self.waiting
    }

    /// What there was in the last 30 s.
    pub(super) fn lately(&self, now: Instant) -> Counts {
        self.window.sum(now)
    }

    /// Whether its last failure is one among many successes: nine of ten, of twenty at the least.
    pub(super) fn is_a_chance(&self, now: Instant) -> bool {
        let counts = self.window.sum(now);
        let all = counts.all();
        let has_many = all >= 20 && counts.succeeded >= all - all / 10;
        has_many && self.in_a_row < 2
    }

    pub(super) fn clear(&mut self) {
        self.window.clear();
        if let Some(allowed) = &mut self.allowed {
            allowed.clear();
        }
        self.in_a_row = 0;
        self.waiting.clear();
    }

    /// Counts a failure, and says how many there were of its kind.
    fn fail(&mut self, kind: usize, now: Instant) -> u32 {
        let Some(window) = &mut self.allowed else {
            return 0;
        };
        let count = &mut window.now(now)[kind];
        *count = count.saturating_add(1);
        let counts = window.lately(now).map(|counts| counts[kind]);
        counts.fold(0, u32::saturating_add)
    }
}

// ===== impl Evidence =====

impl Evidence {
    /// Nothing.
    pub(super) const NONE: Self = Self {
        signal: Signal::Neutral,
        is_slow: false,
        kind: None,
    };

    /// It has failed.
    pub(super) const FAILURE: Self = Self {
        signal: Signal::Failure,
        ..Self::NONE
    };

    /// It was given up when most would have been answered.
    pub(super) const LATE: Self = Self {
        is_slow: true,
        ..Self::NONE
    };

    /// What an outcome shows.
    pub(super) fn of(outcome: &Outcome, rules: &Rules, is_slow: bool) -> Self {
        let kind = outcome.class.and_then(|class| rules.allowed.named(class));
        Self {
            signal: outcome.signal,
            is_slow: is_slow && outcome.is_success(),
            kind,
        }
    }
}

/// Whether a failure may be one of many that all of a provider's deployments have at once.
pub(super) fn is_outage(class: Option<Class>) -> bool {
    matches!(
        class,
        Some(Class::Overloaded | Class::Server | Class::Timeout(_) | Class::Transport)
    )
}
