use std::collections::HashMap;
use std::sync::Arc;

use steeplechase_core::controls::Leg;
use steeplechase_core::{Class, Error, Retry};

/// Which models are asked instead of which, and why: plain data.
///
/// A target is a model, or a [`Leg`] with fields that replace those of the call. A model that is given
/// targets twice has the later ones. An empty list is a list: it turns fallbacks off for its model. The
/// model `*` stands for each that has no list of the kind. Targets need not be known to anybody; one that is
/// not fails as any call for it would.
///
/// See the [module documentation](super) for when which list counts.
///
/// # Defaults
///
/// * No targets.
/// * [`max_legs`](Self::max_legs): 5.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct Fallbacks {
    models: HashMap<Arc<str>, Lists>,
    /// Those of a model that has none of its own.
    others: Lists,
    max_legs: u8,
    any_context_window: bool,
    any_content_policy: bool,
}

/// The targets of one model, in the order in which they are asked. `None` if nobody has said.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Lists {
    general: Option<Vec<Leg>>,
    context_window: Option<Vec<Leg>>,
    content_policy: Option<Vec<Leg>>,
}

/// What a list is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    General,
    ContextWindow,
    ContentPolicy,
}

// ===== impl Fallbacks =====

impl Fallbacks {
    /// Sets the targets of `model` for failures that have no list of their own.
    pub fn general<T>(mut self, model: impl Into<Arc<str>>, targets: T) -> Self
    where
        T: IntoIterator<Item: Into<Leg>>,
    {
        self.lists(model).general = Some(collect(targets));
        self
    }

    /// Sets the targets of `model` for prompts that are too long for it.
    pub fn context_window<T>(mut self, model: impl Into<Arc<str>>, targets: T) -> Self
    where
        T: IntoIterator<Item: Into<Leg>>,
    {
        self.lists(model).context_window = Some(collect(targets));
        self.any_context_window = true;
        self
    }

    /// Sets the targets of `model` for prompts that a content filter refuses.
    pub fn content_policy<T>(mut self, model: impl Into<Arc<str>>, targets: T) -> Self
    where
        T: IntoIterator<Item: Into<Leg>>,
    {
        self.lists(model).content_policy = Some(collect(targets));
        self.any_content_policy = true;
        self
    }

    /// Sets the targets of each model that has no [`general`](Self::general) ones.
    pub fn default_targets<T>(self, targets: T) -> Self
    where
        T: IntoIterator<Item: Into<Leg>>,
    {
        self.general(ANY, targets)
    }

    /// Sets how many models are asked after the first one, at the most. Zero turns fallbacks off.
    pub const fn max_legs(mut self, legs: u8) -> Self {
        self.max_legs = legs;
        self
    }

    fn lists(&mut self, model: impl Into<Arc<str>>) -> &mut Lists {
        let model = model.into();
        if *model == *ANY {
            return &mut self.others;
        }
        self.models.entry(model).or_default()
    }

    /// How many models are asked after the first one, at the most.
    pub(super) const fn most(&self) -> u8 {
        self.max_legs
    }

    /// Whether there are no targets at all.
    pub(super) fn is_empty(&self) -> bool {
        self.models.is_empty() && self.others == Lists::default()
    }

    /// Whether any model has a list of the kind.
    pub(super) const fn has_any(&self, kind: Kind) -> bool {
        match kind {
            Kind::General => true,
            Kind::ContextWindow => self.any_context_window,
            Kind::ContentPolicy => self.any_content_policy,
        }
    }

    /// The list of a kind that a model has.
    pub(super) fn list(&self, kind: Kind, model: &str) -> &[Leg] {
        if !self.has_any(kind) {
            return &[];
        }
        let own = self.models.get(model).and_then(|lists| lists.of(kind));
        own.or_else(|| self.others.of(kind)).unwrap_or(&[])
    }
}

impl Default for Fallbacks {
    fn default() -> Self {
        Self {
            models: HashMap::new(),
            others: Lists::default(),
            max_legs: 5,
            any_context_window: false,
            any_content_policy: false,
        }
    }
}

// ===== impl Lists =====

impl Lists {
    fn of(&self, kind: Kind) -> Option<&[Leg]> {
        let list = match kind {
            Kind::General => &self.general,
            Kind::ContextWindow => &self.context_window,
            Kind::ContentPolicy => &self.content_policy,
        };
        list.as_deref()
    }
}

// ===== impl Kind =====

impl Kind {
    /// The list that a failure is for, if it has a list of its own.
    pub(super) const fn special(class: Class) -> Option<Self> {
        match class {
            Class::ContextWindow => Some(Self::ContextWindow),
            Class::ContentPolicy => Some(Self::ContentPolicy),
            _ => None,
        }
    }
}

/// What stands for every model that has nothing of its own.
pub(super) const ANY: &str = "*";

/// Whether no model will do better with the call.
pub(super) fn is_for_nobody(error: &Error) -> bool {
    match error.class() {
        Class::ContextWindow | Class::ContentPolicy => false,
        // What one deployment cannot express, another model's may.
        Class::Unsupported => error.retry() == Retry::Never,
        class => class.is_callers_fault() || error.retry() == Retry::Never,
    }
}

fn collect<T>(targets: T) -> Vec<Leg>
where
    T: IntoIterator<Item: Into<Leg>>,
{
    targets.into_iter().map(Into::into).collect()
}
