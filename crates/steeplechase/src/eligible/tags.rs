use std::sync::Arc;

use http::StatusCode;
use steeplechase_core::{Class, Deployment, Error, Retry};

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
            tags,
        }
    }

    /// Whether a deployment has what is wanted by name.
    fn matches(&self, wanted: &Wanted<'_>, tags: &[Arc<str>]) -> bool {
        let mut plain = wanted.plain.iter();
        wanted.allows(tags)
            && if self.rules.match_any {
                plain.any(|tag| has(tags, tag))
            } else {
                plain.all(|tag| has(tags, tag))
            }
    }

    fn admits_tags(&self, wanted: &Wanted<'_>, tags: &[Arc<str>]) -> bool {
        let is_default = !self.has_default || has(tags, DEFAULT);
        if wanted.plain.is_empty() {
            // Who requires a tag has named a deployment.
            return wanted.allows(tags) && (is_default || !wanted.required.is_empty());
        }
        if self.matches(wanted, tags) {
            return true;
        }
        // A tag that the group has is not served by one without it.
        let is_known = |tag: &&str| self.tags.iter().any(|tags| has(tags, tag));
        !wanted.plain.iter().any(is_known) && has(tags, DEFAULT) && wanted.allows(tags)
    }
}

impl Rule for TagsOfGroup {
    fn name(&self) -> &'static str {
        "tags"
    }

    fn concerns(&self, asked: &Asked<'_>) -> bool {
        self.has_default || !asked.tags().is_empty()
    }

    fn admits(&self, asked: &Asked<'_>, deployment: &Deployment) -> bool {
        self.admits_tags(&self.rules.wanted(asked.tags()), deployment.tags())
    }

    fn refusal(&self, asked: &Asked<'_>, _: &[Arc<Deployment>]) -> Error {
        let tags: Vec<_> = asked.tags().iter().map(|tag| shown(tag)).collect();
        let message = format!(
            "not allowed to access the model due to its tags: no deployment is for a call that asks for `{}`",
            shown(&tags.join("`, `"))
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
