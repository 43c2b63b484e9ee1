//! Signatures for AWS, with credentials from wherever AWS's own tools have them.
//!
//! ```text
//!  AwsConfig ──► keys ─────────────────────────────┐
//!            ├─► profile ──► shared config files ──┤   role? ──► STS ──┐
//!            ├─► web identity ──► STS ─────────────┼──────────────────┼──► credentials, kept fresh
//!            └─► the chain: environment, files,    │                  │        │
//!                web identity, container, instance ┘──────────────────┘        ▼
//!                                              AwsSigner::authorize ──► SigV4 over the final request
//! ```
//!
//! The chain and the signature are AWS's own libraries. They call through our
//! [`HttpClient`](crate::HttpClient), so there is one TLS stack in the program.
//!
//! A request is signed when nothing of it changes any more: its host, its content type, its `x-amz-`
//! headers, and its body. Other headers are left out, as proxies change them. Each attempt has a
//! signature of its own, with its own time.
//!
//! # Example
//!
//! ```
//! use steeplechase::HttpClient;
//! use steeplechase::credentials::aws::{AwsConfig, AwsSigner};
//! use steeplechase::deployment::{Auth, Deployment};
//! use steeplechase::Dialect;
//!
//! let config = AwsConfig::new("eu-west-1").keys("AKIDEXAMPLE", "secret", None);
//! let signer = std::sync::Arc::new(AwsSigner::bedrock(config, HttpClient::new()));
//! // With keys that do not expire there is nothing to wait for; else first
//! // `signer.renew().await?`, and spawn `signer.keep_fresh(…)`.
//! let deployment = Deployment::builder("eu-1", "fast", Dialect::Bedrock)
//!     .base_url("https://bedrock-runtime.eu-west-1.amazonaws.com".parse().unwrap())
//!     .upstream_model("eu.amazon.nova-lite-v1:0")
//!     .auth(Auth::Each(signer))
//!     .build();
//! # let _ = deployment;
//! ```

mod chain;
mod config;
mod http;
mod sign;
mod signer;

#[cfg(test)]
mod tests;

pub use self::config::AwsConfig;
pub use self::signer::AwsSigner;
