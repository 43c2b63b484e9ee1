//! Tokens of Microsoft Entra ID, which Azure takes in the place of a key.
//!
//! ```text
//!  Identity ──► AzureToken ──renew──► login.microsoftonline.com, or the machine's own server
//!                   │
//!  Deployment ── Auth::Each ──► authorization: Bearer …
//! ```
//!
//! | [`Identity`] | Who it is                                                                         |
//! |--------------|-----------------------------------------------------------------------------------|
//! | `Secret`     | an application with a secret                                                      |
//! | `Workload`   | a pod of Kubernetes, whose own token is in a file                                 |
//! | `Managed`    | a machine, or an app, of Azure's                                                  |
//!
//! A token that somebody else has fetched needs nothing of this: it is an
//! [`Auth::Bearer`](crate::deployment::Auth).
//!
//! How the tokens are asked for is Microsoft's own library, over our HTTP client. The login server is that of
//! the scope's cloud, or what `AZURE_AUTHORITY_HOST` says.
//!
//! # Example
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use steeplechase::credentials::azure::{AzureToken, Identity};
//! use steeplechase::deployment::Auth;
//! use steeplechase::dialects::azure;
//! use steeplechase::{Deployment, Dialect, HttpClient};
//!
//! # async fn example() -> Result<(), steeplechase::Error> {
//! let base: http::Uri = "https://eu.openai.azure.com".parse().expect("a valid URL");
//! let token = Arc::new(AzureToken::new(
//!     Identity::Managed { client_id: None },
//!     azure::scope(&base),
//!     HttpClient::new(),
//! ));
//! token.renewed().renew().await?;
//! let deployment = Deployment::builder("eu-1", "fast", Dialect::OpenAi)
//!     .platform(azure::platform("azure", None).expect("it is Azure"))
//!     .base_url(base)
//!     .auth(Auth::Each(token))
//!     .build();
//! # Ok(())
//! # }
//! ```

mod token;
mod transport;

#[cfg(test)]
mod tests;

pub use self::token::{AzureToken, Identity};
