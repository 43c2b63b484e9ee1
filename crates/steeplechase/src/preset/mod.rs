//! The recommended stack, in one visible place.
//!
//! ```text
//!   Keepalive          a sign of life to a caller that waits; off unless asked for
//!   Admission          a line for calls when as many are in progress as may be; off unless asked for
//!   (map_request)      how many attempts a call has, and until when
//!   Fallback           another model, by the kind of failure
//!   Race               off, or several deployments at once; or the caller's several models
//!   Models             one stack for each group, and one budget for its extra attempts
//!     Admission        off, or a line for a group whose deployments all have a limit
//!     Continuation     off, or another attempt for the rest of an answer that has broken off
//!     Hedge            off, or a second attempt when the first is slow
//!     Retry            another attempt when one has failed
//!     Route            picks a deployment
//!       Cooldown       leaves one alone that has asked for it, or is broken
//!       Limit          no more than it takes, at a time and in a minute
//!       Observe        what became of each attempt
//!       Timeout        how long each phase may take
//!       Commit         no answer before its first content
//!       Split          no more texts in a request for vectors than it takes
//!       Translate      the provider's own request, and its answer
//!   an HTTP client
//! ```
//!
//! The [`Client`](crate::Client) and the gateway are this stack. A stack of your own is the same
//! layers in another `ServiceBuilder`: start from [`group_stack`] and [`Preset::build`].
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http_body_util::BodyExt;
//! use steeplechase::call::{Call, Dialect, Operation};
//! use steeplechase::dialects::intake::scan;
//! use steeplechase::preset::{Group, Preset};
//! use steeplechase::Deployment;
//! use steeplechase_sim::Sim;
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let one = Deployment::builder("one", "fast", Dialect::OpenAi).build();
//! let two = Deployment::builder("two", "fast", Dialect::OpenAi).build();
//! let stack = Preset::new()
//!     .group(Group::new("fast", [one, two]))
//!     // Simulated providers here; `HttpClient::new()` for real ones.
//!     .build(Sim::new("provider"))?;
//!
//! let raw = Bytes::from(r#"{"model":"fast","messages":[{"role":"user","content":"hi"}]}"#);
//! let head = scan(&raw)?;
//! let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, head);
//! let answer = stack.oneshot(http::Request::new(call)).await?;
//! assert!(answer.into_body().collect().await?.to_bytes().starts_with(b"{"));
//! # Ok(())
//! # }
//! ```

mod erase;
mod layers;
mod settings;
mod signs;
mod times;

pub use self::layers::group_stack;
pub use self::settings::Preset;
pub use crate::affordable::Affordable;
pub use crate::continuation::{CanContinue, Joined, JoinedSeam};
pub use crate::eligible::{Counter, Eligibility, FitsContext, Tags};
pub use crate::estimate::ByFamily;
pub use crate::group::Group;
pub use crate::stack::{AnswerBody, Stack};
