//! What is known of a field, and what is found.

use std::fmt;

use serde_json::Value;

/// What an object may have in it.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) fields: &'static [(&'static str, Kind)],
    pub(crate) required: &'static [&'static str],
    /// Whether it has exactly one of its fields.
    pub(crate) union: bool,
}

/// What may be in the place of a field. `null` may be everywhere, and is as good as nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Any,
    Text,
    Flag,
    Number,
    Integer,
    /// A text in base64.
    Bytes,
    /// One of these texts.
    Word(&'static [&'static str]),
    Object(&'static Shape),
    List(&'static Self),
    Map(&'static Self),
}

/// How strictly names and values are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    Exact,
    /// As Google does: `snake_case` is as good as `camelCase`, which it is turned into; words may be in
    /// any case; numbers may be texts.
    Proto,
}

/// Where something is wrong, and what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Violation {
    pub(crate) place: Vec<Step>,
    pub(crate) wrong: Wrong,
}

/// A step on the way to a value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    Field(String),
    Index(usize),
    /// The entry of a map: its number and its key.
    Entry(usize, String),
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Wrong {
    /// There is no field of this name.
    Unknown(String),
    /// This field has to be there.
    Missing(&'static str),
    /// What is there is not one of these.
    Word(Value, &'static [&'static str]),
    /// What is there is not of this kind.
    Kind(Value, &'static str),
    /// There are so many fields where one has to be.
    Union(usize),
}

impl Shape {
    /// An object with any of these fields.
    pub(crate) const fn of(fields: &'static [(&'static str, Kind)]) -> Self {
        Self {
            fields,
            required: &[],
            union: false,
        }
    }

    /// An object with exactly one of these fields.
    pub(crate) const fn one_of(fields: &'static [(&'static str, Kind)]) -> Self {
        Self {
            fields,
            required: &[],
            union: true,
        }
    }

    /// The same, with fields that have to be there.
    pub(crate) const fn with(mut self, required: &'static [&'static str]) -> Self {
        self.required = required;
        self
    }

    pub(super) fn kind(&self, name: &str) -> Option<Kind> {
        let field = self.fields.iter().find(|(field, _)| *field == name);
        field.map(|(_, kind)| *kind)
    }
}

impl Kind {
    /// What JSON calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Any => "value",
            Self::Text | Self::Word(_) => "string",
            Self::Flag => "boolean",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Bytes => "bytes",
            Self::Object(_) | Self::Map(_) => "object",
            Self::List(_) => "array",
        }
    }
}

/// As in JavaScript: `messages[0].content`.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.place.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Field(name) | Step::Entry(_, name) if number == 0 => write!(f, "{name}")?,
                Step::Field(name) | Step::Entry(_, name) => write!(f, ".{name}")?,
            }
        }
        Ok(())
    }
}
