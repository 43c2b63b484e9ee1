//! How the calls of a group are shared among its deployments.

use crate::config::{Config, ModelEntry};

/// The share of a deployment, as LiteLLM has it: of `weight`, `rpm` and `tpm` the first that any
/// deployment of the group has counts for all of them, and who does not have it gets nothing.
pub(super) fn weight(config: &Config, entry: &ModelEntry) -> f64 {
    type Share = fn(&ModelEntry) -> Option<f64>;
    #[allow(clippy::cast_precision_loss, reason = "a share need not be exact")]
    const SHARES: [Share; 3] = [
        |entry| entry.params.weight,
        |entry| entry.params.rpm.map(|rpm| rpm as f64),
        |entry| entry.params.tpm.map(|tpm| tpm as f64),
    ];
    let siblings = || {
        let models = config.models.iter();
        models.filter(|other| other.model_name == entry.model_name)
    };
    let has = |share: &Share| siblings().any(|other| share(other).is_some_and(|value| value > 0.0));
    let share = SHARES.iter().find(|share| has(share));
    share.map_or(1.0, |share| share(entry).unwrap_or(0.0))
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
