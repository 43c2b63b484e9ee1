//! Tries again when an attempt has failed in a way that another attempt may not.
//!
//! ```text
//!                       another deployment can take it: at once
//! attempt 1  ├───────╳
//! attempt 2          ├──────────● answers
//!
//!                       there is no other: after a wait
//! attempt 1  ├───────╳
//!                    └ hint, or backoff ┐
//! attempt 2                             ├──────────● answers
//! ```
//!
//! # What happens after an attempt
//!
//! 1. The [`Classify`] says what its outcome means. A success is the answer. So is a failure that
//!    another attempt would share: a wrong call, or one that only another model can take.
//! 2. Where to? If a router says in [`Attempts`] that another deployment can take an attempt, at once:
//!    a wait would protect the one that failed, and not its sibling. The same if the failure itself
//!    says that it is the kind that passes at once ([`Retry::Same`](steeplechase_core::Retry::Same)).
//! 3. Otherwise after a wait: as long as the server has asked for, and up to a tenth more, so that a
//!    fleet does not come back as one; or, if it has not asked, a backoff with full jitter. A wait that
//!    is longer than [`RetryConfig::max_wait`], or that would pass the deadline, is not begun: the
//!    caller is told at once.
//! 4. What the same place will never do is tried again elsewhere only: with another key, where there is
//!    credit left, where the model exists. And who has to wait because of a limit, and has another model to
//!    go to, goes there.
//! 5. The attempt is started if [`Attempts`] gives leave. Attempts are one resource, shared with the
//!    hedges, races and fallbacks of the same request.
//!
//! # How often
//!
//! | Who says it                    | By                                                                   |
//! |--------------------------------|----------------------------------------------------------------------|
//! | the call itself                | [`Controls::num_retries`]: it goes before all others                   |
//! | a policy for a class of failure | [`RetryConfig::policy`], which may be another in each group            |
//! | the deployment that has failed | [`Deployment::num_retries`]                                           |
//! | the layer                      | [`RetryConfig::max_retries`]                                          |
//!
//! The failed attempt is dropped before the next one starts, the body of a failed response included.
//!
//! # Which failure is answered
//!
//! Of several failures, the one that the caller can make most of, see [`Class::usefulness`]; at a tie
//! the last one, whose hint when to come back is the freshest. A failed *response* is gone once another
//! attempt has started, so what competes with the last outcome is the *errors* before it. Above the
//! translation every failure is an error.
//!
//! The error is that of the service inside, unchanged.
//!
//! # Where it goes in a stack
//!
//! Outside whatever picks the upstream, so that each attempt can go elsewhere, and outside a layer that
//! answers at the first content and not at the head, so that it sees failures after `200 OK` too. A
//! body that fails once its response was answered is not tried again: the caller has a part of it.
//!
//! A request that was never processed, such as one on a connection that was closed while it was idle,
//! is best sent again by the HTTP client, which knows that; hyper's does so.
//!
//! # Cancellation
//!
//! Dropping the response future drops the attempt in flight, or ends the wait, and returns its place in
//! the budget.
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//!
//! use http::{Request, Response, StatusCode};
//! use steeplechase_core::BoxError;
//! use steeplechase_layers::retry::RetryLayer;
//! use tokio::time::Instant;
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), BoxError> {
//! // An upstream that is busy for two seconds, and says so.
//! let started = Instant::now();
//! let upstream = move |_: Request<&'static str>| async move {
//!     let mut response = Response::new(());
//!     if started.elapsed() < Duration::from_secs(2) {
//!         *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
//!         response.headers_mut().insert("retry-after", 2.into());
//!     }
//!     Ok::<_, BoxError>(response)
//! };
//!
//! let service = ServiceBuilder::new()
//!     .layer(RetryLayer::new())
//!     .service_fn(upstream);
//!
//! let response = service.oneshot(Request::new("hello")).await?;
//! assert_eq!(response.status(), StatusCode::OK);
//! assert!(started.elapsed() >= Duration::from_secs(2));
//! # Ok(())
//! # }
//! ```
//!
//! [`Attempts`]: steeplechase_core::Attempts
//! [`Class::usefulness`]: steeplechase_core::Class::usefulness
//! [`Classify`]: steeplechase_core::Classify
//! [`Controls::num_retries`]: steeplechase_core::Controls::num_retries
//! [`Deployment::num_retries`]: steeplechase_core::Deployment::num_retries

mod config;
mod future;
mod layer;
mod metrics;
mod policy;
mod service;

#[cfg(test)]
mod tests;

pub use self::config::RetryConfig;
pub use self::future::ResponseFuture;
pub use self::layer::RetryLayer;
pub use self::metrics::describe_metrics;
pub use self::policy::RetryPolicy;
pub use self::service::Retry;
