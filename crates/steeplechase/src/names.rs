//! The names of deployments, apart from those of their groups.
//!
//! ```text
//!  a group ─► an alias ─► the id of a deployment ─► a pattern ─► the provider's name for a model
//!  "fast"     "quick"     "eu-1"                    "openai/*"    "openai/gpt-4o", "gpt-4o"
//! ```

use std::sync::Arc;

use steeplechase_core::Deployment;
use steeplechase_layers::models::TableBuilder;

use crate::Group;

/// A name of some deployments of a group.
pub(crate) struct Part {
    name: Arc<str>,
    group: Arc<str>,
    keys: Vec<u32>,
    is_id: bool,
}

/// All names of deployments. Of several groups that have something of the same name, the first counts.
pub(crate) fn parts(groups: &[Group], upstream_names: bool) -> Vec<Part> {
    let all = groups.iter().flat_map(|group| {
        // A deployment of all of a provider's models has to be told which one.
        let one = |it: &&Arc<Deployment>| !it.upstream_model().contains('*');
        let deployments = group.deployments.iter().filter(one);
        deployments.map(move |deployment| (group, deployment))
    });
    let mut parts: Vec<Part> = Vec::new();
    for (group, deployment) in all {
        let mut add = |name: &str, is_id| {
            if !name.is_empty() {
                add(&mut parts, group, deployment, name, is_id);
            }
        };
        add(deployment.id(), true);
        if upstream_names {
            let model = deployment.upstream_model();
            add(&format!("{}/{model}", deployment.provider()), false);
            add(model, false);
        }
    }
    parts
}

fn add(parts: &mut Vec<Part>, group: &Group, deployment: &Deployment, name: &str, is_id: bool) {
    let mut same = parts.iter_mut();
    match same.find(|part| *part.name == *name && part.is_id == is_id) {
        Some(part) if part.group == group.model => part.keys.push(deployment.key()),
        Some(_) => {}
        None => parts.push(Part {
            name: name.into(),
            group: Arc::clone(&group.model),
            keys: vec![deployment.key()],
            is_id,
        }),
    }
}

// ===== impl Part =====

impl Part {
    pub(crate) fn add_to<T>(&self, table: TableBuilder<T>) -> TableBuilder<T> {
        let (name, group) = (Arc::clone(&self.name), Arc::clone(&self.group));
        let keys = self.keys.as_slice();
        if self.is_id {
            table.part(name, group, keys)
        } else {
            table.last_resort(name, group, keys)
        }
    }
}
