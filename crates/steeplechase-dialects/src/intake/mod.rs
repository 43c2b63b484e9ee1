//! From a request of bytes to a [`Call`], and back from an answer to bytes.
//!
//! ```text
//!  Request<B> ──► collect, bounded ──► scan the head ──► Request<Call> ──► …
//!                      │ too large          │ not JSON, no model
//!                      ▼                    ▼
//!  Response<ResponseBody<B>> ◄── render in the caller's dialect ◄── Err(Error)
//!                            ◄── the answer, frame by frame      ◄── Ok(Response<B>)
//! ```
//!
//! This is the outermost of our layers: above it there is HTTP as everybody knows it, so all of
//! `tower-http` fits on top; below it a call is typed and a failure is an [`Error`]. Its own error is
//! [`Infallible`]: a failure is an answer.
//!
//! * A call is known by its path, which is all of it: `/v1/chat/completions`, also without the version, or
//!   after `/openai`, `/openai/deployments/{model}` or `/engines/{model}`. Which model is asked for is said
//!   in the body.
//! * The body is collected once, up to [`IntakeConfig::max_body`]. What is more is `413`.
//! * A request that is refused by its head is answered when the [`Rest`] of it is there, if that is
//!   small, so that the connection can be used again.
//! * The head is scanned once, without a tree: see [`scan`]. Fields that are for the gateway and for no
//!   provider, such as `fallbacks`, `timeout` and `api_key`, are marked there, and are not forwarded.
//! * What they ask of the gateway, and headers such as `x-litellm-timeout`, become the call's
//!   [`Controls`](steeplechase_core::Controls), as far as [`IntakeConfig::overrides`] lets callers.
//! * What is passed on as it is, such as a call for an image, may also be a form in parts. Of it no more
//!   is read than which model it is for.
//! * A failure before the answer has begun is a response with a status, in the caller's dialect. One
//!   after it has begun is an error event, and the stream ends there, without the mark of a complete
//!   answer. A whole answer that fails halfway breaks off, as HTTP has it.
//! * The [`Attempts`] of the call are in the extensions of the response, also of one that failed.
//!
//! # Cancellation
//!
//! Dropping the response future, or the body, drops everything that was started for the call.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::combinators::UnsyncBoxBody;
//! use http_body_util::{BodyExt, Full};
//! use steeplechase_core::{Call, Chunk, Error};
//! use steeplechase_dialects::intake::IntakeLayer;
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! type Answer = UnsyncBoxBody<Chunk, Error>;
//!
//! async fn stack(request: Request<Call>) -> Result<Response<Answer>, Error> {
//!     let model = Bytes::copy_from_slice(request.body().model().as_bytes());
//!     let body = Full::new(Chunk::whole(model)).map_err(Error::from);
//!     Ok(Response::new(body.boxed_unsync()))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let service = ServiceBuilder::new().layer(IntakeLayer::new()).service_fn(stack);
//!
//! let request = Request::post("/v1/chat/completions")
//!     .body(Full::new(Bytes::from(r#"{"model":"fast","messages":[]}"#)))
//!     .unwrap();
//! let answer = service.clone().oneshot(request).await.unwrap();
//! assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "fast");
//!
//! let request = Request::post("/v1/chat/completions").body(Full::new(Bytes::from("{}"))).unwrap();
//! let answer = service.oneshot(request).await.unwrap();
//! assert_eq!(answer.status(), 400);
//! # }
//! ```
//!
//! [`Attempts`]: steeplechase_core::Attempts
//! [`Call`]: steeplechase_core::Call
//! [`Error`]: steeplechase_core::Error
//! [`Infallible`]: std::convert::Infallible

mod abilities;
mod amend;
mod anthropic;
mod body;
mod config;
mod controls;
mod form;
mod future;
mod layer;
mod patch;
mod path;
mod render;
mod rest;
mod scan;
mod service;

#[cfg(test)]
mod tests;

pub use self::abilities::needs;
pub use self::body::ResponseBody;
pub use self::config::IntakeConfig;
pub(crate) use self::controls::plain_metadata;
pub use self::controls::{Control, Overrides, mock_of};
pub(crate) use self::form::fields_of;
pub use self::future::ResponseFuture;
pub use self::layer::IntakeLayer;
pub use self::patch::with_fields;
pub(crate) use self::patch::{Fields, Left, without_fields};
pub use self::path::{dialect_at, is_endpoint, nothing_here};
pub use self::render::{error_event, error_response};
pub use self::rest::Rest;
pub(crate) use self::scan::is_own;
pub use self::scan::scan;
pub use self::service::Intake;
