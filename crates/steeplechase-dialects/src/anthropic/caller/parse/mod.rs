//! Reads a caller's bytes into the neutral form.
//!
//! ```text
//! call ─┬─ turns ── blocks   a turn becomes its results, then one message
//!       └─ tools             of the caller's, and of Anthropic's
//! text                       what only Anthropic knows, for who knows only text
//! ```

mod blocks;
mod call;
mod text;
mod tools;
mod turns;

pub(crate) use self::call::parse;
pub(crate) use self::text::as_text;
