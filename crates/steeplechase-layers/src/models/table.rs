use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use steeplechase_core::Budget;
use steeplechase_core::deployment::Only;

use super::TableBuilder;

/// From the names of models to their groups. `T` is what serves a group: a service, or what one is to
/// be built of.
///
/// It is built by [`Table::builder`], and does not change.
#[derive(Clone)]
pub struct Table<T> {
    pub(super) groups: Vec<Group<T>>,
    /// By each name that a caller may use, aliases included.
    pub(super) index: HashMap<Arc<str>, Target>,
    /// By names that are only looked at if there is nothing else.
    pub(super) last: HashMap<Arc<str>, Target>,
    /// Groups whose names have a `*` in them, those with more letters first.
    pub(super) patterns: Vec<Pattern>,
    /// The names that callers are told, in the order in which they were added.
    pub(super) listed: Arc<[Arc<str>]>,
}

#[derive(Clone, Debug)]
pub(super) struct Group<T> {
    pub(super) name: Arc<str>,
    pub(super) budget: Option<Budget>,
    pub(super) served_by: T,
}

#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) group: usize,
    pub(super) is_alias: bool,
    /// The deployments that the name is of, if not of all.
    pub(super) only: Option<Only>,
}

/// What a name means.
#[derive(Debug)]
pub(super) struct Found<'t, T> {
    pub(super) group: &'t Group<T>,
    pub(super) is_alias: bool,
    pub(super) only: Option<&'t Only>,
}

/// A name with a `*` in it: what comes before the first one, and all of it.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    parts: Vec<Box<str>>,
    group: usize,
}

/// What Claude Code puts after the name of a model whose long context it wants. It asks for that in a header as
/// well.
const LONG_CONTEXT: &str = "[1m]";

impl<T> Table<T> {
    /// Starts a table.
    pub fn builder() -> TableBuilder<T> {
        TableBuilder::new()
    }

    /// The names that callers are told, aliases included and hidden ones not, in the order in which they
    /// were added.
    pub fn names(&self) -> &[Arc<str>] {
        &self.listed
    }

    /// What serves the group of a model, by any of its names.
    pub fn get(&self, model: &str) -> Option<&T> {
        self.find(model).map(|found| &found.group.served_by)
    }

    /// The budget of the group that has this name itself, and not as an alias.
    pub fn budget(&self, group: &str) -> Option<&Budget> {
        let mut groups = self.groups.iter();
        groups.find(|it| &*it.name == group)?.budget.as_ref()
    }

    /// The name by which a model is known here: without the `[1m]` after it that Claude Code writes, if it is not
    /// known with it.
    pub fn known<'m>(&self, model: &'m str) -> &'m str {
        let is_there = || self.index.contains_key(model) || self.last.contains_key(model);
        match model.strip_suffix(LONG_CONTEXT) {
            Some(plain) if !is_there() && self.find(plain).is_some() => plain,
            _ => model,
        }
    }

    /// The deployments of the group that a name is of, by their keys. `None` if it is of all of them, or of
    /// nobody.
    pub fn only(&self, model: &str) -> Option<&[u32]> {
        let Only(keys) = self.find(model)?.only?;
        Some(keys)
    }

    /// What a name means.
    ///
    /// All look-ups come through here. A name that is there as it is goes before any pattern, and a pattern
    /// before the names that are the last resort.
    pub(super) fn find(&self, model: &str) -> Option<Found<'_, T>> {
        let found = |target| self.found(target);
        if let Some(target) = self.index.get(model) {
            return Some(found(target));
        }
        let mut patterns = self.patterns.iter();
        if let Some(pattern) = patterns.find(|pattern| pattern.matches(model)) {
            return Some(Found {
                group: &self.groups[pattern.group],
                is_alias: false,
                only: None,
            });
        }
        self.last.get(model).map(found)
    }

    fn found<'t>(&'t self, target: &'t Target) -> Found<'t, T> {
        Found {
            group: &self.groups[target.group],
            is_alias: target.is_alias,
            only: target.only.as_ref(),
        }
    }

    /// The same table, with each group served by what `f` makes of it.
    pub fn map<U>(&self, mut f: impl FnMut(&T) -> U) -> Table<U> {
        let groups = self.groups.iter().map(|group| Group {
            name: Arc::clone(&group.name),
            budget: group.budget.clone(),
            served_by: f(&group.served_by),
        });
        Table {
            groups: groups.collect(),
            index: self.index.clone(),
            last: self.last.clone(),
            patterns: self.patterns.clone(),
            listed: Arc::clone(&self.listed),
        }
    }
}

impl Pattern {
    /// The pattern of a name, if it is one.
    pub(super) fn new(name: &str, group: usize) -> Option<Self> {
        name.contains('*').then(|| Self {
            parts: name.split('*').map(Box::from).collect(),
            group,
        })
    }

    /// How many letters have to be as they are. The more there are, the sooner it is looked at.
    pub(super) fn letters(&self) -> usize {
        self.parts.iter().map(|part| part.len()).sum()
    }

    /// Whether each `*` of the pattern can stand for a text so that it is `model`.
    fn matches(&self, model: &str) -> bool {
        let (first, rest) = self.parts.split_first().expect("a split has a part");
        let (last, middle) = rest.split_last().expect("there is a `*`");
        let Some(mut left) = model.strip_prefix(&**first) else {
            return false;
        };
        for part in middle {
            let Some(at) = left.find(&**part) else {
                return false;
            };
            left = &left[at + part.len()..];
        }
        left.ends_with(&**last)
    }
}

impl<T> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups = self.groups.iter().map(|group| &group.name);
        f.debug_struct("Table")
            .field("groups", &groups.collect::<Vec<_>>())
            .field("listed", &self.listed)
            .finish_non_exhaustive()
    }
}
