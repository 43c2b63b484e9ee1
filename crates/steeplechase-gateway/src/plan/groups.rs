use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use steeplechase::Deployment;
use steeplechase::layers::fallback::FallbackLayer;
use steeplechase::preset::Preset;

use crate::assemble::{Reserve, fallbacks, reserve};
use crate::config::{Config, ModelEntry, RoutingGroup, RoutingStrategy};

/// What a configuration comes to.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) config: Config,
    /// In the order of the file.
    pub(crate) groups: Vec<PlannedGroup>,
    /// How many attempts a call has, and how long.
    pub(crate) reserve: Reserve,
    /// Whom a call asks instead.
    pub(super) fallbacks: FallbackLayer,
    /// From the ids of deployments to the places of their entries.
    entries: HashMap<String, usize>,
}

/// What serves a model.
#[derive(Debug)]
pub(crate) struct PlannedGroup {
    pub(crate) model: Arc<str>,
    /// Other names for it, and whether they are hidden.
    pub(crate) aliases: Vec<(String, bool)>,
    pub(crate) deployments: Vec<Arc<Deployment>>,
}

impl Plan {
    /// What `config` comes to, with those of its deployments that can be used.
    pub(super) fn new(config: Config, deployments: &[Arc<Deployment>]) -> Self {
        let mut groups: Vec<PlannedGroup> = Vec::new();
        for deployment in deployments {
            let found = groups
                .iter_mut()
                .find(|group| &*group.model == deployment.model());
            match found {
                Some(group) => group.deployments.push(Arc::clone(deployment)),
                None => groups.push(PlannedGroup {
                    model: deployment.model().into(),
                    aliases: Vec::new(),
                    deployments: vec![Arc::clone(deployment)],
                }),
            }
        }
        for alias in &config.router.model_group_alias {
            let group = groups.iter_mut().find(|group| *group.model == *alias.model);
            if let Some(group) = group {
                group.aliases.push((alias.alias.clone(), alias.hidden));
            }
        }
        let ids = config.models.iter().map(|entry| &entry.deployment_id);
        // Of two with one id the first counts.
        let ids = ids.enumerate().rev();
        Self {
            reserve: reserve(&config),
            fallbacks: FallbackLayer::new(fallbacks(&config.router)),
            entries: ids.map(|(place, id)| (id.clone(), place)).collect(),
            config,
            groups,
        }
    }

    /// The entry that a deployment is made of.
    pub(crate) fn entry(&self, deployment: &Deployment) -> Option<&ModelEntry> {
        let place = self.entries.get(deployment.id())?;
        self.config.models.get(*place)
    }

    /// How a deployment is picked for calls by a name.
    pub(crate) fn strategy_for(&self, name: &str) -> RoutingStrategy {
        let router = &self.config.router;
        let own = router.routing_groups.iter().find(|own| own.name == name);
        own.map_or(router.routing_strategy, |own| own.strategy)
    }

    /// Names that stand for several models.
    pub(crate) fn of_several(&self) -> impl Iterator<Item = &RoutingGroup> {
        let groups = self.config.router.routing_groups.iter();
        groups.filter(|own| self.groups.iter().all(|group| *group.model != *own.name))
    }

    /// Whether the share of each deployment of a group is known beforehand.
    pub(crate) fn has_shares(&self, group: &PlannedGroup) -> bool {
        self.strategy_for(&group.model) == RoutingStrategy::SimpleShuffle
    }

    /// How long an attempt may take to the first content of a stream, or to a whole answer.
    pub(crate) fn first_content(&self, deployment: &Deployment, stream: bool) -> Option<Duration> {
        let default = Preset::default_timeouts();
        if stream {
            let said = self.said_of_streams(deployment);
            let default = default.stream.first_token_limit();
            return said.or(default.filter(|_| !self.config.router.has_patience()));
        }
        let own = deployment.timeout().or(self.config.router.timeout);
        own.or(default.whole.first_token_limit())
    }

    /// What anybody has said of how long the first content of a stream may take.
    fn said_of_streams(&self, deployment: &Deployment) -> Option<Duration> {
        let own = deployment.stream_timeout().or(deployment.timeout());
        own.or(self.config.router.timeout)
    }

    /// How long a stream may pause between two contents.
    pub(crate) fn between_contents(&self, deployment: &Deployment) -> Option<Duration> {
        let default = Preset::default_timeouts().stream;
        let said = self.said_of_streams(deployment);
        said.or(default.content_idle_limit())
    }
}

impl PlannedGroup {
    /// The part of the calls that a deployment gets while those of its order are used, by weight. One
    /// without weight gets some if all are.
    pub(crate) fn share(&self, deployment: &Deployment) -> f64 {
        let peers = self.deployments.iter();
        let peers = peers.filter(|peer| peer.order() == deployment.order());
        let (mut total, mut count) = (0.0, 0.0);
        for peer in peers {
            total += peer.weight();
            count += 1.0;
        }
        if total > 0.0 {
            deployment.weight() / total
        } else {
            1.0 / count
        }
    }
}
