//! Anthropic's dialect: messages, and the counting of their tokens.
//!
//! ```text
//! body ─► check ─► Ask ─► Reply ─┬─► whole     one JSON object
//!            │                   └─► stream    message_start · ping · blocks… · message_stop
//!            └─► error
//! ```

mod check;
mod dialect;
mod host;
mod stream;
mod turns;
mod whole;

pub(crate) use self::dialect::Anthropic;
pub(crate) use self::host::Host;
pub(crate) use self::whole::{count_tokens, messages};
