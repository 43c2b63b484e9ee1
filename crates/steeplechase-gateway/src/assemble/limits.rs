//! How much a deployment takes, and what may be spent.

use steeplechase::deployment::{Days, DeploymentBuilder, Measure};

use crate::config::LimitParams;

/// Sets the limits of a deployment that are for prompts, for answers, and for days.
pub(super) fn limited(builder: DeploymentBuilder, params: &LimitParams) -> DeploymentBuilder {
    let daily = [
        (Measure::RequestsPerDay, params.requests_per_day),
        (Measure::TokensPerDay, params.tokens_per_day),
    ];
    let minutely = [
        (Measure::InputPerMinute, params.input_per_minute),
        (Measure::OutputPerMinute, params.output_per_minute),
    ];
    let set = |builder: DeploymentBuilder, (of, limit): (Measure, Option<u64>)| match limit {
        Some(limit) => builder.at_most(of, limit),
        None => builder,
    };
    let has_days = daily.iter().any(|(_, limit)| limit.is_some());
    let builder = minutely.into_iter().chain(daily).fold(builder, set);
    match params.daily_reset.filter(|_| has_days) {
        Some(begin) => builder.days(Days::beginning(begin)),
        None => builder,
    }
}
