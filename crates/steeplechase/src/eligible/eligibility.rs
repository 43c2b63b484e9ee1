use std::sync::Arc;

use http::Request;
use steeplechase_core::purse::Purses;
use steeplechase_core::{Call, Deployment, Error};
use steeplechase_layers::route::{Eligible, Every};

use super::abilities::Abilities;
use super::budget::Budget;
use super::named::Named;
use super::rates::Rates;
use super::region::Region;
use super::rule::{Asked, Other, Rule};
use super::tags::TagsOfGroup;
use super::{FitsContext, Tags};

/// Which deployments can take a call at all.
///
/// # Defaults
///
/// * A call goes only where it may: to the region that it names.
/// * It does not go to a model that is known to lack what it needs.
/// * It does not go where there are not as many tokens left in the minute as it needs.
/// * Tags mean nothing, and a prompt that is too long is for the provider to refuse.
#[derive(Clone, Debug)]
#[must_use]
pub struct Eligibility {
    tags: Option<Tags>,
    context: Option<FitsContext>,
    abilities: bool,
    purses: Option<Arc<Purses>>,
    others: Vec<Arc<dyn Eligible<Call> + Send + Sync>>,
}

/// The same, for the deployments of one group.
#[derive(Debug)]
pub(crate) struct GroupEligibility(Vec<Box<dyn Rule>>);

// ===== impl Eligibility =====

impl Eligibility {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            tags: None,
            context: None,
            abilities: true,
            purses: None,
            others: Vec::new(),
        }
    }

    /// Sends a call only to deployments that have the tags that it asks for. `None` does not.
    pub fn tags(mut self, tags: impl Into<Option<Tags>>) -> Self {
        self.tags = tags.into();
        self
    }

    /// Sends a call only to deployments into which its prompt fits. `None` does not look.
    pub fn context(mut self, context: impl Into<Option<FitsContext>>) -> Self {
        self.context = context.into();
        self
    }

    /// Sets whether a call is kept from models that are known to lack what it needs.
    pub fn abilities(mut self, abilities: bool) -> Self {
        self.abilities = abilities;
        self
    }

    /// Sends a call only to where anything is left to spend.
    pub(crate) fn purses(mut self, purses: &Arc<Purses>) -> Self {
        self.purses = Some(Arc::clone(purses));
        self
    }

    /// Adds a rule of your own. It is asked last.
    pub fn and(mut self, other: impl Eligible<Call> + Send + Sync + 'static) -> Self {
        self.others.push(Arc::new(other));
        self
    }

    /// What it comes to for the deployments of a group. `tags` says whether its tags count, if the group knows
    /// better.
    pub(crate) fn of(
        &self,
        deployments: &[Arc<Deployment>],
        tags: Option<bool>,
    ) -> GroupEligibility {
        let tags = match (tags, &self.tags) {
            (Some(false), _) | (None, None) => None,
            (_, Some(tags)) => Some(tags.clone()),
            (Some(true), None) => Some(Tags::new()),
        };
        let has_context = |it: &Arc<Deployment>| it.model_info().max_input_tokens.is_some();
        let context = self.context.filter(|_| deployments.iter().any(has_context));
        let abilities = self.abilities.then(|| Abilities::of(deployments));
        let others = self.others.iter().cloned();

        let tags = tags.map(|tags| boxed(TagsOfGroup::new(tags, deployments)));
        let abilities = abilities.flatten().map(boxed);
        let context = context.map(|context| {
            boxed(Other {
                rule: Arc::new(context),
                name: "context",
            })
        });
        let purses = self.purses.as_ref();
        let budget = purses.and_then(|purses| Budget::of(deployments, purses));
        let rules = [boxed(Named)].into_iter().chain(tags);
        let rules = rules.chain([boxed(Region)]);
        let rules = rules.chain(abilities).chain(context);
        let rules = rules.chain(budget.map(boxed));
        let rules = rules.chain([boxed(Rates::of(deployments))]);
        GroupEligibility(
            rules
                .chain(others.map(|rule| boxed(Other { rule, name: "rule" })))
                .collect(),
        )
    }
}

impl Default for Eligibility {
    fn default() -> Self {
        Self::new()
    }
}

fn boxed(rule: impl Rule + 'static) -> Box<dyn Rule> {
    Box::new(rule)
}

// ===== impl GroupEligibility =====

impl Eligible<Call> for GroupEligibility {
    fn may_exclude(&self, request: &Request<Call>) -> bool {
        let asked = Asked::of(request);
        self.0.iter().any(|rule| rule.concerns(&asked))
    }

    fn is_eligible(&self, request: &Request<Call>, deployment: &Deployment) -> bool {
        let asked = Asked::of(request);
        self.0.iter().all(|rule| rule.passes(&asked, deployment))
    }

    fn excluded_by(&self, request: &Request<Call>, deployment: &Deployment) -> &'static str {
        let asked = Asked::of(request);
        let mut rules = self.0.iter();
        let rule = rules.find(|rule| !rule.passes(&asked, deployment));
        rule.map_or("rule", |rule| rule.name())
    }

    fn refusal(&self, request: &Request<Call>, deployments: &[Arc<Deployment>]) -> Error {
        let asked = Asked::of(request);
        let mut left = deployments.to_vec();
        for rule in &self.0 {
            let admitted = left.iter().filter(|it| rule.passes(&asked, it));
            let admitted: Vec<_> = admitted.cloned().collect();
            if admitted.is_empty() {
                return rule.refusal(&asked, &left);
            }
            left = admitted;
        }
        // Only if something has changed since they were asked: room has come.
        Every.refusal(request, deployments)
    }
}
