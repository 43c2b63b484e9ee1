//! OpenAI's dialect: chat completions, embeddings, models.
//!
//! ```text
//! body ─► check ─► Ask ─► Reply ─┬─► whole     one JSON object
//!            │                   └─► stream    role · content… · finish · usage · [DONE]
//!            └─► error
//! ```

mod check;
mod embeddings;
mod error;
mod stream;
mod whole;

pub(crate) use self::embeddings::embeddings;
pub(crate) use self::error::{error_body, error_event, html};
pub(crate) use self::whole::{chat, models};

/// When all answers were created: 2026-01-01, in seconds since 1970.
const CREATED: u64 = 1_767_225_600;
