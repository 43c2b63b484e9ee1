//! Providers as data.
//!
//! ```text
//!  "groq/llama-3.1-8b" ──► split ──► "groq"  ──► Provider: base URL, key variables, dialect, auth
//!                               └──► "llama-3.1-8b", the provider's own name for the model
//! ```
//!
//! A provider that speaks a dialect we know is a few lines in `providers.toml` and no code. The table
//! is read once, when it is first asked for. What models cost and can do is in [`models`].
//!
//! # Example
//!
//! ```
//! use steeplechase_core::Dialect;
//! use steeplechase_dialects::catalog;
//!
//! let (provider, model) = catalog::resolve("groq/llama-3.1-8b").unwrap();
//! assert_eq!((provider.id(), model), ("groq", "llama-3.1-8b"));
//! assert_eq!(provider.dialect(), Dialect::OpenAi);
//! assert_eq!(provider.key_variables(), ["GROQ_API_KEY"]);
//!
//! // A name without a provider goes by the families that everybody knows.
//! let (provider, model) = catalog::resolve("claude-sonnet-4-5").unwrap();
//! assert_eq!((provider.id(), model), ("anthropic", "claude-sonnet-4-5"));
//! ```

pub mod models;
mod provider;

#[cfg(test)]
mod tests;

pub use self::provider::{AuthStyle, Provider, all, base_url, get, resolve};
