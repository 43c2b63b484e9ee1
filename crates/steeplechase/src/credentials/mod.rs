//! Credentials that expire, kept at hand and renewed before they do.
//!
//! ```text
//!  keep_fresh() ──► fetch ──► Lease: a value, and for how long it is good
//!   a task of yours   ▲          │
//!                     └── wait ──┤ four fifths of that; after a failure, a backoff
//!                                ▼
//!  authorize() ◄───────────── Renewed: what is good now, without waiting
//! ```
//!
//! A call never waits for a token: it takes the one that is there, and fails with
//! [`Class::Auth`](crate::Class::Auth) if there is none. So whoever builds a stack fetches the first one
//! before it serves, by [`Renewed::renew`], and spawns [`Renewed::keep_fresh`].
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//!
//! use steeplechase::Error;
//! use steeplechase::credentials::{Lease, Renewed};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! let token = Renewed::new(|| async {
//!     // A request to whoever hands them out.
//!     Ok(Lease::new("token", Duration::from_secs(3600)))
//! });
//! assert!(token.current().is_err());
//! token.renew().await?;
//! assert_eq!(*token.current()?, "token");
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "azure")]
pub mod azure;
#[cfg(feature = "google")]
pub mod google;
mod renewed;

#[cfg(test)]
mod tests;

#[cfg(feature = "google")]
pub use self::google::{CredentialsError, GoogleCredentials};
pub use self::renewed::{Lease, Renewed};
