//! Lets calls wait in line when as many are in progress as may be.
//!
//! ```text
//!                         places                line: by priority, then fair between callers
//!  call ──► free? ─ yes ─► ▓▓▓▓▓▓▓▓
//!             │                ▲ the next, as soon as an answer has ended
//!             └─ no ──────────►│ ◄── priority 0:  a1  b1  a2  a3     (a has more calls, b is not behind all)
//!                              │ ◄── priority 5:  c1
//!                              │
//!                              ╳  no room, or no hope: 503 at once, with a time to come back
//! ```
//!
//! A line that is too long helps nobody: who waits in it for longer than the caller has patience gets an
//! answer that is of no use, and the provider has worked for it. So the line is bounded by length *and* by
//! time, and who will not get a place in time is told so at once. Simulations of a surge show that shedding
//! what waits for more than 3 s lets a pool recover in seconds, where limits alone take minutes.
//!
//! # Who is next
//!
//! * Of those that wait, the ones with the lowest priority go first: [`Controls::priority`], or else
//!   [`AdmissionConfig::default_priority`].
//! * Among those of a priority it is fair between callers, see [`Caller`]: each gets a place in
//!   turn, however many calls it has waiting. This is start-time fair queueing (Goyal, Vin, Cheng: SIGCOMM
//!   1996) with calls of equal weight.
//! * A place that becomes free goes to the first in line at once. A call that has just come never overtakes.
//!
//! # Who is refused
//!
//! With [`Class::Unavailable`](steeplechase_core::Class::Unavailable), which is `503`, and a time to come
//! back:
//!
//! * who finds [`max_queued`](AdmissionConfig::max_queued) others in line, or has another model to fall back to;
//! * who has waited for [`max_wait`](AdmissionConfig::max_wait), or for as long as its deadline allows;
//! * who would have to wait for more than twice as long as that, going by how quickly places became free
//!   lately while all were taken.
//!
//! # What it costs
//!
//! Without a limit, nothing. With one, a lock at the beginning of a call and one at its end, for as long as
//! it takes to count. A call that waits has a timer besides.
//!
//! # Cancellation
//!
//! Dropping the response future while it waits leaves the line; dropping it or the body later frees the
//! place, which goes to the next in line.
//!
//! # Where it goes in a stack
//!
//! Outside whatever starts attempts, so that a call holds one place for all of them: over a whole gateway,
//! or over one group, with as many places as its deployments take together.
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::{BodyExt, Full};
//! use steeplechase_core::{BoxError, Class};
//! use steeplechase_layers::admission::{AdmissionConfig, AdmissionLayer};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! async fn upstream(_: Request<()>) -> Result<Response<Full<Bytes>>, BoxError> {
//!     Ok(Response::new(Full::from("hello")))
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), BoxError> {
//! let config = AdmissionConfig::new(1).max_wait(Duration::from_secs(2));
//! let service = ServiceBuilder::new().layer(AdmissionLayer::with(config)).service_fn(upstream);
//!
//! // The first answer is not read to its end, so its place is not free.
//! let first = service.clone().oneshot(Request::new(())).await?;
//! let refused = service.clone().oneshot(Request::new(())).await.unwrap_err();
//! assert_eq!(refused.class(), Class::Unavailable);
//! assert!(refused.retry_after().is_some());
//!
//! first.into_body().collect().await?;
//! service.oneshot(Request::new(())).await?;
//! # Ok(())
//! # }
//! ```
//!
//! [`Caller`]: steeplechase_core::controls::Caller
//! [`Controls::priority`]: steeplechase_core::Controls::priority

mod config;
mod future;
mod layer;
mod line;
mod metrics;
mod queue;
mod service;

#[cfg(test)]
mod tests;

pub use self::config::AdmissionConfig;
pub use self::future::ResponseFuture;
pub use self::layer::AdmissionLayer;
pub use self::metrics::describe_metrics;
pub use self::queue::Place;
pub use self::service::Admission;
