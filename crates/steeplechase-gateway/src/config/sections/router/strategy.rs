//! How a deployment is picked.

use std::collections::BTreeMap;

use crate::config::known;
use crate::config::model::{RoutingArgs, RoutingGroup, RoutingStrategy};
use crate::config::node::{Cursor, Resolved};

/// Reads the name of a strategy.
pub(super) fn strategy(field: &Cursor<'_>) -> RoutingStrategy {
    let Some(name) = field.text("simple-shuffle") else {
        return RoutingStrategy::default();
    };
    if let Some((_, strategy)) = RoutingStrategy::NAMES
        .iter()
        .find(|(known, _)| *known == name)
    {
        return *strategy;
    }
    let names = RoutingStrategy::NAMES.map(|(name, _)| name).join(", ");
    if name.starts_with("lar1") {
        field.warn(
            format!(
                "`{name}` is not acted on: it goes by a confidence that the caller states. \
                 `simple-shuffle` is used"
            ),
            format!("choose one of {names} to decide otherwise"),
        );
    } else {
        field.mistyped(
            &format!("one of {names}"),
            "routing_strategy: simple-shuffle",
        );
    }
    RoutingStrategy::default()
}

/// Whether a routing group goes by `model_priorities` alone. It does so under any strategy, which is for those of the
/// same priority.
fn is_priority(field: &Cursor<'_>) -> bool {
    matches!(field.resolve_or(|_| {}), Resolved::Text("priority"))
}

/// Reads `weights`: a share for each deployment of a model, by its id.
pub(super) fn weights(section: &Cursor<'_>) -> BTreeMap<String, BTreeMap<String, f64>> {
    let share = |field: &Cursor<'_>| {
        let share = field.number("a number, zero or more", "1")?;
        Some((field.key().to_owned(), share))
    };
    let models = section.fields().into_iter().map(|model| {
        let shares = model.fields();
        let shares = shares.iter().filter_map(share).collect();
        (model.key().to_owned(), shares)
    });
    models.collect()
}

/// Reads the settings of a strategy.
pub(super) fn args(section: &Cursor<'_>) -> RoutingArgs {
    let mut args = RoutingArgs::default();
    for field in section.fields() {
        match field.key() {
            "ttl" => args.ttl = field.seconds("3600"),
            "lowest_latency_buffer" => {
                args.lowest_latency_buffer = field.number("a number, zero or more", "0.1");
            }
            "first_token" => args.first_token = field.limit("2"),
            _ => known::ROUTING_ARGS.report(&field),
        }
    }
    args
}

/// A strategy that needs a setting has it.
pub(super) fn check(field: &Cursor<'_>, strategy: RoutingStrategy, args: &RoutingArgs) {
    if strategy == RoutingStrategy::SloCheapest && args.first_token.is_none() {
        field.error(
            "`slo-cheapest` needs to know which time to the first token is fast enough",
            "write for example `routing_strategy_args: {first_token: 2}`",
        );
    }
}

/// Reads `routing_groups`.
pub(super) fn groups(list: &Cursor<'_>) -> Vec<RoutingGroup> {
    const EXAMPLE: &str =
        "routing_groups: [{group_name: fast, models: [gpt-4o], routing_strategy: least-busy}]";
    list.items(EXAMPLE)
        .iter()
        .filter_map(|item| group(item, EXAMPLE))
        .collect()
}

fn group(item: &Cursor<'_>, example: &str) -> Option<RoutingGroup> {
    if !item.is_map() {
        item.mistyped("a map", example);
        return None;
    }
    let mut group = RoutingGroup::default();
    for field in item.fields() {
        match field.key() {
            "group_name" => group.name = field.text("fast").unwrap_or_default(),
            "models" => group.models = field.texts("gpt-4o").unwrap_or_default(),
            "routing_strategy" if is_priority(&field) => {}
            "routing_strategy" => group.strategy = strategy(&field),
            "routing_strategy_args" => group.args = args(&field),
            "model_priorities" => {
                let models = field.fields().into_iter();
                let models = models.filter_map(|model| {
                    let priority = model.whole(i128::from(i64::MIN), "1")?;
                    Some((model.key().to_owned(), priority))
                });
                group.priorities = models.collect();
            }
            _ => field.warn(
                "unknown key, ignored",
                "a routing group has `group_name`, `models`, `routing_strategy`, `routing_strategy_args` and \
                 `model_priorities`",
            ),
        }
    }
    if group.name.is_empty() {
        item.require("group_name", "group_name: fast");
        return None;
    }
    if group.models.is_empty() {
        item.require("models", "models: [gpt-4o]");
        return None;
    }
    check(item, group.strategy, &group.args);
    Some(group)
}
