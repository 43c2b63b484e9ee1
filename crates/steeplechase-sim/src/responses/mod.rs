//! OpenAI's second dialect: responses.
//!
//! ```text
//! body ─► check ─► Ask ─► Reply ─► Item… ─┬─► whole     one response object
//!            │                            └─► stream    response.created · (item, its parts,
//!            └─► error                                  deltas)… · response.completed
//! ```

mod check;
mod dialect;
mod input;
mod item;
mod stream;
mod tools;
mod whole;

pub(crate) use self::dialect::Responses;
pub(crate) use self::whole::responses;
