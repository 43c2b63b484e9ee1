//! Azure's dialect: OpenAI's, with the model in the path, filters, and errors of its own.
//!
//! ```text
//! …/openai/deployments/{deployment}/chat/completions?api-version=…    classic
//! …/openai/v1/chat/completions                                        v1
//! …/models/chat/completions                                           Foundry
//! …/openai/responses?api-version=… · …/openai/v1/responses            of the resource, as are files
//!
//! stream    what the filter says of the prompt · role · (content, with what it says)… · finish · …
//! ```

mod check;
mod dialect;
mod filter;

pub(crate) use self::dialect::Azure;
