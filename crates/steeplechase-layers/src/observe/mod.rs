//! Records what became of each attempt.
//!
//! Every attempt is recorded once, and none is lost: one that fails, one that loses a race, and one
//! whose caller goes away in the middle of an answer have cost something too.
//!
//! ```text
//!             call           first content              end
//! Complete     ├───────────────────●───────────────────────┤   the body ended, after a frame that says so
//! Failed       ├──────────╳        :                       :   an error, from the future or from the body
//! Dropped      ├───────────────────●─────────✂             :   the future or the body was dropped
//!              :                   :                       :
//!              └── first_content ──┘                       :
//!              └────────────────── elapsed ────────────────┘   usage: the largest figures of all frames
//! ```
//!
//! What an attempt has cost follows from its usage and the [`Pricing`] of the deployment, or the one in the
//! extensions of the response, if the deployment's depends on the model. It is booked when the attempt
//! ends, streams included: the losers of a race too.
//!
//! What a provider has not said of an attempt that it has worked for is estimated, if there is a [`Policy`]
//! that says about how many tokens the request has. Such usage is marked, see
//! [`Usage::is_estimated`](steeplechase_core::Usage::is_estimated).
//!
//! | How it ended                                    | Is booked as                                       |
//! |-------------------------------------------------|----------------------------------------------------|
//! | complete, and usage was reported                | that                                               |
//! | complete without usage                          | the prompt, and all that was said                  |
//! | broken off or dropped after the first content   | what was reported, or else the prompt; and what was said since |
//! | dropped, or given up at a timeout, before it    | the prompt                                         |
//! | any other failure before it; never sent         | nothing, or what was reported                      |
//!
//! The record goes to three places: the log of the request's [`Attempts`], the metrics of the deployment,
//! and, if there is one, a [`Sink`].
//!
//! * The time to the first content is the time until the response future resolved, so a commit layer
//!   belongs inside this one. Without it, it is the time to the head.
//! * An answer whose frames say when it is complete, and which ends without such a frame, is
//!   [`Truncated`](steeplechase_core::Class::Truncated). An answer of plain bytes is complete at its end.
//! * A body that is dropped after the frame that ends the answer is complete: nothing was missed.
//! * What the model has said is what the frames say of it: see
//!   [`Carries::said`](steeplechase_core::Carries::said). Frames that say nothing count as nothing.
//!
//! # Budgets
//!
//! With [`purses`](ObserveLayer::purses) an attempt draws on those of its deployment, of its provider, and of the tags of
//! its request: what it is expected to cost is reserved while it is under way, and what it has cost is spent when it
//! ends, whoever has won or lost. Nothing is refused here: whoever picks a deployment looks first whether there is
//! anything left, see [`purse`](steeplechase_core::purse).
//!
//! # What it costs
//!
//! A frame costs a look at its flags: no allocation, no clock, no lock. An attempt costs two looks at the
//! clock, some multiplications, and one entry in the log. The metrics of a success are handles that are made with the stack.
//!
//! # Where it goes in a stack
//!
//! In the stack of one deployment, outside the commit layer and inside whatever refuses attempts: a
//! refusal is no attempt.
//!
//! # Cancellation
//!
//! Dropping the response future or the response body records the attempt as
//! [`Dropped`](steeplechase_core::attempts::Ending::Dropped), in the same instant.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body::Body;
//! use http_body_util::{BodyExt, Full};
//! use steeplechase_core::attempts::Ending;
//! use steeplechase_core::{Attempts, Chunk, Deployment, Dialect, Error, Usage};
//! use steeplechase_layers::observe::ObserveLayer;
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! // A provider whose answer is one frame.
//! async fn upstream(
//!     _: Request<()>,
//! ) -> Result<Response<impl Body<Data = Chunk, Error = Error>>, Error> {
//!     let usage = Usage { prompt: 7, completion: 2, ..Usage::default() };
//!     let chunk = Chunk::whole(Bytes::from("hello")).and_usage(usage);
//!     Ok(Response::new(Full::new(chunk).map_err(Error::from)))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let deployment = Deployment::builder("eu-1", "fast", Dialect::OpenAi).build();
//! let service = ServiceBuilder::new()
//!     .layer(ObserveLayer::new(&deployment))
//!     .service_fn(upstream);
//!
//! let mut request = Request::new(());
//! let attempts = Attempts::of(request.extensions_mut());
//! let response = service.oneshot(request).await.unwrap();
//! assert!(attempts.log().is_empty(), "the answer has only begun");
//!
//! response.into_body().collect().await.unwrap();
//! let attempt = &attempts.log()[0];
//! assert_eq!(&*attempt.deployment, "eu-1");
//! assert_eq!(attempt.ending, Ending::Complete);
//! assert_eq!(attempt.usage.unwrap().total(), 9);
//! # }
//! ```
//!
//! [`Attempts`]: steeplechase_core::Attempts
//! [`Pricing`]: steeplechase_core::Pricing

mod future;
mod layer;
mod metrics;
mod policy;
mod recording;
mod service;
mod sink;
mod spending;

#[cfg(test)]
mod tests;

pub use self::future::ResponseFuture;
pub use self::layer::ObserveLayer;
pub use self::metrics::describe_metrics;
pub use self::policy::{AsReported, Policy};
pub use self::recording::Recorder;
pub use self::service::Observe;
pub use self::sink::{AttemptReport, Sink};
