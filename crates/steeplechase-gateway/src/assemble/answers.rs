//! Which calls a deployment is for, and how it answers them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use steeplechase::Deployment;
use steeplechase::deployment::{DeploymentBuilder, TierTimeouts};
use steeplechase::dialects::intake::mock_of;
use steeplechase::preset::Group;

use crate::config::{Config, DeploymentParams, ModelEntry, RouterSettings};

/// Sets how long answers may take, whose calls the deployment is for, and what it answers without asking anybody.
pub(super) fn answers(
    mut builder: DeploymentBuilder,
    router: &RouterSettings,
    params: &DeploymentParams,
) -> DeploymentBuilder {
    if let Some(timeout) = params.timeout {
        builder = builder.timeout(timeout);
    }
    // As in LiteLLM: what is said of streams goes before what is said of all calls.
    let of_stream = params.stream_timeout.or(router.stream_timeout);
    if let Some(timeout) = of_stream.or(params.timeout).or(router.timeout) {
        builder = builder.stream_timeout(timeout);
    }
    let answers = &params.answers;
    let whole = &answers.timeout_by_tier;
    let streams = &answers.stream_timeout_by_tier;
    let tiers: BTreeSet<_> = whole.keys().chain(streams.keys()).collect();
    builder = builder.tier_timeouts(tiers.into_iter().map(|tier| {
        let whole = whole.get(tier).copied();
        TierTimeouts {
            tier: tier.as_str().into(),
            whole,
            stream: streams.get(tier).copied().or(of_stream).or(whole),
        }
    }));
    if let Some(text) = &answers.mock {
        let mut mock = mock_of(text);
        mock.delay = answers.mock_delay;
        builder = builder.mock(mock);
    }
    builder.user_agents(answers.user_agents.iter().map(String::as_str))
}

/// The longest time that a class of service has.
pub(super) fn longest(params: &DeploymentParams) -> Option<Duration> {
    let answers = &params.answers;
    let whole = answers.timeout_by_tier.values();
    let all = whole.chain(answers.stream_timeout_by_tier.values());
    all.copied().max()
}

/// Sets when callers of a group get signs of life: nobody knows which of its deployments will answer when the first is
/// due, so it is what the one with the shortest time says.
pub(super) fn keepalive(config: &Config, mut group: Group, of: &[Arc<Deployment>]) -> Group {
    let entries = || {
        let is_one = |entry: &&ModelEntry| of.iter().any(|it| *it.id() == entry.deployment_id);
        config.models.iter().filter(is_one)
    };
    let mut answers = config.models.iter().map(|entry| &entry.params.answers);
    if answers.all(|it| it.keepalive.is_none() && it.callers_keepalive.is_none()) {
        return group;
    }
    if let Some(shortest) = entries().filter_map(|it| it.params.answers.keepalive).min() {
        group = group.keepalive(shortest);
    }
    let may = entries().all(|it| it.params.answers.callers_keepalive == Some(true));
    group.callers_keepalive(may)
}
