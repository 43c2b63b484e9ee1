use std::sync::Arc;

use regex::RegexSet;
use steeplechase_core::Deployment;

use super::rule::Asked;

/// The deployments of a group that are for the calls of certain programs.
#[derive(Debug)]
pub(super) struct Agents(Vec<Agent>);

#[derive(Debug)]
struct Agent {
    key: u32,
    tags: Arc<[Arc<str>]>,
    patterns: RegexSet,
}

// ===== impl Agents =====

impl Agents {
    /// A pattern that makes no sense is for no program at all.
    pub(super) fn of(deployments: &[Arc<Deployment>]) -> Self {
        let agents = deployments.iter().filter_map(|deployment| {
            let patterns = deployment.user_agents().iter();
            let patterns = patterns.filter(|pattern| RegexSet::new([pattern]).is_ok());
            let patterns: Vec<_> = patterns.collect();
            Some(Agent {
                key: deployment.key(),
                tags: Arc::clone(deployment.tags()),
                patterns: RegexSet::new(&patterns)
                    .ok()
                    .filter(|set| !set.is_empty())?,
            })
        });
        let mut agents: Vec<_> = agents.collect();
        agents.sort_unstable_by_key(|agent| agent.key);
        Self(agents)
    }

    /// The program that makes a call, as patterns have it, if the call says so and any deployment minds.
    pub(super) fn program(&self, asked: &Asked<'_>) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let name = asked.program().filter(|name| !name.is_empty())?;
        Some(format!("User-Agent: {name}"))
    }

    /// Whether a deployment is for the calls of a program.
    pub(super) fn is_for(&self, deployment: &Deployment, program: &str) -> bool {
        let at = self
            .0
            .binary_search_by_key(&deployment.key(), |agent| agent.key);
        at.is_ok_and(|at| self.0[at].patterns.is_match(program))
    }

    /// Whether any is with tags that are `right`.
    pub(super) fn any_is_for(&self, program: &str, right: impl Fn(&[Arc<str>]) -> bool) -> bool {
        let mut agents = self.0.iter();
        agents.any(|agent| right(&agent.tags) && agent.patterns.is_match(program))
    }

    /// Whether any deployment with tags that are `right` is for the calls of some program.
    pub(super) fn has(&self, right: impl Fn(&[Arc<str>]) -> bool) -> bool {
        self.0.iter().any(|agent| right(&agent.tags))
    }
}
