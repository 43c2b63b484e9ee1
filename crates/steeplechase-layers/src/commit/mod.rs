//! Answers when the first content is there, and not when the head is.
//!
//! A provider can fail *after* it has sent `200 OK`: it sends a role, or a `message_start`, or some
//! comments, and then an error, or nothing more. A response whose head is handed on has won every race
//! and passed every retry by then. This layer holds the head, and the frames that come before the
//! content, until the first frame with content is there.
//!
//! ```text
//!            head    role     ping    content          error
//! upstream    ├────────┼────────┼────────●────── … ──────╳
//! future      └─ holds ┴─ holds ┴─ holds ┤
//!                                        └─► Ok(response): committed, frames replayed in order
//!
//! upstream    ├────────┼────────╳ error, or the end
//! future      └─ holds ┴─ holds ┴─► Err(error): somebody else may still answer
//! ```
//!
//! Outside this layer nothing has to know of streams. The latency of the future *is* the time to the
//! first content; a stock `tower` timeout is a first-token timeout, a stock retry retries what failed
//! after `200 OK`, and the first future to succeed wins a race.
//!
//! After the commit nothing is held back, and nothing is tried again: an error is the body's error.
//!
//! # What it costs
//!
//! No bytes are copied: frames are moved. What is held is bounded by
//! [`CommitConfig::max_held`]; at the bound the layer commits, it never fails.
//!
//! # Where it goes in a stack
//!
//! Right outside whatever turns bytes into frames that say what they carry, see [`Carries`]. Over a
//! bare HTTP client, whose frames are bytes, any byte counts as content.
//!
//! # Cancellation
//!
//! Dropping the response future drops the response that it holds, and with it the upstream's answer.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use steeplechase_core::{BoxError, Chunk, Class};
//! use steeplechase_layers::commit::CommitLayer;
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! // A provider that sends `200 OK` and a role, and then nothing more.
//! async fn upstream(_: Request<()>) -> Result<Response<Full<Chunk>>, BoxError> {
//!     Ok(Response::new(Full::new(Chunk::preamble(Bytes::from("role")))))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let service = ServiceBuilder::new()
//!     .layer(CommitLayer::first_content())
//!     .service_fn(upstream);
//!
//! let error = service.oneshot(Request::new(())).await.unwrap_err();
//! assert_eq!(error.class(), Class::Truncated);
//! # }
//! ```
//!
//! [`Carries`]: steeplechase_core::Carries

mod body;
mod config;
mod future;
mod layer;
mod metrics;
mod service;

#[cfg(test)]
mod tests;

pub use self::body::Replay;
pub use self::config::{CommitConfig, CommitOn};
pub use self::future::ResponseFuture;
pub use self::layer::CommitLayer;
pub use self::metrics::describe_metrics;
pub use self::service::Commit;
