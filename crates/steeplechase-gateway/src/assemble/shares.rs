//! Which share of the calls of its group a deployment gets, and before whom.

use std::collections::BTreeSet;
use std::sync::Arc;

use steeplechase::Deployment;

use crate::config::{Config, Diagnostic, ModelEntry, RoutingGroup};

/// The share of a deployment, as LiteLLM has it: of the `weights` of the router, `weight`, `rpm` and `tpm` the first
/// that any deployment of the group has counts for all of them, and who does not have it gets nothing.
pub(super) fn weight(config: &Config, entry: &ModelEntry) -> f64 {
    type Share = fn(&Config, &ModelEntry) -> Option<f64>;
    #[allow(clippy::cast_precision_loss, reason = "a share need not be exact")]
    const SHARES: [Share; 4] = [
        |config, entry| {
            let weights = config.router.weights.get(&entry.model_name)?;
            weights.get(&entry.deployment_id).copied()
        },
        |_, entry| entry.params.weight,
        |_, entry| entry.params.rpm.map(|rpm| rpm as f64),
        |_, entry| entry.params.tpm.map(|tpm| tpm as f64),
    ];
    let siblings = || {
        let models = config.models.iter();
        models.filter(|other| other.model_name == entry.model_name)
    };
    let is_some = |share: &Share, other| share(config, other).is_some_and(|value| value > 0.0);
    let has = |share: &&Share| siblings().any(|other| is_some(share, other));
    let share = SHARES.iter().find(has);
    share.map_or(1.0, |share| share(config, entry).unwrap_or(0.0))
}

/// The rank of a deployment, as LiteLLM has it: where any deployment of the group has one, those without come
/// last.
pub(super) fn order(config: &Config, entry: &ModelEntry) -> i64 {
    let models = config.models.iter();
    let siblings = models.filter(|other| other.model_name == entry.model_name);
    let highest = siblings.filter_map(|other| other.params.order).max();
    let last = highest.map_or(0, |highest| highest.saturating_add(1));
    entry.params.order.unwrap_or(last)
}

/// Ranks the deployments of a routing group by the priorities of their models, and within a model by their own. Models
/// without one come last. The group has them at ranks of its own, and all that is known of them is shared.
pub(super) fn by_priority(
    group: &RoutingGroup,
    deployments: Vec<Arc<Deployment>>,
) -> Vec<Arc<Deployment>> {
    if group.priorities.is_empty() {
        return deployments;
    }
    let place = |deployment: &Arc<Deployment>| {
        let priority = group.priorities.get(deployment.model());
        (priority.is_none(), priority.copied(), deployment.order())
    };
    let places: BTreeSet<_> = deployments.iter().map(place).collect();
    let ranked = deployments.into_iter().map(|deployment| {
        let before = places.range(..place(&deployment)).count();
        let order = i64::try_from(before).unwrap_or(i64::MAX);
        Arc::new(deployment.at_order(order))
    });
    ranked.collect()
}

/// Names the `weights` of the router that are of nobody, and who is left without.
pub(super) fn amiss(config: &Config) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for (model, weights) in &config.router.weights {
        let entries = config.models.iter();
        let entries: Vec<_> = entries.filter(|it| it.model_name == *model).collect();
        if entries.is_empty() {
            let message = "there is no such model in `model_list`, so this is ignored";
            warnings.push(about(model, message.to_owned()));
            continue;
        }
        let is_of = |id: &str| entries.iter().any(|it| it.deployment_id == id);
        for id in weights.keys().filter(|id| !is_of(id)) {
            let message = "no deployment of the model has this id, so this is ignored";
            warnings.push(about(&format!("{model}.{id}"), message.to_owned()));
        }
        let is_without = |it: &&&ModelEntry| !weights.contains_key(&it.deployment_id);
        for entry in entries.iter().filter(is_without) {
            let message = format!(
                "the deployment `{}` has none, so it is not picked while another can be",
                entry.deployment_id
            );
            warnings.push(about(model, message));
        }
    }
    warnings
}

fn about(key: &str, message: String) -> Diagnostic {
    let fix = "write `weights: {MODEL: {ID: 1}}`, with the `model_info.id` of each deployment";
    Diagnostic {
        source: String::new(),
        line: 0,
        key_path: format!("router_settings.weights.{key}"),
        message,
        fix: Some(fix.to_owned()),
    }
}
