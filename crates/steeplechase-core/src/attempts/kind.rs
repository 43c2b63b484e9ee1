use super::Permit;

/// Why an attempt was started.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// It is the request's first.
    First,
    /// One before it has failed.
    Retry,
    /// One before it is slow.
    Hedge,
    /// It was started together with another.
    Race,
    /// It is the first at another model.
    Fallback,
    /// It goes on with an answer that has broken off.
    Continuation,
}

/// Why an attempt was not started.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Denied {
    /// The request has had all its attempts.
    AttemptsSpent,
    /// The group has had all its extra attempts.
    BudgetSpent,
    /// There is no time left.
    DeadlinePassed,
    /// Half of the answers of the group take longer to begin than there is time left.
    DeadlineNear,
}

/// Leave to start an attempt, to be held for as long as the attempt runs.
///
/// Dropping it returns its place in the part of the budget that counts what is in flight.
#[derive(Debug)]
#[must_use = "an attempt holds its leave while it runs"]
pub struct Leave {
    _permit: Option<Permit>,
}

// ===== impl Kind =====

impl Kind {
    pub(super) const COUNT: usize = 6;

    /// The name of the kind, for labels and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Retry => "retry",
            Self::Hedge => "hedge",
            Self::Race => "race",
            Self::Fallback => "fallback",
            Self::Continuation => "continuation",
        }
    }
}

// ===== impl Denied =====

impl Denied {
    /// The name of the reason, for labels and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AttemptsSpent => "attempts_spent",
            Self::BudgetSpent => "budget_spent",
            Self::DeadlinePassed => "deadline_passed",
            Self::DeadlineNear => "deadline_near",
        }
    }
}

// ===== impl Leave =====

impl Leave {
    pub(super) const fn new(permit: Option<Permit>) -> Self {
        Self { _permit: permit }
    }
}
