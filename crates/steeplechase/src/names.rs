//! The names of deployments, apart from those of their groups.
//!
//! ```text
//!  a group ─► an alias ─► the id of a deployment ─► a pattern ─► the provider's name for a model
//!  "fast"     "quick"     "eu-1"                    "openai/*"    "openai/gpt-4o", "gpt-4o"
//! ```

use std::collections::HashMap;
use std::collections::hash_map::Entry;
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

/// The names so far, and the place of each.
#[derive(Default)]
struct Parts {
    all: Vec<Part>,
    places: HashMap<(Arc<str>, bool), usize>,
}

/// All names of deployments. Of several groups that have something of the same name, the first counts.
pub(crate) fn parts(groups: &[Group], upstream_names: bool) -> Vec<Part> {
    let all = groups.iter().flat_map(|group| {
        // A deployment of all of a provider's models has to be told which one.
        let one = |it: &&Arc<Deployment>| !it.upstream_model().contains('*');
        let deployments = group.deployments.iter().filter(one);
        deployments.map(move |deployment| (group, deployment))
    });
    let mut parts = Parts::default();
    for (group, deployment) in all {
        parts.add(group, deployment, deployment.id(), true);
        if upstream_names {
            let model = deployment.upstream_model();
            let with_provider = format!("{}/{model}", deployment.provider());
            parts.add(group, deployment, &with_provider, false);
            parts.add(group, deployment, model, false);
        }
    }
    parts.all
}

// ===== impl Parts =====

impl Parts {
    fn add(&mut self, group: &Group, deployment: &Deployment, name: &str, is_id: bool) {
        if name.is_empty() {
            return;
        }
        let name: Arc<str> = name.into();
        match self.places.entry((Arc::clone(&name), is_id)) {
            Entry::Occupied(place) => {
                let part = &mut self.all[*place.get()];
                if part.group == group.model {
                    part.keys.push(deployment.key());
                }
            }
            Entry::Vacant(place) => {
                place.insert(self.all.len());
                self.all.push(Part {
                    name,
                    group: Arc::clone(&group.model),
                    keys: vec![deployment.key()],
                    is_id,
                });
            }
        }
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
