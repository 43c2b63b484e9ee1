//! Limits how long each phase of an answer may take, and says which one took too long.
//!
//! ```text
//!               head    content  ping  ping  content      end
//! upstream  ├─────┼────────●──────○─────○──────●─── … ─────┤
//!           └── first ─────┘└────┘└────┘└─────┘              byte idle: between two frames
//!           │   token       └─────────────────┘              content idle: between two with content
//!           └───────────────── total ──────────────────────┘
//! ```
//!
//! | Limit          | Over                                            | Reset by             |
//! |----------------|-------------------------------------------------|----------------------|
//! | *first token*  | the response future; a body before its content  | nothing              |
//! | *patience*     | the response future, if another may be made     | nothing              |
//! | *byte idle*    | the body                                        | any frame            |
//! | *content idle* | the body                                        | a frame with content |
//! | *total*        | all of it                                       | nothing              |
//!
//! Two idle limits are needed: a provider whose model hangs may send pings for ever.
//!
//! If the request has a deadline, see [`Attempts`], an answer whose frames say what they carry has to
//! have begun by then, and one of bytes has to be complete. Nothing is limited until it is set, and what
//! is not limited costs nothing: no timer, and no look at the clock.
//!
//! # Whose time it is
//!
//! The idle clocks run only while *we* wait for the upstream. They start when the body is polled and
//! has no frame, and not when the last frame was handed on, so a caller who reads slowly never looks
//! like a provider that has stalled. For the same reason a frame that is here is always handed on, even
//! if it came too late by the clock. *Total* and the deadline are absolute, and are looked at while we
//! wait.
//!
//! What counts as content is said by the frames, see [`Carries`]. Over a bare HTTP client, whose frames
//! are bytes, any byte does.
//!
//! *Patience* is another kind of limit: whoever could have another attempt is given up for it, and nobody else, see
//! [`Patience`]. How long that should be is learnt by [`Pace`].
//!
//! # After a timeout
//!
//! The error is an [`Error`] of [`Class::Timeout`], whose [`Phase`] says which limit it was, and which
//! can be tried again elsewhere. If it was the request's deadline, there is no time for that either: the
//! [`Scope`](steeplechase_core::Scope) is the request, and it is not to be tried again.
//!
//! The upstream's future or body is dropped in the same poll, so that the upstream sees the cancel even
//! if the caller keeps what is left. The body then is at its end.
//!
//! # Where it goes in a stack
//!
//! Inside whatever makes several attempts, so that each has its own limits, and outside a layer that
//! answers at the first content: there *first token* is a limit of the future, and what exceeds it can
//! be tried again. Without such a layer the future is over at the head, and *first token* goes on in the
//! body.
//!
//! # What it costs
//!
//! A frame that is ready costs a comparison or two. A wait costs one look at the clock. There is one
//! timer for the future and one for the body, made when the body first has to wait; it is not moved for
//! each frame, but when it fires and is found to be early.
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use steeplechase_core::{BoxError, Class, Phase};
//! use steeplechase_layers::timeout::TimeoutLayer;
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! // An upstream that never answers.
//! async fn upstream(_: Request<()>) -> Result<Response<Full<Bytes>>, BoxError> {
//!     std::future::pending().await
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let service = ServiceBuilder::new()
//!     .layer(
//!         TimeoutLayer::new()
//!             .first_token(Duration::from_secs(30))
//!             .content_idle(Duration::from_secs(60)),
//!     )
//!     .service_fn(upstream);
//!
//! let error = service.oneshot(Request::new(())).await.unwrap_err();
//! assert_eq!(error.class(), Class::Timeout(Phase::FirstToken));
//! assert_eq!(error.to_string(), "no first token within 30 s");
//! # }
//! ```
//!
//! [`Attempts`]: steeplechase_core::Attempts
//! [`Carries`]: steeplechase_core::Carries
//! [`Class::Timeout`]: steeplechase_core::Class::Timeout
//! [`Error`]: steeplechase_core::Error
//! [`Phase`]: steeplechase_core::Phase

mod body;
mod clocks;
mod config;
mod future;
mod layer;
mod limit;
mod metrics;
mod pace;
mod patience;
mod policy;
mod service;

#[cfg(test)]
mod tests;

pub use self::body::TimeoutBody;
pub use self::config::Timeouts;
pub use self::future::ResponseFuture;
pub use self::layer::TimeoutLayer;
pub use self::metrics::describe_metrics;
pub use self::pace::Pace;
pub use self::patience::Patience;
pub use self::policy::{ByStream, Fixed, Policy};
pub use self::service::Timeout;
