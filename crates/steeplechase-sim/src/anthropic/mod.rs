//! Anthropic's dialect: messages, and the counting of their tokens.
//!
//! ```text
//! body ─► check ─► Ask ─► Reply ─┬─► whole     one JSON object
//!            │                   └─► stream    message_start · ping · blocks… · message_stop
//!            └─► error
//! ```

mod check;
mod error;
mod stream;
mod turns;
mod whole;

pub(crate) use self::check::check_headers;
pub(crate) use self::error::{error_body, error_event};
pub(crate) use self::whole::{count_tokens, messages};
