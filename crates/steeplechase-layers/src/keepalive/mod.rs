//! Gives a caller who waits for a stream a sign of life.
//!
//! A model may think for a minute before it says a word, and a load balancer in between closes what
//! has been silent for as long. After a while this layer sends the head of the answer, and then a
//! comment from time to time. A comment is no part of an answer, and every client passes over it.
//!
//! ```text
//!              after            every       every
//! caller    ├────────────► head ──► : ──────► : ──► content … ──► : ──► content
//! inside    ├─ tries, fails, tries another ────────► committed    silent
//! ```
//!
//! What is inside can still fail over, as no content has been sent. Only the status has: a call that
//! fails after its head was sent ends in an error event.
//!
//! It concerns streamed calls only: a whole answer has no place for a comment. A [`Policy`] may say which of them, and
//! when.
//!
//! # What it costs
//!
//! A box for each streamed call, and a timer. With [`KeepaliveLayer::off`], nothing.
//!
//! # Where it goes in a stack
//!
//! Outside of everything that may try again, right inside the intake.
//!
//! # Cancellation
//!
//! Dropping the response future or the body drops what is inside.
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::combinators::UnsyncBoxBody;
//! use http_body_util::{BodyExt, Full};
//! use steeplechase_core::call::{Call, Dialect, Head, Operation};
//! use steeplechase_core::{Chunk, Error};
//! use steeplechase_layers::keepalive::{KeepaliveConfig, KeepaliveLayer};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! async fn thinks(_: Request<Call>) -> Result<Response<UnsyncBoxBody<Chunk, Error>>, Error> {
//!     tokio::time::sleep(Duration::from_secs(50)).await;
//!     let body = Full::new(Chunk::whole(Bytes::from("data: 42\n\n")));
//!     Ok(Response::new(body.map_err(|never| match never {}).boxed_unsync()))
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let config = KeepaliveConfig::new().after(Duration::from_secs(15)).every(Duration::from_secs(30));
//! let service = ServiceBuilder::new().layer(KeepaliveLayer::with(config)).service_fn(thinks);
//!
//! let mut head = Head::default();
//! head.stream = true;
//! let call = Call::new(Operation::Chat, Dialect::OpenAi, Bytes::new(), head);
//! let answer = service.oneshot(Request::new(call)).await.unwrap();
//! let body = answer.into_body().collect().await.unwrap().to_bytes();
//! assert_eq!(body, ": keepalive\n\ndata: 42\n\n");
//! # }
//! ```

mod body;
mod config;
mod future;
mod layer;
mod metrics;
mod policy;
mod service;

#[cfg(test)]
mod tests;

pub use self::body::KeepaliveBody;
pub use self::config::KeepaliveConfig;
pub use self::future::ResponseFuture;
pub use self::layer::KeepaliveLayer;
pub use self::metrics::describe_metrics;
pub use self::policy::{Fixed, Policy};
pub use self::service::Keepalive;
