//! A simulated LLM provider, for demos, tests and benchmarks.
//!
//! It speaks the dialects of OpenAI, Anthropic, Google, Amazon, Cohere and Azure, whole and streamed,
//! with tools and thinking. It refuses what they would refuse, in their words. It is as slow, as flaky
//! and as broken as it is told to be, and counts what becomes of each request. Everything that chance
//! decides comes from a seed, so that a run repeats exactly.
//!
//! ```text
//!  …/chat/completions · /completions        ┐
//!  …/responses · /embeddings · /models      │
//!  …/openai/deployments/{d}/… · /openai/v1  │   ┌────────────────────── Sim ──────────────────────┐
//!  …/messages · /messages/count_tokens      │   │ script ─► faults ─► brownout    what happens     │
//!  …/models/{m}:generateContent · …         ├─► │ latency, tokens per second      when             ├─► response
//!  …/publishers/anthropic/…:rawPredict      │   │ check ─► reply ─► frames        what is said     │
//!  …/model/{m}/converse · /invoke · …       │   └── counts · requests · cancelled_at ─────────────┘
//!  …/v2/chat · /v2/embed · /v2/rerank       ┘
//! ```
//!
//! Whose dialect a request is in is seen from the last segments of its path. What comes before them
//! does not matter, so that one sim can be many providers.
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

mod admit;
mod answer;
mod anthropic;
mod aws;
mod azure;
mod bedrock;
mod behaviour;
mod body;
mod clock;
mod cohere;
mod config;
mod counts;
mod dialect;
mod draw;
mod embed;
mod error;
mod gemini;
mod google;
mod hold;
mod latency;
mod openai;
mod percent;
mod plan;
mod quirks;
mod recorded;
mod refusal;
mod reply;
mod respond;
mod responses;
mod route;
#[cfg(feature = "server")]
mod server;
mod service;
mod shape;
mod sim;
mod sse;
mod vertex;

#[cfg(test)]
mod tests;

pub use self::aws::Aws;
pub use self::behaviour::{Behaviour, RawEvent, Usage};
pub use self::body::SimBody;
pub use self::counts::Counts;
pub use self::error::{SimError, SimErrorKind};
pub use self::latency::Latency;
pub use self::quirks::Quirks;
pub use self::recorded::Recorded;
#[cfg(feature = "server")]
pub use self::server::SimServer;
pub use self::service::ResponseFuture;
pub use self::sim::Sim;
