//! The fields that a dialect knows, and what may be in them.
//!
//! ```text
//! Shape { fields: [("contents", List(Object(CONTENT))), …] }
//!                                  │
//! {"contents": [{"role": "user", "prats": []}]}  ─►  contents[0]: unknown "prats"
//! ```

mod fields;
mod text;
mod walk;

#[cfg(test)]
mod tests;

pub(crate) use self::fields::{Kind, Shape, Step, Style, Violation, Wrong};
pub(crate) use self::text::snake;
pub(crate) use self::walk::check;
