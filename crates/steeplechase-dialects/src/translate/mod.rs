//! From a [`Call`] to the provider's own request, and from the provider's answer to [`Chunk`]s.
//!
//! ```text
//!  Request<Call> ──► the same dialect: splice ──────► Request<Full<Bytes>> ──► any HTTP client
//!                └─► another: parse and write ──►
//!
//!  Err(Error)    ◄── classify ◄── a status that is no success, a page, an error in a 200
//!  one Chunk     ◄── read, or translate ◄── a whole answer
//!  Chunk, Chunk… ◄── relay, or translate ◄─ a stream ◄──────────────── Response<B>
//! ```
//!
//! This is the innermost of our layers, and there is one for each deployment. Below it there is HTTP;
//! above it every failure is an [`Error`] that is already classified, and an answer says frame by
//! frame what it carries.
//!
//! * All that is the same for each call, such as URIs and headers, is made when the layer is.
//! * A caller's own headers are not passed on, and a provider's redirect is not followed: both would
//!   carry secrets to where they do not belong.
//! * The extensions of a request go into the request to the provider, and those of its response into
//!   the response.
//! * A call that has asked for a mock answer, see [`Mock`](steeplechase_core::controls::Mock), gets it
//!   from here, and so does one whose deployment is a mock: all layers see it, and no provider does.
//! * A whole answer has its [`Usage`](steeplechase_core::Usage) in the extensions of its response, for those
//!   who write headers. A deployment whose price depends on the model has that model's
//!   [`Pricing`](steeplechase_core::Pricing) there; one whose price is denied refuses the call.
//! * A stream in the caller's dialect is handed on byte for byte, as many whole events at a time as
//!   came together, without an allocation. An error event is never handed on: it is the body's `Err`.
//! * A whole answer to a call for a stream becomes a stream. The other way round it is a failure.
//! * A stream that ends before its end is a failure of [`Class::Truncated`](steeplechase_core::Class).
//!   No end is ever made up.
//!
//! # Cancellation
//!
//! Dropping the response future, or the body, drops what is under it. A body that has failed has
//! already dropped it. After the end of a stream the body reads on to the end of the connection's
//! response, so that the connection can be used again.
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::{BodyExt, Full};
//! use steeplechase_core::call::{Call, Dialect, Operation};
//! use steeplechase_core::deployment::Deployment;
//! use steeplechase_dialects::intake::scan;
//! use steeplechase_dialects::translate::TranslateLayer;
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! // A provider that answers with the request.
//! async fn client(request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
//!     assert_eq!(request.uri(), "https://api.openai.com/v1/chat/completions");
//!     let asked = request.into_body().collect().await?.to_bytes();
//!     assert_eq!(asked, r#"{"model":"gpt-4o-mini","messages":[]}"#);
//!     Ok(Response::new(Full::from(r#"{"choices":[{"message":{"content":"Bergen"}}]}"#)))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), steeplechase_core::Error> {
//! let deployment = Deployment::builder("eu-1", "fast", Dialect::OpenAi)
//!     .upstream_model("gpt-4o-mini")
//!     .build();
//! let service = ServiceBuilder::new()
//!     .layer(TranslateLayer::to(&deployment))
//!     .service_fn(client);
//!
//! let raw = Bytes::from(r#"{"model":"fast","messages":[]}"#);
//! let call = Call::new(Operation::Chat, Dialect::OpenAi, raw.clone(), scan(&raw)?);
//! let answer = service.oneshot(Request::new(call)).await?;
//! let chunk = answer.into_body().frame().await.unwrap()?.into_data().unwrap();
//! assert!(chunk.is_content() && chunk.is_end());
//! # Ok(())
//! # }
//! ```
//!
//! [`Call`]: steeplechase_core::Call
//! [`Chunk`]: steeplechase_core::Chunk
//! [`Error`]: steeplechase_core::Error

mod body;
mod caller;
mod framing;
mod future;
mod head;
mod headroom;
mod judge;
mod layer;
mod mending;
mod mock;
mod params;
mod pass;
mod plan;
pub(crate) mod provider;
mod reader;
mod service;
mod stream;
mod target;
pub(crate) mod wire;

#[cfg(test)]
mod tests;

pub use self::body::Chunks;
pub(crate) use self::caller::chat;
pub use self::future::ResponseFuture;
pub(crate) use self::judge::Judge;
pub use self::layer::TranslateLayer;
pub use self::pass::{address, take_provider};
pub use self::service::Translate;
