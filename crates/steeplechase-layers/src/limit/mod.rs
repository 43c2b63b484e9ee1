//! Lets no more requests run than a deployment takes: at a time, in a minute, and in a day.
//!
//! An answer of a model takes long, so a provider counts what is in progress. This layer takes a
//! permit for each request and holds it until the end of the response *body*: a streamed answer whose
//! head is there has only begun.
//!
//! ```text
//!            call            head            frames            end
//! request     ├───────────────┼────────────────┼────────────────┤
//! permit      ├─────────────────────── held ────────────────────┤ free
//!
//! requests    - 1
//! tokens      - estimate       ┄┄┄┄┄┄┄┄┄┄ as they are reported ┄┄┄┄┄┄┄ + estimate - what was used
//!
//! one more    ╳ refused at once: Class::Unavailable, for another deployment to take
//! ```
//!
//! If there may be only so many requests or tokens in a minute or a day, it also takes those, see
//! [`limits`](steeplechase_core::deployment::limits). A [`Policy`] says how many tokens a request is expected to need; what it
//! has used instead is settled when the body has ended, or is dropped: what the provider has reported, and of
//! what it has not the estimate of the prompt, and what the model has said so far. A request that failed has
//! used none, unless it was given up, and one that was never sent is not even a request.
//!
//! It never waits. A request that finds no permit fails at once, and the layers outside send it
//! elsewhere. It refuses in `call` and not in `poll_ready`, which would take the whole service out of
//! use. A router that reads the same [`Limits`](steeplechase_core::Limits) does not even send it:
//! [`LimitLayer::tracking`] shares them.
//!
//! # What it costs
//!
//! Two atomic operations a request, limit or no limit. With rates, a look at the clock when it begins and one
//! when it is settled, and two or three atomic operations more.
//!
//! # Cancellation
//!
//! Dropping the response future or the body frees the permit, and settles what it had reserved.
//!
//! # Where it goes in a stack
//!
//! In the stack of one deployment, outside the timeouts. It works over any request, and over a bare HTTP
//! client.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::{BodyExt, Full};
//! use steeplechase_core::{BoxError, Class};
//! use steeplechase_layers::limit::LimitLayer;
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! async fn upstream(_: Request<()>) -> Result<Response<Full<Bytes>>, BoxError> {
//!     Ok(Response::new(Full::from("hello")))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), BoxError> {
//! let service = ServiceBuilder::new().layer(LimitLayer::new(1)).service_fn(upstream);
//!
//! let response = service.clone().oneshot(Request::new(())).await?;
//! let refused = service.clone().oneshot(Request::new(())).await.unwrap_err();
//! assert_eq!(refused.class(), Class::Unavailable);
//!
//! // The permit is free when the body has ended.
//! response.into_body().collect().await?;
//! service.oneshot(Request::new(())).await?;
//! # Ok(())
//! # }
//! ```

mod future;
mod layer;
mod meter;
mod metrics;
mod policy;
mod service;

#[cfg(test)]
mod tests;

pub use self::future::ResponseFuture;
pub use self::layer::LimitLayer;
pub use self::meter::Meter;
pub use self::metrics::describe_metrics;
pub use self::policy::{Policy, Unmeasured};
pub use self::service::Limit;
