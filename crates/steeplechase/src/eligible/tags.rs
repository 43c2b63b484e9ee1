use std::sync::Arc;

use http::StatusCode;
use steeplechase_core::{Class, Deployment, Error, Retry};

use super::agents::Agents;
use super::rule::{Asked, Rule, shown};

/// The tag of deployments for calls that ask for none.
const DEFAULT: &str = "default";

/// Sends a call only to deployments that have the tags that it asks for.
///
/// | A call asks for | and goes to deployments |
/// |-----------------|-------------------------|
/// | nothing         | with the tag `default`; to all, if there are none such |
/// | `free`, `eu`    | with one of them, or with all: see [`match_any`](Self::match_any) |
/// | `&eu`           | with it, whatever else is asked for |
/// | `!eu`           | without it, whatever else is asked for |
/// | `mars`, which no deployment of the group has | with the tag `default` |
///
/// A deployment may also be for the calls of certain programs, by its [`user_agents`](Deployment::user_agents), if
/// [`Controls::program`](steeplechase_core::Controls::program) says which one makes a call. A call
/// of such a program goes to it as if it had asked for its tag, and one that asks for nothing, of any other program,
/// to deployments with the tag `default`. Where all tags are needed, programs count for deployments without tags.
///
/// If there is no such deployment, the call is refused, and so it is by each model that it falls back to. It goes
/// by what is configured: a call does not go to a deployment without its tag because those with it are down.
///
/// # Defaults
///
/// One tag is enough, and all tags count.
#[derive(Clone, Debug)]
#[must_use]
pub struct Tags {
    match_any: bool,
    prefix: Arc<str>,
}

/// The same, in one group.
#[derive(Debug)]
pub(super) struct TagsOfGroup {
    rules: Tags,
    /// Of each deployment.
    tags: Vec<Arc<[Arc<str>]>>,
    agents: Agents,
    has_default: bool,
}

/// The tags that a call asks for.
struct Wanted<'t> {
    plain: Vec<&'t str>,
    required: Vec<&'t str>,
    excluded: Vec<&'t str>,
}

// ===== impl Tags =====

impl Tags {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            match_any: true,
            prefix: Arc::from(""),
        }
    }

    /// Sets whether one of the tags that a call asks for is enough, or a deployment needs them all.
    pub fn match_any(mut self, any: bool) -> Self {
        self.match_any = any;
        self
    }

    /// Lets only tags count that begin with this, which is not a part of them: with `route:`, a call with
    /// `route:eu` asks for `eu`, and one with `team-a` for nothing.
    pub fn prefix(mut self, prefix: impl Into<Arc<str>>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Says what is wrong with a pattern of a deployment's [`user_agents`](Deployment::user_agents).
    ///
    /// # Errors
    ///
    /// What is wrong, in a line. One with look-around or back-references is none.
    pub fn check_pattern(pattern: &str) -> Result<(), String> {
        let wrong = |error: regex::Error| {
            let told = error.to_string();
            let line = told.lines().last().unwrap_or_default();
            line.trim_start_matches("error: ").to_owned()
        };
        regex::Regex::new(pattern).map(drop).map_err(wrong)
    }

    fn wanted<'t>(&self, tags: &'t [Arc<str>]) -> Wanted<'t> {
        let mut wanted = Wanted {
            plain: Vec::new(),
            required: Vec::new(),
            excluded: Vec::new(),
        };
        for tag in tags
            .iter()
            .filter_map(|tag| tag.strip_prefix(&*self.prefix))
        {
            let (list, tag) = match (tag.strip_prefix('&'), tag.strip_prefix('!')) {
                (Some(tag), _) => (&mut wanted.required, tag),
                (_, Some(tag)) => (&mut wanted.excluded, tag),
                _ => (&mut wanted.plain, tag),
            };
            if !tag.is_empty() {
                list.push(tag);
            }
        }
        wanted
    }
}

impl Default for Tags {
    fn default() -> Self {
        Self::new()
    }
}

// ===== impl TagsOfGroup =====

