//! Picks one deployment of a group for each attempt.
//!
//! A model is served by a *group* of deployments: several providers, regions, keys. This layer turns
//! one HTTP client into a stack for each of them, and sends each attempt down one of these stacks.
//!
//! ```text
//!                     in call: who can take it?          who of these?      one stack for each
//!                    ┌────────────────────────────┐    ┌──────────────┐    ┌─ eu-1 ─ Cooldown ─ …
//!  Request ─────────►│ not cooling, not open,      ├───►│ Strategy     ├───►├─ eu-2 ─ Cooldown ─ …
//!                    │ has room, not tried,        │    │ pick()       │    └─ us-1 ─ Cooldown ─ …
//!                    │ eligible, lowest order      │    └──────────────┘
//!                    └─────────────┬──────────────┘
//!                                  └─ nobody: an error at once, that says when to come back
//! ```
//!
//! # Who can take a request
//!
//! Only those that can take it at all, if somebody says so: see [`Eligible`]. If none can, the request fails
//! with the error of who has said so. Of the others, the first of these that there is; within it, only those of the lowest
//! [`order`](steeplechase_core::Deployment::order):
//!
//! 1. Deployments that may be used now and that this request has not tried. If it has tried some, those of
//!    providers that it has not tried go first: what has failed at one region of a provider often fails at the next.
//! 2. Those that are due for a probe and that it has not tried.
//! 3. Those that it has tried and that may be used: a lone deployment is tried again.
//! 4. *Panic mode*: if all that is left are open circuits, nobody is merely busy, and no fallback can
//!    take the request, then to refuse would be the worst of all answers. The one that reopens soonest
//!    is used, and the request carries [`FailOpen`] in its extensions.
//!
//! If there is none of these, the request fails at once with
//! [`Class::Unavailable`](steeplechase_core::Class::Unavailable): with status 429 if all deployments are
//! cooling by promise, else with 503, and with the shortest time after which one of them is back.
//!
//! # Which of them gets it
//!
//! | [`Strategy`] | Picks | Each keeps being used |
//! |---|---|---|
//! | [`WeightedShuffle`] | by chance and weight | by weight |
//! | [`LeastBusy`] | the fewest in flight, for the weight | while it is no busier |
//! | [`LowestLatency`] | the lowest time to the first content, times the queue | yes |
//! | [`HotCold`] | the quickest of those that are not the busiest | yes |
//! | [`SuccessRate`] | by chance, weight and successes | yes |
//! | [`CheapestFirst`] | the lowest price for this call | no |
//! | [`SloCheapest`] | the cheapest that is quick enough | once a minute |
//! | [`UsageBased`] | the one of which the least is used | while it is no fuller |
//! | [`Affinity`] | who has had the conversation before, else as another strategy | as that does |
//!
//! *Yes* is: each gets at least one pick of a hundred by chance, and all together get one of five. What a
//! strategy knows of the request, [`Describe`] tells it.
//!
//! # Large groups
//!
//! A group of up to [`Sampling::SMALL`] deployments is looked at whole. Of a larger one each strategy says how it is
//! sampled, and a pick among a thousand costs as much as one among sixteen:
//!
//! ```text
//!  lowest order ──► draw: one by weight │ six by chance │ the first eight by price │ eight near to an affinity
//!                     │     who cannot take the request is drawn again, up to 48 in all
//!                     ├──► somebody can, and somebody else could ──► Strategy::pick
//!                     └──► else: all are looked at, as in a small group
//! ```
//!
//! So it is never a matter of chance whether there is a pick, nor whether the order counts. What is drawn by weight
//! has exactly the chances of [`WeightedShuffle`]. One that is drawn and due for a probe is probed by the same rule.
//! How many alternatives there are is then known as *some*, and not to the last.
//!
//! # Probes
//!
//! A circuit that was open long enough lets one request through, to see. That request is somebody's, so
//! the probe goes to a request that can afford it: its first attempt, with another deployment and
//! another attempt in reserve, so that a failed probe costs it no more than a retry. A request without
//! such a reserve is used one time in ten, or a group whose requests have one attempt each would never
//! get its deployments back. An attempt after the first in a group is never used while a healthy deployment is
//! there. A probe of a deployment with a higher order than those in use waits until it is needed.
//!
//! # What it records
//!
//! A call is in flight at its deployment, see [`Load`](steeplechase_core::Load), until the end of the
//! response *body*. The latency of a success is the time until the response future resolved, which is the
//! first content with a commit layer inside. A failure counts as slow, or a deployment that fails fast
//! would look best. The caller's faults count as nothing. An attempt that was dropped, because it lost
//! a race or because the caller went away, has shown that the answer takes *at least* as long as it was
//! waited for: that counts if it is longer than what was expected.
//!
//! The response says who has served it: [`ServedBy`] is in its extensions.
//!
//! # Cancellation
//!
//! Dropping the response future, or the response body, drops the attempt and ends its place among those
//! in flight.
//!
//! # Where it goes in a stack
//!
//! Inside whatever starts attempts (retry, hedge, race), so that each attempt can go elsewhere. It picks
//! in `call` and is always ready: it never waits for a deployment that it will not use.
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use steeplechase_core::{BoxError, Deployment, Dialect};
//! use steeplechase_layers::route::{RouteLayer, ServedBy, WeightedShuffle};
//! use tower::timeout::TimeoutLayer;
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! async fn client(_: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, BoxError> {
//!     Ok(Response::new(Full::from("hello")))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), BoxError> {
//! let deployments = ["eu-1", "us-1"].map(|id| Deployment::builder(id, "fast", Dialect::OpenAi).build());
//! let service = ServiceBuilder::new()
//!     .layer(RouteLayer::new(deployments, WeightedShuffle::new(), |deployment| {
//!         // One stack for each deployment: a layer, or a tuple of layers.
//!         let timeout = deployment.timeout().unwrap_or(Duration::from_secs(600));
//!         (TimeoutLayer::new(timeout),)
//!     }))
//!     .service_fn(client);
//!
//! let response = service.oneshot(Request::default()).await?;
//! let ServedBy(deployment) = response.extensions().get().expect("the router says who served it");
//! assert!(["eu-1", "us-1"].contains(&deployment.id()));
//! # Ok(())
//! # }
//! ```

mod affinity;
mod alias;
mod asked;
mod busy;
mod call;
mod candidates;
mod cheapest;
mod choose;
mod describe;
mod dice;
mod eligible;
mod future;
mod hash;
mod hot_cold;
mod latency;
mod layer;
mod metrics;
mod policy;
mod quickest;
mod roster;
mod sample;
mod scores;
mod service;
mod shuffle;
mod slo;
mod success;
mod survey;
mod trace;
mod unfit;
mod usage;

#[cfg(test)]
mod tests;

pub use self::affinity::Affinity;
pub use self::asked::Asked;
pub use self::busy::LeastBusy;
pub use self::call::DescribeCall;
pub use self::candidates::{Candidate, Candidates};
pub use self::cheapest::CheapestFirst;
pub use self::describe::{Describe, Undescribed};
pub use self::eligible::{Eligible, Every};
pub use self::future::ResponseFuture;
pub use self::hot_cold::HotCold;
pub use self::latency::LowestLatency;
pub use self::layer::RouteLayer;
pub use self::metrics::describe_metrics;
pub use self::policy::{Sampling, Strategy};
pub use self::scores::Scores;
pub use self::service::{Route, ServedBy};
pub use self::shuffle::WeightedShuffle;
pub use self::slo::SloCheapest;
pub use self::success::SuccessRate;
pub use self::usage::UsageBased;
pub use steeplechase_core::deployment::FailOpen;
