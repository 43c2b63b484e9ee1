//! OpenAI's dialect: chat completions, completions, embeddings, moderations, models.
//!
//! ```text
//! body ─► check ─► Ask ─► Reply ─┬─► whole     one JSON object
//!            │                   └─► stream    role · reasoning… · content… · finish · usage · [DONE]
//!            └─► error
//! ```
//!
//! Azure speaks it too, and so do many others, with [`Quirks`](crate::Quirks). What they do in another
//! way is in a [`Form`].

mod chat;
mod check;
mod completions;
mod dialect;
mod embeddings;
mod form;
mod moderations;
mod stream;
mod whole;

pub(crate) use self::chat::chat;
pub(crate) use self::check::{flag, invalid, missing, object, range};
pub(crate) use self::completions::completions;
pub(crate) use self::dialect::{OpenAi, error_body};
pub(crate) use self::embeddings::embeddings;
pub(crate) use self::form::{Filters, Form};

/// When all answers were created: 2026-01-01, in seconds since 1970.
pub(crate) const CREATED: u64 = 1_767_225_600;