impl TagsOfGroup {
    pub(super) fn new(rules: Tags, deployments: &[Arc<Deployment>]) -> Self {
        let tags = deployments.iter().map(|it| Arc::clone(it.tags()));
        let tags: Vec<_> = tags.collect();
        Self {
            rules,
            has_default: tags.iter().any(|tags| has(tags, DEFAULT)),
            agents: Agents::of(deployments),
            tags,
        }
    }

    /// Whether a deployment has what is wanted by name.
    fn matches(&self, wanted: &Wanted<'_>, tags: &[Arc<str>]) -> bool {
        let mut plain = wanted.plain.iter();
        if self.rules.match_any {
            plain.any(|tag| has(tags, tag))
        } else {
            !wanted.plain.is_empty() && plain.all(|tag| has(tags, tag))
        }
    }

    /// Whether programs count for a deployment: not where it would get around having all tags.
    fn counts_programs(&self, tags: &[Arc<str>]) -> bool {
        self.rules.match_any || tags.is_empty()
    }

    fn admits_one(
        &self,
        wanted: &Wanted<'_>,
        program: Option<&str>,
        deployment: &Deployment,
    ) -> bool {
        let tags: &[Arc<str>] = deployment.tags();
        if !wanted.allows(tags) {
            return false;
        }
        // Who requires a tag has named a deployment.
        let counts = |_: &&str| {
            !wanted.plain.is_empty()
                || wanted.required.is_empty() && self.agents.has(|tags| wanted.allows(tags))
        };
        let program = program.filter(counts);
        if wanted.plain.is_empty() && program.is_none() {
            let is_default = !self.has_default || has(tags, DEFAULT);
            return is_default || !wanted.required.is_empty();
        }
        let is_for = |program| self.agents.is_for(deployment, program);
        if self.matches(wanted, tags) || self.counts_programs(tags) && program.is_some_and(is_for) {
            return true;
        }
        // A tag that the group has is not served by one without it, nor a program by one that is not for it.
        let is_known = |tag: &&str| self.tags.iter().any(|tags| has(tags, tag));
        let right = |tags: &[Arc<str>]| wanted.allows(tags) && self.counts_programs(tags);
        has(tags, DEFAULT)
            && !wanted.plain.iter().any(is_known)
            && !program.is_some_and(|program| self.agents.any_is_for(program, right))
    }
}

impl Rule for TagsOfGroup {
    fn name(&self) -> &'static str {
        "tags"
    }

    fn concerns(&self, asked: &Asked<'_>) -> bool {
        self.has_default || !asked.tags().is_empty() || self.agents.program(asked).is_some()
    }

    fn admits(&self, asked: &Asked<'_>, deployment: &Deployment) -> bool {
        let wanted = self.rules.wanted(asked.tags());
        let program = self.agents.program(asked);
        self.admits_one(&wanted, program.as_deref(), deployment)
    }

    fn refusal(&self, asked: &Asked<'_>, _: &[Arc<Deployment>]) -> Error {
        let tags: Vec<_> = asked.tags().iter().map(|tag| shown(tag)).collect();
        let whom = match self.agents.program(asked) {
            Some(program) if tags.is_empty() => format!("of `{}`", shown(&program)),
            _ => format!("that asks for `{}`", shown(&tags.join("`, `"))),
        };
        let message = format!(
            "not allowed to access the model due to its tags: no deployment is for a call {whom}"
        );
        Error::new(Class::Unsupported, message)
            .with_status(StatusCode::FORBIDDEN)
            .with_retry(Retry::OtherModel)
            .with_code("tags_not_allowed")
            .with_param("tags")
    }
}

// ===== impl Wanted =====

impl Wanted<'_> {
    /// Whether a deployment has all that is required, and nothing that is excluded.
    fn allows(&self, tags: &[Arc<str>]) -> bool {
        self.required.iter().all(|tag| has(tags, tag))
            && !self.excluded.iter().any(|tag| has(tags, tag))
    }
}

fn has(tags: &[Arc<str>], tag: &str) -> bool {
    tags.iter().any(|it| &**it == tag)
}
