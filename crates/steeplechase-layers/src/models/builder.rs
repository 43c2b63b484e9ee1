use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use steeplechase_core::Budget;
use steeplechase_core::deployment::Only;

use super::Table;
use super::table::{Group, Pattern, Target};

/// Puts a [`Table`] together. The order does not matter but for the order of the names.
#[must_use]
pub struct TableBuilder<T> {
    groups: Vec<Group<T>>,
    /// Each with the name of its group.
    aliases: Vec<(Arc<str>, Arc<str>)>,
    hidden: Vec<Arc<str>>,
    parts: Vec<Part>,
}

/// A name for some deployments of a group.
#[derive(Debug)]
struct Part {
    name: Arc<str>,
    group: Arc<str>,
    only: Only,
    is_last: bool,
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
            parts: Vec::new(),
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

    /// Adds a name for some deployments of a group, by their keys, which callers are not told. A group or an alias
    /// of the same name goes first, and so does the part that was added first.
    ///
    /// A call by it goes on under the name of the group, with [`Only`] in its extensions. Whoever routes has to
    /// keep to it.
    pub fn part(
        self,
        name: impl Into<Arc<str>>,
        group: impl Into<Arc<str>>,
        keys: impl Into<Arc<[u32]>>,
    ) -> Self {
        self.add_part(name.into(), group.into(), keys.into(), false)
    }

    /// The same, for a name that is the last resort: it only counts if nothing else has it, patterns included.
    pub fn last_resort(
        self,
        name: impl Into<Arc<str>>,
        group: impl Into<Arc<str>>,
        keys: impl Into<Arc<[u32]>>,
    ) -> Self {
        self.add_part(name.into(), group.into(), keys.into(), true)
    }

    fn add_part(
        mut self,
        name: Arc<str>,
        group: Arc<str>,
        keys: Arc<[u32]>,
        is_last: bool,
    ) -> Self {
        self.parts.push(Part {
            name,
            group,
            only: Only(keys),
            is_last,
        });
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
                only: None,
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
                only: None,
            };
            if aliases.insert(Arc::clone(alias), target).is_some() {
                return Err(TableError::new(Kind::Twice("alias"), alias));
            }
            if !index.contains_key(alias) {
                names.push(Arc::clone(alias));
            }
        }
        let parts = self.parts.iter().map(|part| part.target(&index));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        // Only now, so that an alias means the group and not another alias.
        index.extend(aliases);
        let is_known = |name: &Arc<str>| index.contains_key(name);
        if let Some(name) = self.hidden.iter().find(|name| !is_known(name)) {
            return Err(TableError::new(Kind::HiddenUnknown, name));
        }
        let hidden: HashSet<_> = self.hidden.into_iter().collect();
        names.retain(|name| !hidden.contains(name));

        let mut last = HashMap::new();
        for (part, target) in self.parts.iter().zip(parts) {
            let names = if part.is_last { &mut last } else { &mut index };
            names.entry(Arc::clone(&part.name)).or_insert(target);
        }
        Ok(Table {
            groups: self.groups,
            index,
            last,
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
            .field("parts", &self.parts)
            .finish()
    }
}

// ===== impl Part =====

impl Part {
    fn target(&self, groups: &HashMap<Arc<str>, Target>) -> Result<Target, TableError> {
        check_name(&self.name)?;
        let Some(&Target { group, .. }) = groups.get(&self.group) else {
            return Err(TableError::new(
                Kind::NoGroup(Arc::clone(&self.group)),
                &self.name,
            ));
        };
        Ok(Target {
            group,
            is_alias: true,
            only: Some(self.only.clone()),
        })
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
                "the name `{name}` is for `{group}`, which is no group: it has to be the name of a group, \
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
