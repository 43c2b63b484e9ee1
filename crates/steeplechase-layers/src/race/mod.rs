//! Runs a request in several lanes at once and answers with the first to succeed.
//!
//! ```text
//!              call
//! lane 0        ├──────────────╳ fails
//! lane 1        ├────────────────────● wins
//! lane 2        ├────────────────────╳ dropped
//! ```
//!
//! A race of two costs twice the requests, and halves the usual latency as well as the tail. A hedge
//! costs a twentieth and helps the tail alone: see there first.
//!
//! # What happens to a request
//!
//! 1. [`Lanes`] decides whether it runs as it is, as copies, or as variants of it, such as the same
//!    call for several models. As it is, it goes straight through.
//! 2. The first lane is called at once, the others when the response is first polled, in order. Each is
//!    polled before the next is made. So a router inside has picked a deployment for one before it is
//!    asked for the next, unless the inner service is not ready. Each lane after the first needs leave
//!    of [`Attempts::try_start`], and a copy needs another deployment to run on, see
//!    [`Attempts::alternatives`]; a lane that does not get them is not started.
//! 3. The first lane to *succeed* wins. The others are dropped in the same poll. Of two that are ready
//!    together, the first lane wins.
//! 4. A lane that fails never wins while another lives, with one exception: if the request itself is to
//!    blame, and nobody would take it, its copies are dropped, as they must fail too. Variants are not.
//! 5. If all fail, the caller gets the failure it can make most of; at a tie, that of the first lane.
//!
//! A call can ask for a race of its own, or for none: see [`CallLanes`].
//!
//! The lanes share the [`Attempts`] of the request. A race does not draw on the budget of its group, as
//! it is the operator's wish to pay for it, but it leaves fewer attempts for what fails: of three, a
//! race of two leaves one.
//!
//! The answer of a variant has [`Won`] in its extensions.
//!
//! # Where it goes in a stack
//!
//! Outside whatever picks the deployment and, if the caller can name several models, outside whatever
//! looks a model up. A lane answers when its response head arrives: where answers are streamed, have a
//! commit layer inside, which holds the head back until the first content is there.
//!
//! # Cancellation
//!
//! The lanes live in the response future and nowhere else: dropping it drops them all.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use steeplechase_core::call::{Call, Dialect, Head, Operation};
//! use steeplechase_layers::race::{CallLanes, RaceLayer, Won};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! // An upstream of which the model `tortoise` is slow.
//! async fn upstream(request: Request<Call>) -> Result<Response<String>, Infallible> {
//!     let model = request.body().model().to_owned();
//!     if model == "tortoise" {
//!         tokio::time::sleep(Duration::from_secs(60)).await;
//!     }
//!     Ok(Response::new(model))
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Infallible> {
//! let service = ServiceBuilder::new()
//!     .layer(RaceLayer::new(1).policy(CallLanes { width: 1 }))
//!     .service_fn(upstream);
//!
//! let mut head = Head::default();
//! head.model = "tortoise, hare".into();
//! head.fastest_response = true;
//! let call = Call::new(Operation::Chat, Dialect::OpenAi, Bytes::from_static(b"{}"), head);
//!
//! let response = service.oneshot(Request::new(call)).await?;
//! assert_eq!(response.body(), "hare");
//! assert_eq!(response.extensions().get::<Won>().unwrap().lane, 1);
//! # Ok(())
//! # }
//! ```
//!
//! [`Attempts`]: steeplechase_core::Attempts
//! [`Attempts::alternatives`]: steeplechase_core::Attempts::alternatives
//! [`Attempts::try_start`]: steeplechase_core::Attempts::try_start

mod contest;
mod future;
mod layer;
mod metrics;
mod policy;
mod service;
mod starter;
mod won;

#[cfg(test)]
mod tests;

pub use self::future::ResponseFuture;
pub use self::layer::RaceLayer;
pub use self::metrics::describe_metrics;
pub use self::policy::{CallLanes, Lanes, Start, Width};
pub use self::service::Race;
pub use self::won::Won;
