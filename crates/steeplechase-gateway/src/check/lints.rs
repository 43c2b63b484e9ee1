//! What can be served, and will surprise.

use steeplechase::{Attempts, Deployment, Pricing};

use crate::config::{Diagnostic, HedgeDelay, ModelEntry};
use crate::plan::{Plan, PlannedGroup, Reason, seconds};

/// All that is found.
pub(super) fn all(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for group in &plan.groups {
        found.extend(lone(plan, group));
        found.extend(out_of_reach(plan, group));
        found.extend(narrow(plan, group));
        found.extend(alias_without(plan, group));
        for deployment in &group.deployments {
            let Some(entry) = plan.entry(deployment) else {
                continue;
            };
            found.extend(unpriced(entry, deployment));
            found.extend(never_picked(plan, group, entry, deployment));
            found.extend(without_order(plan, group, entry));
            found.extend(late_hedge(plan, entry, deployment));
        }
    }
    found
}

/// A group that has nobody else to ask.
fn lone(plan: &Plan, group: &PlannedGroup) -> Option<Diagnostic> {
    let is_lone =
        group.deployments.len() == 1 && plan.chain(&group.model, Reason::Failure).is_empty();
    let entry = plan.entry(group.deployments.first()?).filter(|_| is_lone)?;
    let message = format!(
        "`{}` has one deployment and no fallback, so each outage of it is one of the model",
        group.model
    );
    let fix = "add a deployment of the same name, or fallbacks in `router_settings`";
    Some(about(entry, "model_name", message, fix))
}

/// Fallbacks that no call has the attempts for.
fn out_of_reach(plan: &Plan, group: &PlannedGroup) -> Option<Diagnostic> {
    let entry = plan.entry(group.deployments.first()?)?;
    let most = usize::from(Attempts::HARD_CAP) - 1;
    let chains = Reason::ALL.map(|reason| plan.chain(&group.model, reason));
    let longest = chains.iter().max_by_key(|chain| chain.len())?;
    let left_out = longest
        .get(most..)
        .filter(|left_out| !left_out.is_empty())?;
    let message = format!(
        "a call has {} attempts at the most, so these fallbacks of `{}` are never reached: {}",
        Attempts::HARD_CAP,
        group.model,
        left_out.join(", ")
    );
    Some(about(
        entry,
        "model_name",
        message,
        "leave them out, or put them first",
    ))
}

/// Fallbacks go by the name that is asked for, so those of a model are not those of its aliases.
fn alias_without(plan: &Plan, group: &PlannedGroup) -> Option<Diagnostic> {
    let entry = plan.entry(group.deployments.first()?)?;
    let has_any = |name: &str| {
        Reason::ALL
            .iter()
            .any(|reason| !plan.chain(name, *reason).is_empty())
    };
    let mut aliases = group.aliases.iter().map(|(alias, _)| alias);
    let alias = aliases
        .find(|alias| !has_any(alias))
        .filter(|_| has_any(&group.model))?;
    let message = format!(
        "`{}` has fallbacks, and whoever asks for it as `{alias}` has none: they go by the name that is asked \
         for",
        group.model
    );
    let fix = format!("write fallbacks for `{alias}` too");
    Some(about(entry, "model_name", message, &fix))
}

/// A race with fewer deployments than lanes.
fn narrow(plan: &Plan, group: &PlannedGroup) -> Option<Diagnostic> {
    let width = usize::from(plan.config.router.race?.width);
    let entry = plan.entry(group.deployments.first()?)?;
    let members = group.deployments.len();
    (members < width).then(|| {
        let message = format!(
            "a call is to go to {width} deployments at once, and `{}` has {members}",
            group.model
        );
        about(
            entry,
            "model_name",
            message,
            "add deployments, or race fewer",
        )
    })
}

fn unpriced(entry: &ModelEntry, deployment: &Deployment) -> Option<Diagnostic> {
    matches!(deployment.pricing(), Pricing::Unpriced).then(|| {
        let message = format!(
            "the price of `{}` is not known, so what its calls cost is not booked",
            entry.params.model
        );
        let fix = "write `input_cost_per_token` and `output_cost_per_token`, or a `base_model`";
        about(entry, "litellm_params.model", message, fix)
    })
}

/// One whose siblings have a share, and which has none. Of those without a `weight` the configuration warns
/// itself.
fn never_picked(
    plan: &Plan,
    group: &PlannedGroup,
    entry: &ModelEntry,
    deployment: &Deployment,
) -> Option<Diagnostic> {
    let shares = || group.deployments.iter().filter_map(|it| plan.entry(it));
    let by_weight = shares().any(|it| {
        plan.config.router.weights.contains_key(&it.model_name)
            || it.params.weight.is_some_and(|weight| weight > 0.0)
    });
    let is_dropped = plan.has_shares(group) && !by_weight && deployment.weight() <= 0.0;
    let has_peers = group
        .deployments
        .iter()
        .any(|peer| peer.order() == deployment.order() && peer.weight() > 0.0);
    (is_dropped && has_peers).then(|| {
        let key = if shares().any(|it| it.params.rpm.is_some()) {
            "rpm"
        } else {
            "tpm"
        };
        let message = format!(
            "another deployment of `{}` has `{key}`, which is its share of the calls too, and this one has none, \
             so it is not picked while that one can be",
            group.model
        );
        about(entry, &format!("litellm_params.{key}"), message, "give it one too")
    })
}

/// One without an order among some that have one.
fn without_order(plan: &Plan, group: &PlannedGroup, entry: &ModelEntry) -> Option<Diagnostic> {
    let mut siblings = group.deployments.iter().filter_map(|it| plan.entry(it));
    let others = siblings.any(|it| it.params.order.is_some());
    (others && entry.params.order.is_none()).then(|| {
        let message = format!(
            "another deployment of `{}` has an `order` and this one has none, so this one is used \
             when none of those can be",
            group.model
        );
        about(
            entry,
            "litellm_params.order",
            message,
            "give it an `order` too",
        )
    })
}

/// A hedge that would come when its attempt has been given up already.
fn late_hedge(plan: &Plan, entry: &ModelEntry, deployment: &Deployment) -> Option<Diagnostic> {
    let HedgeDelay::Fixed(delay) = plan.config.router.hedge?.delay else {
        return None;
    };
    let limits = [true, false].map(|stream| plan.first_content(deployment, stream));
    let limit = limits.into_iter().flatten().min()?;
    (delay >= limit).then(|| {
        let message = format!(
            "an attempt is given up after {}, so a hedge after {} never comes",
            seconds(limit),
            seconds(delay)
        );
        about(
            entry,
            "litellm_params.timeout",
            message,
            "hedge sooner, or wait longer",
        )
    })
}

fn about(entry: &ModelEntry, key: &str, message: String, fix: &str) -> Diagnostic {
    Diagnostic {
        source: entry.source.clone(),
        line: entry.line,
        key_path: format!("model_list[{}].{key}", entry.model_name),
        message,
        fix: Some(fix.to_owned()),
    }
}
