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
//! * The request does not want one, see [`Controls::hedge`]; or the [`Policy`] has refused, as [`Repeatable`]
//!   refuses calls that let the provider act, and those that cost much.
//! * A router inside has said that it knows no other deployment, see [`Attempts::alternatives`]. A copy never
//!   goes where the primary is slow.
//! * All deployments of the [pool](HedgeLayer::pool) are down: a second copy would be a second load.
//! * It would cost more than twice as much at each of the others, as far as prices are known: see
//!   [`HedgeConfig::max_cost_ratio`]. If it would at some of them, the copy says so to a router inside, by a
//!   [`CostBound`] in its extensions.
//! * [`HedgeConfig::max_extra`] is used up: 5 % of requests, of which 20 can be saved up. While less
//!   than half of that is there, only those are hedged that are slow even among the slow. For whom none is left
//!   looks again twice a second: those that hang get what comes in next.
//! * [`Attempts::try_start`] denies it: all the layers of one request have the same attempts to spend. If it is the
//!   budget of the group that is spent, it is asked again in the same way.
//!
//! A hedge sent because the primary has *failed* counts among the attempts like any other, and draws on
//! the budget of the group, but not on `max_extra`, which is for slowness. Where no router knows of
//! another deployment, it is not sent if the failure says to come back later.
//!
//! One that is sent because the primary is a *probe*, see [`Attempts::is_probing`], comes as soon as half of
//! all answers would be there, and does not draw on `max_extra` either: nobody is to wait because a
//! deployment is tried out on them.
//!
//! # The delay
//!
//! [`HedgeLayer::auto`] learns it: it is the latency that only a share of `max_extra` exceeds. It is the
//! first of these that is known:
//!
//! 1. The shortest that any deployment of the [pool](HedgeLayer::pool) has had in the last minute, of those
//!    that may be used and have given 50 answers. The shortest, as that is what a copy elsewhere may expect;
//!    and it stays where it is when one deployment after the other gets slow.
//! 2. That of all attempts together, of the last minute if there were 50 answers in it, or else of the last
//!    ten.
//! 3. [`HedgeConfig::initial`], which is 4 s.
//!
//! An attempt that was given up, by this layer or by a timeout, would have taken longer than it had: it
//! counts as a lower bound, see [`quantile`](steeplechase_core::quantile). Without those, slow answers would
//! seem rare and the delay would shrink. Other failures do not count.
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
//! [`Attempts::is_probing`]: steeplechase_core::Attempts::is_probing
//! [`Attempts::try_start`]: steeplechase_core::Attempts::try_start
//! [`Controls::hedge`]: steeplechase_core::Controls::hedge

mod backup;
mod budget;
mod config;
mod cost;
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
pub use self::cost::{CostBound, Size};
pub use self::future::ResponseFuture;
pub use self::layer::HedgeLayer;
pub use self::metrics::describe_metrics;
pub use self::policy::{AnyRequest, Policy, SingleAnswer};
pub use self::repeatable::Repeatable;
pub use self::service::Hedge;
