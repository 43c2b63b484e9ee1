use steeplechase::attempts::{Exclusion, Pick};
use steeplechase::{Cost, Deployment, Pricing, Usage};

use crate::cli::Explain;

/// A deployment, and what is to be expected of it.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) standing: Standing,
    /// What the call would cost there, as far as anybody knows.
    pub(super) cost: Option<Cost>,
}

/// Whether a deployment is picked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standing {
    /// For this part of the calls, if that is known beforehand.
    Picked(Option<f64>),
    /// Only while nobody of a lower order can be.
    Later,
    /// Only while nobody else of its order can be.
    Last,
    /// Not for this call. The text names what keeps it away.
    Unfit(&'static str),
    /// Not at all, as nobody knows its price.
    Denied,
}

/// Who of a group would take a call: those that come first are first.
pub(super) fn of<'a>(pick: &'a Pick, by_weight: bool, call: &Explain) -> Vec<Candidate<'a>> {
    let order = pick
        .picked
        .map(|(index, _)| pick.deployments[index].order());
    let standing = |(index, deployment): (usize, &Deployment)| {
        let excluded = pick.standing(index).and_then(|it| it.excluded);
        match excluded {
            Some(Exclusion::Unfit(rule)) => Standing::Unfit(rule),
            _ if matches!(deployment.pricing(), Pricing::Denied) => Standing::Denied,
            Some(_) => Standing::Later,
            // Of a large group nobody has looked at all.
            None if order.is_some_and(|order| deployment.order() > order) => Standing::Later,
            None => Standing::Picked(None),
        }
    };
    let all = pick.deployments.iter().map(|it| &**it).enumerate();
    let all = all.map(|(index, deployment)| Candidate {
        deployment,
        standing: standing((index, deployment)),
        cost: cost(deployment, call),
    });
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|candidate| candidate.deployment.order());
    share(&mut all, by_weight);
    all
}

/// Says which part of the calls each gets that is picked.
fn share(all: &mut [Candidate<'_>], by_weight: bool) {
    let is_picked = |it: &&Candidate<'_>| it.standing == Standing::Picked(None);
    let peers = || all.iter().filter(is_picked);
    let total: f64 = peers().map(|it| it.deployment.weight()).sum();
    let count = peers().fold(0.0, |count, _| count + 1.0);
    for candidate in all {
        if candidate.standing != Standing::Picked(None) {
            continue;
        }
        let weight = candidate.deployment.weight();
        candidate.standing = match by_weight {
            false => Standing::Picked((count <= 1.0).then_some(1.0)),
            true if total <= 0.0 => Standing::Picked(Some(1.0 / count)),
            true if weight > 0.0 => Standing::Picked(Some(weight / total)),
            true => Standing::Last,
        };
    }
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
