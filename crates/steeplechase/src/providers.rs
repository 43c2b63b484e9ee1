use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use steeplechase_core::Deployment;
use steeplechase_layers::cooldown::Provider;

use crate::group::Group;

/// The providers of all deployments, each with one circuit.
///
/// A provider is a name and a host: the regions of one are several, as they seldom fail together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Providers(HashMap<Name, Arc<Provider>>);

type Name = (Arc<str>, Box<str>);

impl Providers {
    /// Finds them, and makes the deployments of a group depend on theirs, if the group has more than one:
    /// where there is no other, to leave the only one alone would leave nobody.
    pub(crate) fn of(groups: &[Group]) -> Self {
        let all = || groups.iter().flat_map(|group| &group.deployments);
        let mut providers = Self::default();
        // What depends on one already, as it was in a stack before, goes first: the circuit stays.
        let (old, new): (Vec<_>, Vec<_>) = all().partition(|one| one.health().provider().is_some());
        for deployment in old.into_iter().chain(new) {
            let name @ (provider, host) = &name_of(deployment);
            providers.0.entry(name.clone()).or_insert_with(|| {
                let health = deployment.health().provider();
                let health = health.map(Arc::clone).unwrap_or_default();
                Provider::with_health(provider, host, health)
            });
        }
        for group in groups {
            let mut names = group.deployments.iter().map(|one| name_of(one));
            let first = names.next();
            if names.all(|name| Some(name) == first) {
                continue;
            }
            // What is never to be left alone is not left alone for its provider either.
            let is_ever = |one: &&Arc<Deployment>| one.cooldown_time() != Some(Duration::ZERO);
            for deployment in group.deployments.iter().filter(is_ever) {
                if let Some(provider) = providers.get(deployment) {
                    deployment.health().depend_on(provider.health());
                }
            }
        }
        providers
    }

    /// That of a deployment.
    pub(crate) fn get(&self, deployment: &Deployment) -> Option<&Arc<Provider>> {
        self.0.get(&name_of(deployment))
    }
}

fn name_of(deployment: &Deployment) -> Name {
    let authority = deployment.base_url().authority();
    let authority = authority.map_or("", |authority| authority.as_str());
    // Without a name and a password: the host is shown in metrics.
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    (Arc::clone(deployment.provider_handle()), host.into())
}

#[cfg(test)]
mod tests {
    use steeplechase_core::Dialect;

    use super::*;

    #[test]
    fn a_host_is_named_without_what_a_url_may_have_before_it() {
        for (url, expected) in [
            ("https://api.example.com/v1", "api.example.com"),
            ("http://localhost:8000", "localhost:8000"),
            ("https://user:canary@example.com:444/v1", "example.com:444"),
        ] {
            let deployment = Deployment::builder("a", "m", Dialect::OpenAi);
            let deployment = deployment.base_url(url.parse().unwrap()).build();
            assert_eq!(&*name_of(&deployment).1, expected);
        }
    }
}
