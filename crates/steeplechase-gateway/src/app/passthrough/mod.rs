//! What belongs to a provider and to no model: files, batches, fine-tuning, what is kept of responses.
//!
//! ```text
//!  /v1/files, /v1/batches/{id}, … ──► which provider? ──► one of its deployments: URL, key
//!                                      custom_llm_provider in the query, a header or the body;
//!                                      the path; else openai
//!  body ──────────────────────────────────────────────────────► as it comes, however large
//!  the provider's answer ◄── as it comes; an error is told as any other
//! ```
//!
//! There are no attempts beside the first: what is uploaded is not kept here, so it could not be sent
//! again. A request goes to nobody whom the operator has not configured, and takes none of the caller's
//! headers along but those that say what form it has.

mod body;
mod place;
mod service;

#[cfg(test)]
mod tests;

pub use self::body::PassBody;
pub(super) use self::place::{is_passed, names_provider};
pub use self::service::Passthrough;
