/// Whose servers speak the dialect. They differ in small things.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Host {
    /// AI Studio, by a key.
    Studio,
    /// Vertex AI, by a project.
    Vertex,
}

// ===== impl Host =====

impl Host {
    /// Whether calls can be labelled, for the bill.
    pub(super) const fn has_labels(self) -> bool {
        matches!(self, Self::Vertex)
    }

    /// Whether it has to be said what a file is.
    pub(super) const fn wants_kinds(self) -> bool {
        matches!(self, Self::Vertex)
    }
}
