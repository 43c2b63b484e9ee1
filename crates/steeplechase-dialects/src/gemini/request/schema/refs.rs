use crate::json::{self, Fields};

/// References of a schema, and those that are being looked into.
pub(super) struct Refs<'s> {
    root: &'s Fields,
    open: Vec<String>,
    /// How many schemas there may be yet. Definitions that use each other twice double with each step.
    left: usize,
}

/// The most schemas that one becomes.
const MAX_SCHEMAS: usize = 5_000;

// ===== impl Refs =====

impl<'s> Refs<'s> {
    pub(super) const fn new(root: &'s Fields) -> Self {
        Self {
            root,
            open: Vec::new(),
            left: MAX_SCHEMAS,
        }
    }

    /// Takes one of the schemas that there may be. `false` if there is none left.
    pub(super) fn take(&mut self) -> bool {
        let has_more = self.left > 0;
        self.left = self.left.saturating_sub(1);
        has_more
    }

    /// What a schema refers to, with what it says beside that. It has to be [closed](Self::close).
    ///
    /// `None` if it is nowhere, or leads back to itself.
    pub(super) fn open(&mut self, schema: &Fields) -> Option<Fields> {
        let reference = schema.get("$ref")?.as_str()?;
        if self.open.iter().any(|open| open == reference) {
            return None;
        }
        let mut target = json::find(self.root, reference.strip_prefix('#')?)?.clone();
        for (name, value) in schema.iter().filter(|(name, _)| *name != "$ref") {
            target.insert(name.clone(), value.clone());
        }
        self.open.push(reference.to_owned());
        Some(target)
    }

    pub(super) fn close(&mut self) {
        self.open.pop();
    }
}
