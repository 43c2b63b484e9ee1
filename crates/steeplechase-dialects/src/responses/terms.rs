use std::fmt;

/// What a call in this dialect wants of its answer, and the neutral form has no place for.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Terms {
    /// The fields of the response that repeat those of the call, as JSON without its braces.
    pub(super) repeated: Box<str>,
    /// The class of service that is asked for.
    pub(super) service_tier: Option<Box<str>>,
    /// Whether reasoning is to come sealed, so that the caller can show it again.
    pub(super) sealed: bool,
    /// The tools that are in a namespace.
    pub(super) namespaced: Vec<Namespaced>,
    /// The parameters that nobody is told.
    pub(super) dropped: Vec<Box<str>>,
}

/// A tool in a namespace, and the name that tells it from all others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Namespaced {
    pub(super) flat: Box<str>,
    pub(super) namespace: Box<str>,
    pub(super) name: Box<str>,
}

// ===== impl Terms =====

impl Terms {
    /// The parameters of the call that nobody is told.
    pub(crate) fn dropped(&self) -> &[Box<str>] {
        &self.dropped
    }

    /// The namespace of a tool, and its name there.
    pub(super) fn place_of<'t>(&'t self, flat: &'t str) -> (Option<&'t str>, &'t str) {
        let known = self.namespaced.iter().find(|tool| *tool.flat == *flat);
        known.map_or((None, flat), |tool| (Some(&*tool.namespace), &*tool.name))
    }

    /// The name that tells a tool of a namespace from all others.
    pub(super) fn flat_of(&self, namespace: &str, name: &str) -> Option<&str> {
        let mut tools = self.namespaced.iter();
        let known = tools.find(|tool| *tool.namespace == *namespace && *tool.name == *name)?;
        Some(&known.flat)
    }

    /// Notes that a parameter is left out. Each is noted once.
    pub(super) fn note(&mut self, field: impl Into<Box<str>>) {
        let field = field.into();
        if !self.dropped.contains(&field) {
            self.dropped.push(field);
        }
    }
}

impl fmt::Debug for Terms {
    // What is repeated is somebody's prompt.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terms")
            .field("sealed", &self.sealed)
            .field("dropped", &self.dropped)
            .finish_non_exhaustive()
    }
}
