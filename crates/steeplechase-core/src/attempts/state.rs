use std::time::Duration;

use tokio::time::Instant;

use super::{Attempt, Attempts, Budget, Denied, Entered, Kind, Leave};

/// What the handles of one request share.
#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and not a state"
)]
pub(super) struct State {
    pub(super) max: u8,
    pub(super) used: u8,
    pub(super) held: u8,
    pub(super) began: Option<Instant>,
    pub(super) deadline: Option<Instant>,
    /// When the leg that is under way has to be over, so that those after it have their share.
    pub(super) leg: Option<Instant>,
    pub(super) budget: Option<(Budget, Entered)>,
    pub(super) tried: Vec<u32>,
    pub(super) alternatives: Option<u32>,
    pub(super) own_retries: Option<u8>,
    pub(super) is_probing: bool,
    pub(super) has_winner: bool,
    pub(super) had_empty: bool,
    pub(super) was_denied: bool,
    pub(super) kinds: [u8; Kind::COUNT],
    pub(super) log: Vec<Attempt>,
}

// ===== impl State =====

impl Default for State {
    fn default() -> Self {
        let mut kinds = [0; Kind::COUNT];
        kinds[Kind::First as usize] = 1;
        Self {
            max: Attempts::DEFAULT_MAX,
            used: 1,
            held: 0,
            began: None,
            deadline: None,
            leg: None,
            budget: None,
            tried: Vec::new(),
            alternatives: None,
            own_retries: None,
            is_probing: false,
            has_winner: false,
            had_empty: false,
            was_denied: false,
            kinds,
            log: Vec::new(),
        }
    }
}

impl State {
    pub(super) fn try_start(&mut self, kind: Kind, wait: Duration) -> Result<Leave, Denied> {
        self.check(kind, wait)?;
        let permit = match self.budget_of(kind) {
            Some(budget) => Some(budget.try_withdraw().ok_or(Denied::BudgetSpent)?),
            None => None,
        };
        self.has_winner = false;
        self.used += u8::from(!self.is_free(kind));
        self.kinds[kind as usize] += 1;
        Ok(Leave::new(permit))
    }

    /// Whether leave to start another attempt would be given now.
    pub(super) fn may_start(&self, kind: Kind) -> bool {
        self.check(kind, Duration::ZERO).is_ok() && self.budget_of(kind).is_none_or(Budget::has_one)
    }

    /// Whether there are attempts left, and time for one after a `wait`.
    fn check(&self, kind: Kind, wait: Duration) -> Result<(), Denied> {
        let held = if is_extra(kind) { self.held } else { 0 };
        if !self.is_free(kind) && self.used.saturating_add(held) >= self.max {
            return Err(Denied::AttemptsSpent);
        }
        // A fallback begins a leg of its own.
        let until = match kind {
            Kind::Fallback => self.deadline,
            _ => self.until(),
        };
        if let Some(until) = until {
            let now = Instant::now();
            let left = until.saturating_duration_since(now);
            if left.is_zero() {
                return Err(Denied::DeadlinePassed);
            }
            let usual = self.budget_of(kind).and_then(|budget| budget.usual(now));
            if usual.is_some_and(|usual| left < wait.saturating_add(usual)) {
                return Err(Denied::DeadlineNear);
            }
        }
        Ok(())
    }

    fn budget_of(&self, kind: Kind) -> Option<&Budget> {
        let (budget, _) = self.budget.as_ref().filter(|_| is_extra(kind))?;
        Some(budget)
    }

    /// Whether it takes no attempt: what comes after a group that has sent nothing is the first.
    fn is_free(&self, kind: Kind) -> bool {
        kind == Kind::Fallback && self.is_unsent()
    }

    /// When what is under way must be over.
    pub(super) fn until(&self) -> Option<Instant> {
        match (self.deadline, self.leg) {
            (Some(deadline), Some(leg)) => Some(deadline.min(leg)),
            (deadline, _) => deadline,
        }
    }

    /// Whether a router has looked at the request and has sent it nowhere.
    fn is_unsent(&self) -> bool {
        self.tried.is_empty() && self.alternatives.is_some()
    }
}

/// Whether it goes once more to a group that has an attempt, and so draws on its budget.
const fn is_extra(kind: Kind) -> bool {
    matches!(kind, Kind::Continuation | Kind::Hedge | Kind::Retry)
}
