//! Sends no attempts where they are of no use.
//!
//! There are two reasons to leave a deployment alone, and they must not be mixed up. A *promise* is
//! about time: the provider has said when to come back, or its key is spent. Nothing is to be found out
//! before then. The *circuit* is about health: a breaker has inferred from failures that the deployment
//! does not work, and has to find out when it works again.
//!
//! ```text
//!  promise   429, quota, key, model   ──►  not before T          no evidence is gathered, T passes
//!
//!                  5 failures in a row, too few or
//!                  too slow successes, or silence       10 s, 20 s, 30 s
//!  circuit   Closed ─────────────────────────►  Open  ─────────────────►  HalfOpen
//!              ▲                                 ▲ ▲                       │ │ │
//!              │ 30 s                            │ └──── probe failed ─────┘ │ │
//!            Ramp ─────── trips as above ────────┘       probe says nothing ─┘ │
//!              ▲             (the place of the probe is free again)            │
//!              └─────────────────────────── probe succeeded ───────────────────┘
//! ```
//!
//! # Promises
//!
//! | Outcome                       | How long                                                   |
//! |-------------------------------|------------------------------------------------------------|
//! | rate limited                  | as the provider asks; else 1 s, 2 s, 4 s … 60 s in a row    |
//! | overloaded                    | as the provider asks; else 1 s, 2 s, 4 s … 60 s in a row *  |
//! | other failures                | as the provider asks, if it does                           |
//! | quota spent                   | 15 min                                                     |
//! | key refused, model not found  | 5 min                                                      |
//!
//! An overload without a time (*) counts only while the group can do without the deployment, and if it is more
//! than one failure among many answers: see [`CooldownConfig::rest`].
//!
//! Of the attempts that were in flight together, only one makes the time without a hint longer. A
//! promise is only ever made longer by another, never shorter.
//!
//! # The circuit
//!
//! | It trips when                                                          | Evidence of         |
//! |------------------------------------------------------------------------|---------------------|
//! | 5 hard failures in a row (Finagle, linkerd and Envoy do)               | it is dead          |
//! | less than 80 % of at least 10 outcomes in 30 s were successes          | it fails too often  |
//! | half of at least 20 successes in 30 s came late *                      | it is slow          |
//! | 5 attempts wait for 4 times the p99, and nothing has succeeded since * | it does not answer  |
//!
//! The last two (*) need to know how quick the group is: see [`Peers`]. Late is what takes longer than 4
//! times the p95 of the others, and than 4 times what is usual for the deployment itself: one that was
//! never any faster has its place in the group. Of the others it is the middle that counts, so that one
//! that is slow too does not make it usual. Silence is seen before the first attempts are given up, when
//! there are many more. One that was dropped when it should have been answered counts as one that waits,
//! or hedges that always win would hide an outage for as long as they are in time.
//!
//! It opens for 10 s at first and for twice as long each time, up to 30 s. It
//! remembers: one step is forgotten for each minute without an opening, so that what flaps is soon left
//! alone for longer.
//!
//! * A rate limit counts against the share of successes and fails a probe, but it is no hard failure:
//!   the deployment works.
//! * What the caller has done, what this gateway has done, and what was dropped say nothing. What was
//!   dropped after 4 times the p99 is a failure: it has not lost a race, it was stuck.
//! * An answer counts when its head is there (its first content, with a commit layer inside), and again
//!   if its body fails. To wait for the end would hold back what is known by the length of an answer.
//! * What an attempt shows counts only while the circuit has not opened since it began: a hundred
//!   stragglers say nothing about now.
//! * There is one probe at a time. A probe that was dropped makes room for another at once, one that
//!   hangs does after [`CooldownConfig::probe_ttl`]. If the second in a row has lost after the time in
//!   which most are answered, they have failed: else a hedge that always wins would keep it asking.
//!
//! At most half of a group is open, so that what all of it meets does not leave its traffic to the last
//! few. Those that have worked in the last 30 s, and fail too often now, stay closed then; those without
//! a single success are no loss, and open all the same. When all are open, a router takes the least bad.
//!
//! # The provider
//!
//! ```text
//!   eu-1 ─┐  three open within 10 s,
//!   eu-2 ─┼─ of an outage ──────────► Provider  Open ──► HalfOpen ──► Ramp ──► Closed
//!   eu-3 ─┘                               │
//!   eu-4 ◄──── is not used either ────────┘     one probe for all
//! ```
//!
//! When three deployments of a [`Provider`] open together, all that depend on it are left alone. An
//! outage is what it fails, is overloaded, is too late or not to be reached by; not a rate limit. A group
//! whose only provider it is does not depend on it: it would have nobody left.
//!
//! All of it is read from a [`Health`], so that a router can steer around a deployment that is not to
//! be used, and seldom gets a refusal at all. The circuit is published when it changes. `Ramp` becomes
//! `Closed` with the first attempt after the ramp; until then a router reads a ramp that is over.
//!
//! # Refusals
//!
//! They come from `call`, at once, and never from `poll_ready`: class
//! [`Unavailable`](steeplechase_core::Class::Unavailable), scope
//! [`Deployment`](steeplechase_core::Scope::Deployment), to be retried at another deployment, with the
//! time to wait as far as that is known. A request with [`FailOpen`] in its extensions passes an open
//! circuit.
//!
//! # Where it goes in a stack
//!
//! Outermost in the stack of one deployment, right inside whatever picks it. With two stacks for one
//! deployment, the last to speak is believed.
//!
//! # Cancellation
//!
//! Dropping the response future drops the attempt. It counts as nothing; if it was the probe, the next
//! attempt can be one. Dropping the response body counts as nothing either.
//!
//! # Example
//!
//! ```
//! use std::io;
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use steeplechase_core::Class;
//! use steeplechase_layers::cooldown::{CooldownConfig, CooldownLayer};
//! use tower::{Service, ServiceBuilder, ServiceExt};
//!
//! // A bare client that cannot connect.
//! async fn client(_: Request<()>) -> io::Result<Response<Full<Bytes>>> {
//!     Err(io::ErrorKind::ConnectionRefused.into())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let config = CooldownConfig::new().consecutive(2);
//! let mut service = ServiceBuilder::new()
//!     .layer(CooldownLayer::with(config))
//!     .service_fn(client);
//!
//! for class in [Class::Transport, Class::Transport, Class::Unavailable] {
//!     let error = service.ready().await.unwrap().call(Request::new(())).await.unwrap_err();
//!     assert_eq!(error.class(), class);
//! }
//! # }
//! ```
//!
//! [`Health`]: steeplechase_core::Health

mod attempt;
mod breaker;
mod config;
mod future;
mod gate;
mod history;
mod layer;
mod metrics;
mod peers;
mod promise;
mod provider;
mod rules;
mod service;
mod usual;
mod waiting;
mod watch;
mod window;

#[cfg(test)]
mod tests;

pub use self::config::CooldownConfig;
pub use self::future::ResponseFuture;
pub use self::layer::CooldownLayer;
pub use self::metrics::describe_metrics;
pub use self::peers::Peers;
pub use self::provider::Provider;
pub use self::service::Cooldown;
pub use self::watch::Witness;
pub use steeplechase_core::deployment::FailOpen;
