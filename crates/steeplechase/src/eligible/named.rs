use std::sync::Arc;

use steeplechase_core::{Class, Deployment, Error};

use super::rule::{Asked, Rule};

/// A call by a name of some deployments goes only to those.
#[derive(Debug)]
pub(super) struct Named;

impl Rule for Named {
    fn name(&self) -> &'static str {
        "name"
    }

    fn concerns(&self, asked: &Asked<'_>) -> bool {
        asked.only().is_some()
    }

    fn admits(&self, asked: &Asked<'_>, deployment: &Deployment) -> bool {
        asked
            .only()
            .is_none_or(|keys| keys.contains(&deployment.key()))
    }

    fn refusal(&self, _: &Asked<'_>, _: &[Arc<Deployment>]) -> Error {
        // The name is of one of the group's.
        Error::new(Class::NotFound, "the deployment does not exist").with_param("model")
    }
}
