//! Microsoft Azure: where `OpenAI`'s dialect is there, and how it differs.
//!
//! ```text
//!  Call ──► openai::Provider ──► adapt ──► place ──► POST …
//!             bytes, spliced      bytes, spliced
//! ```
//!
//! | Family       | Where                                                                        |
//! |--------------|------------------------------------------------------------------------------|
//! | deployments  | `https://NAME.openai.azure.com/openai/deployments/DEPLOYMENT/chat/completions?api-version=…` |
//! | v1           | `https://NAME.openai.azure.com/openai/v1/chat/completions`                   |
//! | Foundry      | `https://NAME.services.ai.azure.com/models/chat/completions?api-version=…`   |
//! | serverless   | `https://NAME.REGION.models.ai.azure.com/chat/completions`                   |
//!
//! Completions, embeddings, images and audio are beside chat. What is of the resource and of no deployment is
//! above them, and names the model in the body, if any: responses, files, batches and their kin, at
//! `/openai/files?api-version=…` or `/openai/v1/files`. What a version does not have yet is asked for in the
//! versionless API: responses before 2025-03-01, and containers. There are no moderations and no variations of
//! images, and Foundry's models have neither images nor audio: such calls are refused here.
//!
//! Which one it is says the path of the base URL, and else the version of the API: a date is that of the
//! deployments, and none, `v1`, `preview` or `latest` is v1. What is in the base URL already, be it all of
//! the path or the version, is not added again. Names of deployments are percent-encoded.
//!
//! # What is changed in a call
//!
//! It is a splice of bytes, as for every provider that speaks the caller's dialect, and none if there is
//! nothing to change.
//!
//! | For                                        | What                                               |
//! |--------------------------------------------|----------------------------------------------------|
//! | models that reason                         | `max_tokens` becomes `max_completion_tokens`; sampling parameters with their default values are left out, and with other values too, if the deployment drops parameters and the model cannot have any |
//! | versions before 2024-09-01                 | `stream_options` is left out                       |
//!
//! A model reasons if the deployment's [base model](steeplechase_core::Deployment::base_model) says so, or else
//! its name: names of deployments say nothing. What older versions refuse besides, such as a JSON schema
//! before 2024-08-01, is sent, and Azure says what is wrong.
//!
//! # What is not changed in an answer
//!
//! What Azure's filters say of the prompt and of the answer is passed on, wherever it comes in a stream: it
//! is no content, and neither a start nor an end.
//!
//! # Example
//!
//! ```
//! use steeplechase_core::deployment::{Deployment, Platform};
//! use steeplechase_core::{ApiKey, Dialect};
//! use steeplechase_dialects::azure;
//!
//! let base = azure::base_url("azure_ai", "https://eu.services.ai.azure.com".parse().unwrap());
//! assert_eq!(base, "https://eu.services.ai.azure.com/models");
//!
//! let base = "https://eu.openai.azure.com".parse().unwrap();
//! let deployment = Deployment::builder("eu-1", "fast", Dialect::OpenAi)
//!     .upstream_model("prod-chat")
//!     .base_model("gpt-5-mini")
//!     .auth(azure::auth(&base, ApiKey::new("secret")))
//!     .platform(azure::platform("azure", Some("2024-10-21")).unwrap())
//!     .base_url(base)
//!     .build();
//! assert!(matches!(deployment.platform(), Platform::Azure { .. }));
//! ```

mod adapt;
mod error;
mod family;
mod place;
mod provider;
mod setup;

#[cfg(test)]
mod tests;

pub(crate) use self::provider::{Provider, resource};
pub use self::setup::{
    DEFAULT_API_VERSION, anthropic_base_url, auth, base_url, is_claude, platform, scope,
};
