use std::time::Duration;

use steeplechase::Cost;

/// The `litellm_params` that say how much a deployment takes, and may cost. `rpm` and `tpm` are not among them, as
/// they are shares as well.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LimitParams {
    /// `itpm`: tokens of prompts a minute.
    pub input_per_minute: Option<u64>,
    /// `otpm`: tokens of answers a minute.
    pub output_per_minute: Option<u64>,
    /// `rpd`: calls a day.
    pub requests_per_day: Option<u64>,
    /// `tpd`: tokens a day.
    pub tokens_per_day: Option<u64>,
    /// `daily_reset_time`: when a day begins, after midnight UTC.
    pub daily_reset: Option<Duration>,
    /// `max_budget`: what it may cost in a `budget_duration`. Never zero.
    pub max_budget: Option<Cost>,
    /// `budget_duration`.
    pub budget_duration: Option<Duration>,
}

/// What may be spent in a while.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BudgetSettings {
    /// What may be spent. Never zero.
    pub limit: Cost,
    /// In which time.
    pub window: Duration,
}

// ===== impl LimitParams =====

impl LimitParams {
    /// What the deployment may cost, if that is limited: it takes both.
    pub fn budget(&self) -> Option<BudgetSettings> {
        Some(BudgetSettings {
            limit: self.max_budget?,
            window: self.budget_duration?,
        })
    }
}
