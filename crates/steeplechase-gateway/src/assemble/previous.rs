use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use steeplechase::Deployment;
use steeplechase::deployment::DeploymentBuilder;

use crate::config::{Config, DeploymentParams, ModelEntry};

/// The deployments of a configuration that another is to replace.
///
/// An entry that is still there goes on with what is known of its deployment: whether it may be used, how busy
/// and how quick it is. An entry is told by its id, which is made of all that is written in it unless somebody
/// has chosen one. Under a chosen one the place and the key have to be the same too.
#[derive(Debug, Default)]
pub struct Previous(HashMap<String, VecDeque<Old>>);

#[derive(Debug)]
struct Old {
    params: DeploymentParams,
    deployment: Arc<Deployment>,
}

impl Previous {
    /// What `config` has come to.
    pub fn of(config: &Config, deployments: &[Arc<Deployment>]) -> Self {
        let mut all: HashMap<String, VecDeque<Old>> = HashMap::new();
        let entries: HashMap<_, _> = config
            .models
            .iter()
            .map(|entry| (entry.deployment_id.as_str(), entry))
            .collect();
        for deployment in deployments {
            let Some(entry) = entries.get(deployment.id()) else {
                continue;
            };
            all.entry(entry.deployment_id.clone())
                .or_default()
                .push_back(Old {
                    params: entry.params.clone(),
                    deployment: Arc::clone(deployment),
                });
        }
        Self(all)
    }

    /// Lets the deployment of an entry go on where its predecessor has left off. Each has one successor: two
    /// that are equal are two.
    pub(super) fn carry_on(
        &mut self,
        entry: &ModelEntry,
        builder: DeploymentBuilder,
    ) -> DeploymentBuilder {
        let olds = self.0.get_mut(&entry.deployment_id);
        match olds.and_then(VecDeque::pop_front) {
            Some(old) if is_same_place(&old.params, &entry.params) => {
                builder.continue_from(&old.deployment)
            }
            _ => builder,
        }
    }
}

/// Whether two entries are for the same place, called by the same account.
fn is_same_place(a: &DeploymentParams, b: &DeploymentParams) -> bool {
    a.model == b.model
        && a.provider == b.provider
        && a.api_key == b.api_key
        && a.api_base == b.api_base
        && a.api_version == b.api_version
        && a.organization == b.organization
        && a.aws == b.aws
        && a.azure == b.azure
        && a.vertex_project == b.vertex_project
        && a.vertex_location == b.vertex_location
        && a.vertex_credentials == b.vertex_credentials
}
