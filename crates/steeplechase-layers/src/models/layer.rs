use std::fmt;

use tower::Layer;

use super::{Models, Table};

/// Turns one client into [`Models`]: a stack for each group of a table.
///
/// See the [module documentation](super) for an example.
#[derive(Clone)]
#[must_use]
pub struct ModelsLayer<G, F> {
    groups: Table<G>,
    stack: F,
}

impl<G, F> ModelsLayer<G, F> {
    /// Builds a stack for each of `groups`. `stack` says which layers are for one group: a layer, or a
    /// tuple of layers with the outermost first. It is called once for each group whenever a service is
    /// wrapped.
    pub fn new<L>(groups: Table<G>, stack: F) -> Self
    where
        F: Fn(&G) -> L,
    {
        Self { groups, stack }
    }

    /// Builds the stacks over `inner`, as a table: for [`Models::replace`].
    pub fn table<S, L>(&self, inner: &S) -> Table<L::Service>
    where
        S: Clone,
        F: Fn(&G) -> L,
        L: Layer<S>,
    {
        self.groups
            .map(|group| (self.stack)(group).layer(inner.clone()))
    }
}

impl<S, G, F, L> Layer<S> for ModelsLayer<G, F>
where
    S: Clone,
    F: Fn(&G) -> L,
    L: Layer<S>,
{
    type Service = Models<L::Service>;

    fn layer(&self, inner: S) -> Self::Service {
        Models::new(self.table(&inner))
    }
}

impl<G, F> fmt::Debug for ModelsLayer<G, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelsLayer")
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}
