use steeplechase::{Cost, Deployment, Pricing, Usage};

use crate::cli::Explain;
use crate::plan::{Plan, PlannedGroup};

/// A deployment, and what is to be expected of it.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) standing: Standing,
    /// What the call would cost there, as far as anybody knows.
    pub(super) cost: Option<Cost>,
}

/// Whether a deployment is picked.
#[derive(Debug, PartialEq)]
pub(super) enum Standing {
    /// For this part of the calls, if that is known beforehand.
    Picked(Option<f64>),
    /// Only while nobody of a lower order can be.
    Later,
    /// Only while nobody else of its order can be.
    Last,
    /// Not for this call, as its prompt may have so many tokens at the most.
    TooLong(u64),
    /// Not at all, as nobody knows its price.
    Denied,
}

/// Who of a group would take a call: those that come first are first.
pub(super) fn of<'a>(plan: &Plan, group: &'a PlannedGroup, call: &Explain) -> Vec<Candidate<'a>> {
    let mut all: Vec<_> = group
        .deployments
        .iter()
        .map(|deployment| Candidate {
            deployment,
            standing: excluded(plan, deployment, call).unwrap_or(Standing::Later),
            cost: cost(deployment, call),
        })
        .collect();
    all.sort_by_key(|candidate| candidate.deployment.order());
    let fit = |it: &&Candidate<'_>| it.standing == Standing::Later;
    let Some(first) = all.iter().find(fit).map(|it| it.deployment.order()) else {
        return all;
    };
    let peers = || {
        all.iter()
            .filter(fit)
            .filter(|it| it.deployment.order() == first)
    };
    let total: f64 = peers().map(|it| it.deployment.weight()).sum();
    let count = peers().count();
    for candidate in &mut all {
        if candidate.standing != Standing::Later || candidate.deployment.order() != first {
            continue;
        }
        let weight = candidate.deployment.weight();
        candidate.standing = if !plan.has_shares() {
            Standing::Picked((count == 1).then_some(1.0))
        } else if total <= 0.0 {
            Standing::Picked(Some(
                1.0 / f64::from(u32::try_from(count).unwrap_or(u32::MAX)),
            ))
        } else if weight > 0.0 {
            Standing::Picked(Some(weight / total))
        } else {
            Standing::Last
        };
    }
    all
}

fn excluded(plan: &Plan, deployment: &Deployment, call: &Explain) -> Option<Standing> {
    if matches!(deployment.pricing(), Pricing::Denied) {
        return Some(Standing::Denied);
    }
    if !plan.config.router.enable_pre_call_checks {
        return None;
    }
    let most = deployment.model_info().max_input_tokens?;
    (call.prompt_tokens? > most).then_some(Standing::TooLong(most))
}

/// What a call of this size costs.
fn cost(deployment: &Deployment, call: &Explain) -> Option<Cost> {
    let model = if deployment.upstream_model().contains('*') {
        call.model.as_str()
    } else {
        deployment.upstream_model()
    };
    let usage = Usage {
        prompt: call.prompt_tokens?,
        completion: call.max_tokens.unwrap_or(0),
        ..Usage::ZERO
    };
    deployment.pricing().of(model).cost(&usage)
}
