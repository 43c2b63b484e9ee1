//! The words of `steeplechase`.
//!
//! Every other crate speaks in these types, and none of them does any work of its own: no sockets, no
//! JSON, no tasks. A service author who wants a layer of their own to cooperate with ours needs this
//! crate and nothing else.
//!
//! ```text
//! Request<Call>          Call         what a caller asks for: bytes, head, model
//!   extensions           Attempts     what all attempts of one request share
//!        │
//!        ▼
//!   one stack for each   Deployment   where it can be served: health, load, limits
//!        │
//!        ▼
//! Response<Body>         Chunk        one frame of an answer, that says what it carries
//!   Data = Chunk         Usage        what the answer has taken, in tokens
//!                        Tally        about how many tokens a text has
//!   Error = Error        Price        what that costs
//!                        Error        a failure that is already classified
//! ```
//!
//! | Module         | Holds                                                                        |
//! |----------------|------------------------------------------------------------------------------|
//! | [`call`]       | [`Call`], its [`Head`](call::Head), [`Dialect`], [`Operation`]                |
//! | [`chunk`]      | [`Chunk`], and [`Carries`], by which a generic layer asks what a frame is     |
//! | [`error`]      | [`Error`], [`Class`], [`Scope`], [`Retry`], [`Phase`]                         |
//! | [`classify`]   | [`Classify`]: how a layer asks what an outcome means, in either world         |
//! | [`attempts`]   | [`Attempts`] and [`Budget`]: attempts are one resource                        |
//! | [`controls`]   | [`Controls`]: what a call asks of the gateway itself                          |
//! | [`deployment`] | [`Deployment`] with its [`Health`], [`Load`] and [`Limits`]                   |
//! | [`quantile`]   | quantiles of the latest values, in memory that does not grow                  |
//! | [`price`]      | [`Price`] and [`Cost`]: exact, in whole numbers                               |
//! | [`purse`]      | [`Purse`](purse::Purse): what may be spent in a while                         |
//! | [`model_info`] | [`ModelInfo`]: how much fits into a model, and what it can do                 |
//!
//! # Example
//!
//! ```
//! use steeplechase_core::{Class, Classify, DefaultClassifier, Error, Retry};
//!
//! // The same classifier reads a bare HTTP answer and an error of ours.
//! let busy = http::Response::builder().status(503).header("retry-after", "2").body(()).unwrap();
//! let outcome = DefaultClassifier.classify(Ok::<_, &Error>(&busy));
//! assert_eq!(outcome.class, Some(Class::Overloaded));
//! assert_eq!(outcome.retry_after, Some(std::time::Duration::from_secs(2)));
//!
//! let error = Error::new(Class::ContextWindow, "the prompt is too long");
//! let outcome = DefaultClassifier.classify(Err::<&http::Response<()>, _>(&error));
//! assert_eq!(outcome.retry, Retry::OtherModel);
//! ```

pub mod attempts;
mod cached;
pub mod call;
pub mod chunk;
pub mod classify;
pub mod controls;
pub mod deployment;
pub mod error;
mod field_path;
pub mod model_info;
pub mod price;
pub mod purse;
pub mod quantile;
mod retry_after;
mod secret;
mod tally;
mod usage;

#[cfg(test)]
mod tests;

pub use self::attempts::{Attempts, Budget};
pub use self::cached::Cached;
pub use self::call::{Call, Dialect, Operation};
pub use self::chunk::{Carries, Chunk};
pub use self::classify::{Classify, DefaultClassifier, Outcome, Signal};
pub use self::controls::Controls;
pub use self::deployment::{Deployment, Health, Limits, Load};
pub use self::error::{Class, Error, Phase, Retry, Scope};
pub use self::field_path::{FieldPath, Step};
pub use self::model_info::ModelInfo;
pub use self::price::{Cost, Price, Pricing};
pub use self::retry_after::RetryAfter;
pub use self::secret::ApiKey;
pub use self::tally::Tally;
pub use self::usage::Usage;

/// A boxed error, as tower and hyper have it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
