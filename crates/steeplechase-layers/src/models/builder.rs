use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use steeplechase_core::Budget;

use super::Table;
use super::table::{Group, Pattern, Target};

/// Puts a [`Table`] together. The order does not matter but for the order of the names.
#[must_use]
pub struct TableBuilder<T> {
    groups: Vec<Group<T>>,
    /// Each with the name of its group.
    aliases: Vec<(Arc<str>, Arc<str>)>,
    hidden: Vec<Arc<str>>,
}

/// Why a [`Table`] cannot be built.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TableError {
    kind: Kind,
    name: Arc<str>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Kind {
    Unnamed,
    Twice(&'static str),
    NoGroup(Arc<str>),
    HiddenUnknown,
}

// ===== impl TableBuilder =====

impl<T> TableBuilder<T> {
    pub(super) const fn new() -> Self {
        Self {
            groups: Vec::new(),
            aliases: Vec::new(),
            hidden: Vec::new(),
        }
    }

    /// Adds a group: what serves a model, and what its requests may spend on extra attempts together.
    ///
    /// A name with `*` in it, such as `openai/*`, serves every model whose name it fits and that has no
    /// group of its own. Of several that fit, the one with the most letters does. The call keeps the
    /// name that the caller asked for.
    pub fn group(
        mut self,
        name: impl Into<Arc<str>>,
        served_by: T,
        budget: impl Into<Option<Budget>>,
    ) -> Self {
        self.groups.push(Group {
            name: name.into(),
            budget: budget.into(),
            served_by,
        });
        self
    }

    /// Adds another name for a group. If it is the name of a group, callers get the other group by it.
    pub fn alias(mut self, alias: impl Into<Arc<str>>, group: impl Into<Arc<str>>) -> Self {
        self.aliases.push((alias.into(), group.into()));
        self
    }

    /// Leaves a name out of what callers are told. It can be used all the same.
    pub fn hide(mut self, name: impl Into<Arc<str>>) -> Self {
        self.hidden.push(name.into());
        self
    }

    /// The table.
    ///
    /// # Errors
    ///
    /// A name is empty, is used for two groups or for two aliases, or means no group.
    pub fn build(self) -> Result<Table<T>, TableError> {
        let mut index = HashMap::with_capacity(self.groups.len() + self.aliases.len());
        let mut names = Vec::with_capacity(index.capacity());
        for (group, Group { name, .. }) in self.groups.iter().enumerate() {
            let target = Target {
                group,
                is_alias: false,
            };
            check_name(name)?;
            if index.insert(Arc::clone(name), target).is_some() {
                return Err(TableError::new(Kind::Twice("group"), name));
            }
            names.push(Arc::clone(name));
        }

        let groups = self.groups.iter().enumerate();
        let patterns = groups.filter_map(|(group, Group { name, .. })| Pattern::new(name, group));
        let mut patterns: Vec<_> = patterns.collect();
        patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.letters()));

        let mut aliases = HashMap::with_capacity(self.aliases.len());
        for (alias, name) in &self.aliases {
            check_name(alias)?;
            // Of an alias of an alias nobody can tell where it ends, so there is none.
            let Some(&Target { group, .. }) = index.get(name) else {
                return Err(TableError::new(Kind::NoGroup(Arc::clone(name)), alias));
            };
            let target = Target {
                group,
                is_alias: true,
            };
            if aliases.insert(Arc::clone(alias), target).is_some() {
                return Err(TableError::new(Kind::Twice("alias"), alias));
            }
            if !index.contains_key(alias) {
                names.push(Arc::clone(alias));
            }
        }
        // Only now, so that an alias means the group and not another alias.
        index.extend(aliases);

        if let Some(name) = self.hidden.iter().find(|name| !index.contains_key(*name)) {
            return Err(TableError::new(Kind::HiddenUnknown, name));
        }
        let hidden: HashSet<_> = self.hidden.into_iter().collect();
        names.retain(|name| !hidden.contains(name));
        Ok(Table {
            groups: self.groups,
            index,
            patterns,
            listed: names.into(),
        })
    }
}

impl<T> fmt::Debug for TableBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups = self.groups.iter().map(|group| &group.name);
        f.debug_struct("TableBuilder")
            .field("groups", &groups.collect::<Vec<_>>())
            .field("aliases", &self.aliases)
            .field("hidden", &self.hidden)
            .finish()
    }
}

fn check_name(name: &Arc<str>) -> Result<(), TableError> {
    if name.is_empty() {
        return Err(TableError::new(Kind::Unnamed, name));
    }
    Ok(())
}

// ===== impl TableError =====

impl TableError {
    fn new(kind: Kind, name: &Arc<str>) -> Self {
        Self {
            kind,
            name: Arc::clone(name),
        }
    }

    /// The name that is wrong.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.kind {
            Kind::Unnamed => {
                f.write_str("the name of a model is empty: it needs at least a letter")
            }
            Kind::Twice(what) => write!(
                f,
                "there are two of the {what} `{name}`: each needs a name of its own"
            ),
            Kind::NoGroup(group) => write!(
                f,
                "the alias `{name}` is for `{group}`, which is no group: it has to be the name of a group, \
                 and not of an alias"
            ),
            Kind::HiddenUnknown => write!(
                f,
                "the name `{name}` is to be hidden, and is neither a group nor an alias"
            ),
        }
    }
}

impl std::error::Error for TableError {}
