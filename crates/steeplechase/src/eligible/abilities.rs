use std::sync::Arc;

use steeplechase_core::model_info::Ability;
use steeplechase_core::{Class, Deployment, Error, Retry};
use steeplechase_dialects::intake::needs;

use super::rule::{Asked, Rule};

/// A call does not go to a model that is known to lack what it needs.
///
/// What nobody has said of a model is not known. A schema that an answer has to keep to only decides between
/// those that know of schemas and those that do not: where no model of the group does, it goes to one of them all
/// the same, which may keep to it in another way.
#[derive(Debug)]
pub(super) struct Abilities {
    /// Those that matter in this group, as somebody lacks them.
    lacked: Vec<Ability>,
}

/// Those of which a call shows that it needs them.
const SHOWN: [Ability; 5] = [
    Ability::Tools,
    Ability::Vision,
    Ability::AudioIn,
    Ability::Pdf,
    Ability::JsonSchema,
];

impl Abilities {
    /// `None` if no deployment is known to lack anything.
    pub(super) fn of(deployments: &[Arc<Deployment>]) -> Option<Self> {
        let matters = |ability: &Ability| {
            let mut lacking = deployments.iter().map(|it| lacks(it, *ability));
            match ability {
                Ability::JsonSchema => lacking.clone().any(|it| it) && !lacking.all(|it| it),
                _ => lacking.any(|it| it),
            }
        };
        let lacked: Vec<_> = SHOWN.into_iter().filter(matters).collect();
        (!lacked.is_empty()).then_some(Self { lacked })
    }
}

impl Rule for Abilities {
    fn name(&self) -> &'static str {
        "abilities"
    }

    fn concerns(&self, _: &Asked<'_>) -> bool {
        true
    }

    fn admits(&self, asked: &Asked<'_>, deployment: &Deployment) -> bool {
        let mut missing = self.lacked.iter().filter(|it| lacks(deployment, **it));
        !missing.any(|ability| needs(asked.call(), *ability))
    }

    fn refusal(&self, asked: &Asked<'_>, _: &[Arc<Deployment>]) -> Error {
        let needed = self.lacked.iter().filter(|it| needs(asked.call(), **it));
        let needed: Vec<_> = needed.map(|ability| ability.as_str()).collect();
        let message = format!(
            "no deployment of the model can do what the call needs: {}",
            needed.join(", ")
        );
        Error::new(Class::Unsupported, message)
            .with_retry(Retry::OtherModel)
            .with_code("unsupported_by_model")
    }
}

fn lacks(deployment: &Deployment, ability: Ability) -> bool {
    deployment.model_info().abilities.get(ability) == Some(false)
}
