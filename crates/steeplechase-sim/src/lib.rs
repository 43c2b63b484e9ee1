//! A simulated LLM provider, for demos, tests and benchmarks.
//!
//! It speaks the dialects of OpenAI and Anthropic, whole and streamed, with tools and thinking. It
//! refuses what they would refuse. It is as slow, as flaky and as broken as it is told to be, and
//! counts what becomes of each request. Everything that chance decides comes from a seed, so that
//! a run repeats exactly.
//!
//! ```text
//!  POST …/chat/completions ┐    ┌────────────────────── Sim ──────────────────────┐
//!  POST …/embeddings       │    │ script ─► faults ─► brownout    what happens     │
//!  GET  …/models           ├──► │ latency, tokens per second      when             ├──► response
//!  POST …/messages         │    │ check ─► reply ─► frames        what is said     │
//!  POST …/count_tokens     ┘    └── counts · requests · cancelled_at ─────────────┘
//! ```
//!
//! A [`Sim`] is a [`tower::Service`] over plain HTTP, that runs in memory and on tokio's paused
//! clock. With the feature `server` it is a server on a socket as well, `SimServer`.
//!
//! # Example
//!
//! ```
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http::Request;
//! use http_body_util::{BodyExt, Full};
//! use steeplechase_sim::{Behaviour, Sim};
//! use tokio::time::Instant;
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The first request is refused, the second one has to wait for its first token.
//! let sim = Sim::new("north").script([
//!     Behaviour::error(503),
//!     Behaviour::answer()
//!         .text("Over the hedge")
//!         .first_token_after(Duration::from_millis(800)),
//! ]);
//! let request = || {
//!     let body = r#"{"model": "m", "messages": [{"role": "user", "content": "Where to?"}]}"#;
//!     Request::post("/v1/chat/completions").body(Full::from(body))
//! };
//!
//! let refused = sim.clone().oneshot(request()?).await?;
//! assert_eq!(refused.status(), 503);
//!
//! let started = Instant::now();
//! let answer = sim.clone().oneshot(request()?).await?;
//! assert_eq!(started.elapsed(), Duration::from_millis(800));
//! let answer: Bytes = answer.into_body().collect().await?.to_bytes();
//! let answer: serde_json::Value = serde_json::from_slice(&answer)?;
//! assert_eq!(answer["choices"][0]["message"]["content"], "Over the hedge");
//! assert_eq!(answer["system_fingerprint"], "north");
//!
//! let counts = sim.counts();
//! assert_eq!((counts.started, counts.failed, counts.completed), (2, 1, 1));
//! # Ok(())
//! # }
//! ```

mod anthropic;
mod behaviour;
mod body;
mod clock;
mod config;
mod counts;
mod draw;
mod error;
mod hold;
mod latency;
mod openai;
mod plan;
mod recorded;
mod refusal;
mod reply;
mod respond;
mod route;
#[cfg(feature = "server")]
mod server;
mod service;
mod sim;

#[cfg(test)]
mod tests;

pub use self::behaviour::{Behaviour, RawEvent, Usage};
pub use self::body::SimBody;
pub use self::counts::Counts;
pub use self::error::{SimError, SimErrorKind};
pub use self::latency::Latency;
pub use self::recorded::Recorded;
#[cfg(feature = "server")]
pub use self::server::SimServer;
pub use self::service::ResponseFuture;
pub use self::sim::Sim;
