//! OpenAI's Responses, as callers speak them.
//!
//! ```text
//! the call ──► a provider that speaks it: forwarded ────────────────► Judge: content? end? usage?
//!          └─► another: parse ──► ChatRequest, Terms ─► … ─► Event ─► Encoder ─► response.… events
//!                                                     └─ Answer ────────┘     └► a response
//! ```
//!
//! Nothing is kept here from one call to the next. A caller sends the whole conversation, and is told so
//! if it refers to an earlier response, to a conversation or to an item by name; a provider that has
//! this API of its own gets such calls as they are. `store` is always `false` in an answer.
//!
//! # Reasoning
//!
//! What a model has thought is an item before the item to which it has led. Providers that seal it,
//! and want it back in the next call, get it back: with `reasoning.encrypted_content` in `include` the
//! item carries the seals, in a form of our own that names its version and whose they are. No provider
//! is shown another's.
//!
//! # Tools
//!
//! | Tool                               | For a provider without this API                             |
//! |------------------------------------|-------------------------------------------------------------|
//! | `function`, `custom`               | the same, as far as the provider can                        |
//! | `namespace`                        | its tools, under names that say where they are from         |
//! | `web_search`                       | the provider's own search, if it has one                    |
//! | `tool_search`                      | left out: all tools are there from the start                |
//! | others, which run at the provider  | a `400` that names the tool                                 |
//!
//! # Example
//!
//! ```
//! use std::convert::Infallible;
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::{BodyExt, Full};
//! use steeplechase_core::{Deployment, Dialect};
//! use steeplechase_dialects::intake::IntakeLayer;
//! use steeplechase_dialects::translate::TranslateLayer;
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! // A provider that speaks another dialect.
//! async fn client(_: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
//!     Ok(Response::new(Full::from(
//!         r#"{"id":"7","content":[{"type":"text","text":"Norway"}],"stop_reason":"end_turn"}"#,
//!     )))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let deployment = Deployment::builder("eu-1", "fast", Dialect::Anthropic).build();
//! let service = ServiceBuilder::new()
//!     .layer(IntakeLayer::new())
//!     .layer(TranslateLayer::to(&deployment))
//!     .service_fn(client);
//!
//! let call = Full::new(Bytes::from(r#"{"model":"fast","input":"Where is Bergen?"}"#));
//! let request = Request::post("/v1/responses").body(call).unwrap();
//! let answer = service.oneshot(request).await.unwrap();
//! let answer = answer.into_body().collect().await.unwrap().to_bytes();
//! let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
//! assert_eq!(answer["status"], "completed");
//! assert_eq!(answer["output"][0]["content"][0]["text"], "Norway");
//! # }
//! ```

mod encoder;
mod failed;
mod head;
mod items;
mod judge;
mod look;
mod ours;
mod params;
mod request;
mod seal;
mod terms;
mod unroll;

#[cfg(test)]
mod tests;

pub(crate) use self::encoder::Encoder;
pub(crate) use self::failed::Trail;
pub(crate) use self::judge::{Judge, weigh_answer};
pub(crate) use self::ours::without_ours;
pub(crate) use self::params::{of_chat, own_name};
pub(crate) use self::request::parse;
pub use self::terms::Terms;
pub(crate) use self::unroll::unroll;
