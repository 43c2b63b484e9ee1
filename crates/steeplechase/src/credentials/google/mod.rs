//! Google's credentials, for Vertex AI.
//!
//! ```text
//!  from_json, from_file ─────────────────────────────┐
//!  find: GOOGLE_APPLICATION_CREDENTIALS, the file of  ├─► a key, a login, … ──► a token, for an hour
//!        `gcloud auth application-default login`,     │
//!        the metadata server ────────────────────────┘
//! ```
//!
//! | `type` of the file  | What it is                                         |
//! |---------------------|----------------------------------------------------|
//! | `service_account`   | the key of a service account                        |
//! | `authorized_user`   | a login of a user's own                             |
//! | `external_account`  | workload identity: a token of somebody else's       |
//!
//! How a token is had is the work of the library `yup-oauth2`. It writes what it sends and gets to the
//! `log` facade at the level `debug`, tokens and all: an application that installs a logger there should
//! not let it get as far as that for the target `yup_oauth2`.
//!
//! # Example
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use steeplechase::credentials::GoogleCredentials;
//! use steeplechase::deployment::{Auth, Platform};
//! use steeplechase::{Deployment, Dialect};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = GoogleCredentials::find(&|name| std::env::var(name).ok())?;
//! credentials.renew().await?;
//! tokio::spawn(credentials.keep_fresh(|error| eprintln!("{error:?}")));
//!
//! let base = "https://europe-west4-aiplatform.googleapis.com/v1/projects/p1/locations/europe-west4";
//! let deployment = Deployment::builder("eu", "fast", Dialect::Gemini)
//!     .platform(Platform::Vertex)
//!     .base_url(base.parse()?)
//!     .upstream_model("gemini-2.5-flash")
//!     .auth(Auth::Each(Arc::new(credentials)))
//!     .build();
//! # let _ = deployment;
//! # Ok(())
//! # }
//! ```

mod connect;
mod error;
mod fetch;
mod handle;
mod origin;
mod source;

#[cfg(test)]
mod tests;

pub use self::error::CredentialsError;
pub use self::handle::GoogleCredentials;
