//! LLM calls over several providers, on a stack of [tower] layers.
//!
//! `steeplechase` is one set of layers that can be used in three ways. This page shows each of them,
//! in that order: a client in process, the layers in a service of your own, and one layer alone. The
//! gateway, a program in place of the LiteLLM proxy, is the crate `steeplechase-gateway`.
//!
//! # A client, in process
//!
//! ```no_run
//! use steeplechase::Client;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // Every provider whose key is in the environment: OPENAI_API_KEY, ANTHROPIC_API_KEY, …
//! let client = Client::from_env()?;
//!
//! let mut stream = client
//!     .chat("openai/gpt-4o-mini")
//!     .user("What is a steeplechase?")
//!     .stream()
//!     .await?;
//! while let Some(delta) = stream.next().await {
//!     print!("{}", delta?.text());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Several deployments of one model, and what to do when they fail, are a [`Preset`]: see
//! [`client`] and [`preset`].
//!
//! # The layers, in a service of your own
//!
//! ```
//! use steeplechase::dialects::intake::IntakeLayer;
//! use steeplechase::layers::hedge::{Delay, HedgeConfig};
//! use steeplechase::{Deployment, Dialect, Group, HttpClient, Preset};
//! use tower::ServiceBuilder;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let deployments = ["eu", "us"].map(|region| {
//!     Deployment::builder(region, "fast", Dialect::OpenAi)
//!         .base_url(format!("https://{region}.example.com/v1").parse().expect("a valid URL"))
//!         .upstream_model("gpt-4o-mini")
//!         .build()
//! });
//! let stack = Preset::new()
//!     .group(Group::new("fast", deployments).lowest_latency())
//!     .hedge(HedgeConfig::new(Delay::Auto))
//!     .build(HttpClient::new())?;
//!
//! // HTTP in, HTTP out: mount it in axum or hyper, with all of tower-http around it.
//! let service = ServiceBuilder::new().layer(IntakeLayer::new()).service(stack);
//! # let _ = service;
//! # Ok(())
//! # }
//! ```
//!
//! [`preset`] is the file that puts the recommended stack together. A stack in another order is the
//! same few lines in a `ServiceBuilder` of your own.
//!
//! # One layer, alone
//!
//! [`Retry`], [`Hedge`], [`Race`], [`Cooldown`] and [`Timeout`] work over any HTTP client whose
//! requests can be cloned, and know nothing of models:
//!
//! ```
//! use std::time::Duration;
//!
//! use bytes::Bytes;
//! use http_body_util::Full;
//! use hyper_util::client::legacy::Client;
//! use hyper_util::rt::TokioExecutor;
//! use steeplechase::layers::hedge::HedgeLayer;
//! use steeplechase::layers::retry::RetryLayer;
//! use tower::ServiceBuilder;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let service = ServiceBuilder::new()
//!     .layer(HedgeLayer::after(Duration::from_millis(800)))
//!     .layer(RetryLayer::new())
//!     .service(Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>());
//! # let _ = service;
//! # }
//! ```
//!
//! # How it hangs together
//!
//! ```text
//!   Request<B>             bytes, from a socket or a test
//!     │ Intake             collects the body, scans its head
//!   Request<Call>          what a caller asks for; cloning it clones a handle
//!     │ Fallback, Race, Models, Hedge, Retry, Route
//!     │ Cooldown, Limit, Observe, Timeout, Commit
//!     │ Translate          writes the provider's own request
//!   Request<Full<Bytes>>   plain HTTP, for any client
//! ```
//!
//! * **A response is committed at its first content.** Until then, an error, also one that comes after
//!   `200 OK`, is an error of the future, and somebody else can still answer. That is
//!   [`layers::commit`]; everything outside of it needs no knowledge of streams.
//! * **Attempts are one resource.** Retry, hedge, race and fallback ask [`Attempts`] before they start
//!   one more, so they never multiply.
//! * **A failure is classified where it happens.** [`Error`] says who is to blame, where another
//!   attempt makes sense, and what the caller is told. No layer looks at a status code.
//! * **Dropping is cancelling.** The response future, or the body: the provider sees it at once.
//!
//! | Module           | Holds                                                                   |
//! |------------------|-------------------------------------------------------------------------|
//! | [`client`]       | calls to models, in process                                              |
//! | [`preset`]       | the recommended stack, in one visible place                              |
//! | [`eligible`]     | which deployments can take a call at all                                 |
//! | [`layers`]       | the mechanisms, a folder each                                            |
//! | [`dialects`]     | intake, translation, the wire formats, the catalog of providers          |
//! | [`http_client`]  | the HTTP client at the bottom                                            |
//! | `credentials`    | credentials that expire, with the features `aws` and `google`            |
//! | [`environment`]  | the providers whose keys are in the environment                          |
//!
//! The words that all of them share, such as [`Call`], [`Chunk`] and [`Deployment`], are at the root.
//!
//! [tower]: https://docs.rs/tower
//! [`Cooldown`]: layers::cooldown::Cooldown
//! [`Hedge`]: layers::hedge::Hedge
//! [`Race`]: layers::race::Race
//! [`Retry`]: layers::retry::Retry
//! [`Timeout`]: layers::timeout::Timeout

mod affordable;
mod begin;
pub mod client;
mod continuation;
#[cfg(any(feature = "aws", feature = "azure", feature = "google"))]
pub mod credentials;
pub mod eligible;
pub mod environment;
mod estimate;
mod group;
pub mod http_client;
mod names;
pub mod preset;
mod providers;
mod stack;

pub use steeplechase_core::{
    ApiKey, Attempts, BoxError, Budget, Call, Carries, Chunk, Class, Classify, Controls, Cost,
    DefaultClassifier, Deployment, Dialect, Error, FieldPath, Health, Limits, Load, ModelInfo,
    Operation, Outcome, Phase, Price, Pricing, Retry, Scope, Signal, Tally, Usage, attempts, call,
    chunk, classify, controls, deployment, error, model_info, price, purse,
};
pub use steeplechase_dialects as dialects;
pub use steeplechase_layers as layers;

pub use self::client::Client;
pub use self::http_client::{HttpClient, HttpClientConfig};
pub use self::preset::{Group, Preset, Stack};
