use std::time::Duration;

/// The `litellm_params` that say how much a deployment takes. `rpm` and `tpm` are not among them, as
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
}
