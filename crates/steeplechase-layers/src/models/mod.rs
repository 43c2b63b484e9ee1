//! From a model's name to the stack of its group.
//!
//! A *group* is what serves one model: deployments, and the layers over them. This layer looks up the
//! model that a call asks for, and sends the call down the stack of its group.
//!
//! ```text
//!                  Table: one look-up
//!  Call "fast" ───► "fast" ────────────────► group "fast" ── Hedge ── Retry ── Route ─┬─ eu-1
//!  Call "quick" ──► "quick" = alias ───────►  as "fast"                               └─ us-1
//!  Call "slow" ───► "slow" ────────────────► group "slow" ── Retry ── Route ─── eu-2
//!  Call "fsat" ───► 404 model_not_found
//! ```
//!
//! * A call by an alias goes on under the name of the group, so nothing further in knows of aliases. An
//!   alias with the name of a group hides the group, as in LiteLLM.
//! * A name may be of some deployments of a group only, as [`TableBuilder::part`] has it: the id of one, or the
//!   provider's name for a model, which is the last that is looked at.
//! * A call to a group with a [`Budget`](steeplechase_core::Budget) counts as one of the group's requests,
//!   and its extra attempts draw on that budget.
//! * The response says which group has answered: [`ModelGroup`] is in its extensions.
//!
//! # A new table under running calls
//!
//! [`Models::replace`] puts another [`Table`] in place, for all clones of the service. Calls and streams
//! that have begun end as they would have; their stacks go when the last of them does.
//!
//! # Cancellation
//!
//! Dropping the response future drops the call in its group.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use steeplechase_core::call::{Call, Dialect, Head, Operation};
//! use steeplechase_core::{Class, Error};
//! use steeplechase_layers::models::{Models, Table};
//! use tower::{Service, ServiceExt};
//!
//! async fn fast(request: Request<Call>) -> Result<Response<Full<Bytes>>, Error> {
//!     Ok(Response::new(Full::from(request.body().model().to_owned())))
//! }
//!
//! fn call(model: &str) -> Request<Call> {
//!     let mut head = Head::default();
//!     head.model = model.into();
//!     Request::new(Call::new(Operation::Chat, Dialect::OpenAi, Bytes::new(), head))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let table = Table::builder()
//!     .group("fast", tower::service_fn(fast), None)
//!     .alias("quick", "fast")
//!     .build()?;
//! let models = Models::new(table);
//! assert_eq!(models.names(), ["fast".into(), "quick".into()]);
//!
//! assert!(models.clone().oneshot(call("quick")).await.is_ok());
//! let error = models.oneshot(call("fsat")).await.unwrap_err();
//! assert_eq!(error.class(), Class::NotFound);
//! assert_eq!(error.code(), Some("model_not_found"));
//! # Ok(())
//! # }
//! ```
//!
//! With [`ModelsLayer`] the stacks are built over one client, group by group:
//!
//! ```
//! use std::sync::Arc;
//!
//! use steeplechase_core::{Budget, Deployment, Dialect};
//! use steeplechase_layers::models::{ModelsLayer, Table};
//! # use tower::layer::util::Identity;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let deployments = vec![Deployment::builder("eu-1", "fast", Dialect::OpenAi).build()];
//! let groups = Table::builder()
//!     .group("fast", deployments, Some(Budget::default()))
//!     .alias("quick", "fast")
//!     .build()?;
//! let layer = ModelsLayer::new(groups, |deployments: &Vec<Arc<Deployment>>| {
//!     // A layer, or a tuple of layers: such as Hedge, Retry, and Route over `deployments`.
//! #   let _ = deployments;
//! #   Identity::new()
//! });
//! # let _ = layer;
//! # Ok(())
//! # }
//! ```

mod builder;
mod future;
mod layer;
mod metrics;
mod service;
mod table;

#[cfg(test)]
mod tests;

pub use self::builder::{TableBuilder, TableError};
pub use self::future::{ModelGroup, ResponseFuture};
pub use self::layer::ModelsLayer;
pub use self::metrics::describe_metrics;
pub use self::service::Models;
pub use self::table::Table;
