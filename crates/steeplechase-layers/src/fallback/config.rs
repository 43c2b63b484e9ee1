use std::collections::HashMap;
use std::sync::Arc;

use steeplechase_core::{Class, Error, Retry};

/// Which models are asked instead of which, and why: plain data.
///
/// A model that is given targets twice has the later ones. An empty list is a list: it turns fallbacks
/// off for its model. Targets need not be known to anybody; one that is not fails as any call for it would.
///
/// See the [module documentation](super) for when which list counts.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct Fallbacks {
    models: HashMap<Arc<str>, Lists>,
    default_targets: Targets,
    any_context_window: bool,
    any_content_policy: bool,
}

/// Models, in the order in which they are asked.
pub(super) type Targets = Vec<Arc<str>>;

/// The targets of one model. `None` if nobody has said.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Lists {
    general: Option<Targets>,
    context_window: Option<Targets>,
    content_policy: Option<Targets>,
}

impl Fallbacks {
    /// Sets the targets of `model` for failures that have no list of their own.
    pub fn general<T>(mut self, model: impl Into<Arc<str>>, targets: T) -> Self
    where
        T: IntoIterator<Item: Into<Arc<str>>>,
    {
        self.lists(model).general = Some(collect(targets));
        self
    }

    /// Sets the targets of `model` for prompts that are too long for it.
    pub fn context_window<T>(mut self, model: impl Into<Arc<str>>, targets: T) -> Self
    where
        T: IntoIterator<Item: Into<Arc<str>>>,
    {
        self.lists(model).context_window = Some(collect(targets));
        self.any_context_window = true;
        self
    }

    /// Sets the targets of `model` for prompts that a content filter refuses.
    pub fn content_policy<T>(mut self, model: impl Into<Arc<str>>, targets: T) -> Self
    where
        T: IntoIterator<Item: Into<Arc<str>>>,
    {
        self.lists(model).content_policy = Some(collect(targets));
        self.any_content_policy = true;
        self
    }

    /// Sets the targets of each model that has no [`general`](Self::general) ones.
    pub fn default_targets<T>(mut self, targets: T) -> Self
    where
        T: IntoIterator<Item: Into<Arc<str>>>,
    {
        self.default_targets = collect(targets);
        self
    }

    fn lists(&mut self, model: impl Into<Arc<str>>) -> &mut Lists {
        self.models.entry(model.into()).or_default()
    }

    /// How many general targets a model has. `None` if it has no targets of any kind.
    pub(super) fn general_targets(&self, model: &str) -> Option<usize> {
        if self.models.is_empty() && self.default_targets.is_empty() {
            return None;
        }
        let lists = self.models.get(model);
        let general = distinct_others(self.general_of(lists), model);
        let special = lists.is_some_and(|lists| {
            let special = [&lists.context_window, &lists.content_policy];
            special.into_iter().flatten().any(|list| !list.is_empty())
        });
        (general > 0 || special).then_some(general)
    }

    /// The targets of a model after a failure of it.
    pub(super) fn targets(&self, model: &str, error: &Error) -> &[Arc<str>] {
        let lists = self.models.get(model);
        let special = |any: bool, list: fn(&Lists) -> &Option<Targets>| {
            any.then(|| {
                lists
                    .and_then(|lists| list(lists).as_deref())
                    .unwrap_or(&[])
            })
        };
        let own = match error.class() {
            Class::ContextWindow => special(self.any_context_window, |lists| &lists.context_window),
            Class::ContentPolicy => special(self.any_content_policy, |lists| &lists.content_policy),
            _ if is_for_nobody(error) => return &[],
            _ => None,
        };
        own.unwrap_or_else(|| self.general_of(lists))
    }

    fn general_of<'a>(&'a self, lists: Option<&'a Lists>) -> &'a [Arc<str>] {
        lists
            .and_then(|lists| lists.general.as_ref())
            .unwrap_or(&self.default_targets)
    }
}

/// Whether no model will do better with the call.
pub(super) fn is_for_nobody(error: &Error) -> bool {
    match error.class() {
        Class::ContextWindow | Class::ContentPolicy => false,
        // What one deployment cannot express, another model's may.
        Class::Unsupported => error.retry() == Retry::Never,
        class => class.is_callers_fault() || error.retry() == Retry::Never,
    }
}

/// How many of `targets` there are, without those that come twice and without `model`.
fn distinct_others(targets: &[Arc<str>], model: &str) -> usize {
    let is_new = |(index, target): &(usize, &Arc<str>)| {
        ***target != *model && !targets[..*index].contains(target)
    };
    targets.iter().enumerate().filter(is_new).count()
}

fn collect<T>(targets: T) -> Targets
where
    T: IntoIterator<Item: Into<Arc<str>>>,
{
    targets.into_iter().map(Into::into).collect()
}
