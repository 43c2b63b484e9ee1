//! Sends a second copy of a slow request and answers with the first copy to succeed.
//!
//! The slowest answers of a model are often many times slower than its usual ones, for reasons that
//! have nothing to do with the request: a cold replica, a full queue, a bad network path. A second
//! copy, sent elsewhere, seldom meets the same fate.
//!
//! ```text
//!            call             delay
//! primary     ├─────────────────┼─────────────────╳ dropped
//! hedge                         ├────────────● wins
//!
//! primary     ├───────╳ fails
//! hedge               ├────────────● wins
//! ```
//!
//! # What happens to a request
//!
//! 1. The *primary* is sent at once. If it succeeds within the delay, that is all that happens.
//! 2. When the delay is over, a copy of the request, the *hedge*, is sent too. There is at most one.
//! 3. If the primary fails before that, and another attempt makes sense, the hedge is sent at once.
//! 4. The first copy to *succeed* wins, and the other is dropped in the same poll. While one is still
//!    alive, a failure of the other is set aside, unless it says that every copy must fail: the request
//!    is to blame, and no other deployment or model would help.
//! 5. If both fail, the caller gets the failure it can make more of; at a tie, the primary's.
//!
//! # What it gains, and what it costs
//!
//! A hedge is a whole request, billed like any other. With latencies as they are in good weather
//! (lognormal, a median of 0.6 s and a p99 of 6 s, each attempt's its own), 20,000 simulated requests
//! have a p99 of 6.1 s and a p99.9 of 13.9 s without this layer, and of 3.7 s and 4.3 s with
//! [`HedgeLayer::auto`], for 5 % more requests. It helps as far as slowness is bad luck: what makes
//! every attempt of a request slow, it cannot help.
//!
//! # When there is no hedge
//!
//! * The [`Policy`] has refused, or a router inside has said that it knows no other deployment, see
//!   [`Attempts::alternatives`]. A copy never goes where the primary is slow.
//! * [`HedgeConfig::max_extra`] is used up: 5 % of requests, of which 20 can be saved up. While less
//!   than half of that is there, only those are hedged that are slow even among the slow.
//! * [`Attempts::try_start`] denies it: all the layers of one request have the same attempts to spend.
//!
//! A hedge sent because the primary has *failed* counts among the attempts like any other, and draws on
//! the budget of the group, but not on `max_extra`, which is for slowness. Where no router knows of
//! another deployment, it is not sent if the failure says to come back later.
//!
//! # The delay
//!
//! [`HedgeLayer::auto`] learns it: it is the latency that only a share of `max_extra` exceeds, over the
//! last minute, or over the last ten if there were fewer than 50 answers in it. A copy that was given
//! up counts with the time it had taken; without those, slow answers would seem rare and the delay
//! would shrink. One that was given up within the delay does not count: it says nothing about the tail.
//! A failure does not count, unless it is a timeout.
//!
//! # Where it goes in a stack
//!
//! Outside whatever picks the deployment, and one for each group, as groups differ in latency. A copy
//! answers when its response head arrives. A streamed response that stalls after its head has won
//! already, so where answers are streamed, have a commit layer inside, which holds the head back until
//! the first content is there.
//!
//! # Cancellation
//!
//! Dropping the response future drops both copies, and gives back all that they held.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//! use std::sync::atomic::{AtomicU32, Ordering};
//! use std::time::Duration;
//!
//! use http::{Request, Response};
//! use steeplechase_layers::hedge::HedgeLayer;
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! // An upstream that gets stuck on the first request it ever sees.
//! static SEEN: AtomicU32 = AtomicU32::new(0);
//!
//! async fn upstream(_: Request<String>) -> Result<Response<&'static str>, Infallible> {
//!     if SEEN.fetch_add(1, Ordering::Relaxed) == 0 {
//!         tokio::time::sleep(Duration::from_secs(60)).await;
//!     }
//!     Ok(Response::new("hello"))
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Infallible> {
//! let service = ServiceBuilder::new()
//!     .layer(HedgeLayer::after(Duration::from_millis(800)))
//!     .service_fn(upstream);
//!
//! let started = tokio::time::Instant::now();
//! service.oneshot(Request::new("hello?".to_owned())).await?;
//! assert_eq!(started.elapsed(), Duration::from_millis(800));
//! # Ok(())
//! # }
//! ```
//!
//! [`Attempts::alternatives`]: steeplechase_core::Attempts::alternatives
//! [`Attempts::try_start`]: steeplechase_core::Attempts::try_start

mod backup;
mod budget;
mod config;
mod future;
mod layer;
mod metrics;
mod policy;
mod pool;
mod recorder;
mod repeatable;
mod service;
mod shared;

#[cfg(test)]
mod tests;

pub use self::config::{Delay, HedgeConfig};
pub use self::future::ResponseFuture;
pub use self::layer::HedgeLayer;
pub use self::metrics::describe_metrics;
pub use self::policy::{AnyRequest, Policy, SingleAnswer};
pub use self::repeatable::Repeatable;
pub use self::service::Hedge;
