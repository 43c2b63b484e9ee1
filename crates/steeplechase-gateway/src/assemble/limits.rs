//! How much a deployment takes, and what may be spent.

use std::sync::Arc;

use steeplechase::deployment::{Days, DeploymentBuilder, Measure};
use steeplechase::dialects::catalog::Catalog;
use steeplechase::purse::{Owner, Purse, Purses};
use steeplechase::{Deployment, Pricing};

use crate::config::{
    BudgetSettings, Compat, Config, DeploymentParams, Diagnostic, RouterSettings, RoutingStrategy,
    nearest,
};

/// Sets the limits of a deployment for a minute and for a day.
pub(super) fn limited(
    builder: DeploymentBuilder,
    params: &DeploymentParams,
    router: &RouterSettings,
) -> DeploymentBuilder {
    let of_rates = |rate: Option<u64>| rate.filter(|_| has_rates(router));
    let limits = &params.limits;
    let minutely = [
        (Measure::RequestsPerMinute, of_rates(params.rpm)),
        (Measure::TokensPerMinute, of_rates(params.tpm)),
        (Measure::InputPerMinute, limits.input_per_minute),
        (Measure::OutputPerMinute, limits.output_per_minute),
    ];
    let daily = [
        (Measure::RequestsPerDay, limits.requests_per_day),
        (Measure::TokensPerDay, limits.tokens_per_day),
    ];
    let set = |builder: DeploymentBuilder, (of, limit): (Measure, Option<u64>)| match limit {
        Some(limit) => builder.at_most(of, limit),
        None => builder,
    };
    let has_days = daily.iter().any(|(_, limit)| limit.is_some());
    let builder = minutely.into_iter().chain(daily).fold(builder, set);
    match limits.daily_reset.filter(|_| has_days) {
        Some(begin) => builder.days(Days::beginning(begin)),
        None => builder,
    }
}

/// Whether `rpm` and `tpm` are limits. To LiteLLM they are shares, unless it routes by them.
fn has_rates(router: &RouterSettings) -> bool {
    router.compat == Compat::Native || router.routing_strategy == RoutingStrategy::UsageBased
}

/// What may be spent, by whom.
pub(super) fn purses(
    config: &Config,
    catalog: &Catalog,
    deployments: &[Arc<Deployment>],
    warnings: &mut Vec<Diagnostic>,
) -> Purses {
    let purse = |owner, budget: BudgetSettings| Purse::new(owner, budget.limit, budget.window);
    let of_deployments = config.models.iter().filter_map(|entry| {
        let owner = Owner::Deployment(entry.deployment_id.as_str().into());
        Some(purse(owner, entry.params.limits.budget()?))
    });
    let router = &config.router;
    let of_providers = router.provider_budgets.iter().filter_map(|(name, budget)| {
        let Some(provider) = catalog.get(name) else {
            warnings.push(no_such_provider(name, deployments));
            return None;
        };
        Some(purse(Owner::Provider(provider.id().into()), *budget))
    });
    let of_tags = router.tag_budgets.iter();
    let of_tags = of_tags.map(|(tag, budget)| purse(Owner::Tag(tag.as_str().into()), *budget));
    let purses: Purses = of_deployments.chain(of_providers).chain(of_tags).collect();
    let unpriced = deployments.iter().filter_map(|it| unpriced(it, &purses));
    warnings.extend(unpriced);
    purses
}

fn no_such_provider(name: &str, deployments: &[Arc<Deployment>]) -> Diagnostic {
    let names = deployments.iter().map(|it| it.provider());
    Diagnostic {
        source: String::new(),
        line: 0,
        key_path: format!("router_settings.provider_budget_config.{name}"),
        message: "there is no such provider, so nobody draws on this budget".to_owned(),
        fix: nearest(name, names).map(|meant| format!("did you mean `{meant}`?")),
    }
}

/// Says that a budget does not hold where nobody knows what is spent.
fn unpriced(deployment: &Deployment, purses: &Purses) -> Option<Diagnostic> {
    if !matches!(deployment.pricing(), Pricing::Unpriced) {
        return None;
    }
    let purse = purses.of(deployment).next()?;
    Some(Diagnostic {
        source: String::new(),
        line: 0,
        key_path: format!("model_list[{}]", deployment.model()),
        message: format!(
            "nobody knows what calls of the deployment `{}` cost, so they do not count for the budget of {}",
            deployment.id(),
            purse.owner()
        ),
        fix: Some("write `input_cost_per_token` and `output_cost_per_token`".to_owned()),
    })
}
