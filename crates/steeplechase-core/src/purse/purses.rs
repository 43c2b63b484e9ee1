use std::collections::HashMap;
use std::sync::Arc;

use super::{Owner, Purse};
use crate::Deployment;

/// All purses of a stack, by their owners. Of two with the same owner the last counts.
#[derive(Debug, Default)]
pub struct Purses {
    deployments: HashMap<Arc<str>, Arc<Purse>>,
    providers: HashMap<Arc<str>, Arc<Purse>>,
    tags: HashMap<Arc<str>, Arc<Purse>>,
}

// ===== impl Purses =====

impl Purses {
    /// Goes on with what was spent of those in `old`, see [`Purse::continue_from`].
    #[must_use]
    pub fn continue_from(&self, old: &Self) -> Self {
        let continued = |purse: &Arc<Purse>| {
            let owner = purse.owner().clone();
            let new = Purse::new(owner, purse.limit(), purse.window()).continue_from(purse);
            match old.get(purse.owner()) {
                Some(old) => new.continue_from(old),
                None => new,
            }
        };
        self.iter().map(continued).collect()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Each of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Purse>> {
        let all = [&self.deployments, &self.providers, &self.tags];
        all.into_iter().flat_map(HashMap::values)
    }

    /// Those that the attempts at a deployment draw on, whatever the call.
    pub fn of(&self, deployment: &Deployment) -> impl Iterator<Item = &Arc<Purse>> {
        let own = self.deployments.get(deployment.id());
        own.into_iter()
            .chain(self.providers.get(deployment.provider()))
    }

    /// That which calls with a tag draw on.
    pub fn of_tag(&self, tag: &str) -> Option<&Arc<Purse>> {
        self.tags.get(tag)
    }

    /// Those of tags, in no order.
    pub fn tags(&self) -> impl Iterator<Item = &Arc<Purse>> {
        self.tags.values()
    }

    fn get(&self, owner: &Owner) -> Option<&Arc<Purse>> {
        match owner {
            Owner::Deployment(id) => self.deployments.get(id),
            Owner::Provider(name) => self.providers.get(name),
            Owner::Tag(tag) => self.tags.get(tag),
        }
    }
}

impl FromIterator<Purse> for Purses {
    fn from_iter<T: IntoIterator<Item = Purse>>(purses: T) -> Self {
        let mut all = Self::default();
        for purse in purses {
            let map = match purse.owner() {
                Owner::Deployment(_) => &mut all.deployments,
                Owner::Provider(_) => &mut all.providers,
                Owner::Tag(_) => &mut all.tags,
            };
            map.insert(Arc::clone(purse.owner().name()), Arc::new(purse));
        }
        all
    }
}
