use std::fmt;

use steeplechase_core::Class;
use steeplechase_core::Error;

/// What could not be said, and whether that is an error.
pub(crate) struct Notes {
    drop_params: bool,
    dropped: Vec<Box<str>>,
}

/// Where a part is in a call, for errors.
#[derive(Clone, Copy)]
pub(crate) struct At {
    pub(crate) message: usize,
    pub(crate) part: usize,
}

// ===== impl Notes =====

impl Notes {
    pub(crate) fn new(drop_params: bool) -> Self {
        Self {
            drop_params,
            dropped: Vec::new(),
        }
    }

    /// Notes that a field is left out, or is not what the caller said. Each is noted once.
    pub(crate) fn note(&mut self, field: &str) {
        if !self.dropped.iter().any(|known| **known == *field) {
            self.dropped.push(field.into());
        }
    }

    /// Leaves out a field if the deployment allows it.
    ///
    /// # Errors
    ///
    /// [`unsupported`], if it does not.
    pub(crate) fn refuse(&mut self, field: &str, why: impl fmt::Display) -> Result<(), Error> {
        if !self.drop_params {
            return Err(unsupported(field, why));
        }
        self.note(field);
        Ok(())
    }

    /// Leaves out the grammar of a tool that takes free text.
    ///
    /// # Errors
    ///
    /// As [`refuse`](Self::refuse).
    pub(crate) fn refuse_grammar(&mut self, tool: usize) -> Result<(), Error> {
        let field = format!("tools[{tool}].custom.format");
        self.refuse(&field, "the provider holds no tool to a grammar")
    }

    pub(crate) fn into_dropped(self) -> Vec<Box<str>> {
        self.dropped
    }
}

// ===== impl At =====

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "messages[{}].content[{}]", self.message, self.part)
    }
}

/// A `400` for what this provider, or this model, cannot do.
pub(crate) fn unsupported(field: impl fmt::Display, why: impl fmt::Display) -> Error {
    Error::new(
        Class::Unsupported,
        format!("{field} is not supported: {why}"),
    )
    .with_code("unsupported_parameter")
    .with_param(field.to_string())
}

/// A `400` for what nobody can do.
pub(crate) fn invalid(field: impl fmt::Display, why: impl fmt::Display) -> Error {
    Error::new(Class::InvalidRequest, format!("{field} {why}"))
        .with_code("invalid_value")
        .with_param(field.to_string())
}
