//! How a deployment of a model is picked.

use std::sync::Arc;

use steeplechase::Deployment;
use steeplechase::layers::route::{
    Affinity, CheapestFirst, HotCold, LeastBusy, LowestLatency, SloCheapest, Strategy, SuccessRate,
    UsageBased, WeightedShuffle,
};
use steeplechase::preset::{Group, Preset};

use super::{answers, settings, shares};
use crate::config::{Config, Diagnostic, RoutingArgs, RoutingGroup, RoutingStrategy};

/// A model, and what serves it.
type Served = (Arc<str>, Vec<Arc<Deployment>>);

/// Adds the groups of a configuration: one for each model, and one for each name of several models.
pub(super) fn groups(
    mut preset: Preset,
    config: &Config,
    served: Vec<Served>,
    warnings: &mut Vec<Diagnostic>,
) -> Preset {
    let router = &config.router;
    let of_several: Vec<_> = router
        .routing_groups
        .iter()
        .filter(|group| served.iter().all(|(model, _)| **model != group.name))
        .filter_map(|group| union(group, &served, warnings))
        .collect();
    for (model, deployments) in served.into_iter().chain(of_several) {
        let own = router.routing_groups.iter().find(|own| own.name == *model);
        let (strategy, args) = match own {
            Some(own) => (own.strategy, &own.args),
            None => (router.routing_strategy, &router.routing_strategy_args),
        };
        let affinity = router.affinity_of_groups.get(&*model);
        let routing = strategy_of(strategy, args, *affinity.unwrap_or(&router.affinity));
        let mut group =
            Group::new(Arc::clone(&model), deployments.iter().cloned()).routing(routing);
        if let Some(retry) = settings::retry_of_group(config, &model) {
            group = group.retry(retry);
        }
        if let Some(filters) = filters_tags(config, &model) {
            group = group.filters_tags(filters);
        }
        preset = preset.group(answers::keepalive(config, group, &deployments));
    }
    preset
}

/// The deployments of several models together. They keep what is known of them.
fn union(
    group: &RoutingGroup,
    served: &[Served],
    warnings: &mut Vec<Diagnostic>,
) -> Option<Served> {
    let mut all = Vec::new();
    for model in &group.models {
        match served.iter().find(|(name, _)| **name == **model) {
            Some((_, deployments)) => all.extend(deployments.iter().cloned()),
            None => warnings.push(no_such_model(group, model)),
        }
    }
    let all = shares::by_priority(group, all);
    (!all.is_empty()).then(|| (group.name.as_str().into(), all))
}

fn strategy_of(strategy: RoutingStrategy, args: &RoutingArgs, affinity: bool) -> Arc<dyn Strategy> {
    let strategy: Arc<dyn Strategy> = match strategy {
        RoutingStrategy::SimpleShuffle => Arc::new(WeightedShuffle::new()),
        RoutingStrategy::LeastBusy => Arc::new(LeastBusy::new()),
        RoutingStrategy::LatencyBased => {
            let buffer = args.lowest_latency_buffer.unwrap_or(0.0);
            let strategy = LowestLatency::new().buffer(buffer);
            Arc::new(match args.ttl {
                Some(ttl) => strategy.ttl(ttl),
                None => strategy,
            })
        }
        RoutingStrategy::UsageBased => Arc::new(UsageBased::new()),
        RoutingStrategy::CostBased => Arc::new(CheapestFirst::new()),
        RoutingStrategy::HotCold => Arc::new(HotCold::new()),
        RoutingStrategy::SuccessRate => Arc::new(SuccessRate::new()),
        // It is an error to have none.
        RoutingStrategy::SloCheapest => {
            Arc::new(SloCheapest::new(args.first_token.unwrap_or_default()))
        }
    };
    if affinity {
        Arc::new(Affinity::or(strategy))
    } else {
        strategy
    }
}

/// Whether the tags of a model count, if its deployments know better than the router.
fn filters_tags(config: &Config, model: &str) -> Option<bool> {
    let of_model = config
        .models
        .iter()
        .filter(|entry| entry.model_name == model);
    of_model
        .filter_map(|entry| entry.info.enable_tag_filtering)
        .reduce(|one, other| one || other)
}

fn no_such_model(group: &RoutingGroup, model: &str) -> Diagnostic {
    Diagnostic {
        source: String::new(),
        line: 0,
        key_path: format!("router_settings.routing_groups[{}].models", group.name),
        message: format!("no deployment that can be used serves `{model}`, so it is left out"),
        fix: None,
    }
}
