//! Asks for another model when the one asked for does not answer.
//!
//! Which model that is depends on why: a prompt that is too long for one model wants a model with a
//! longer context, and an overloaded one wants any that is not.
//!
//! ```text
//!  call for "fast"                    retries are inside: each leg is a whole call
//!    │
//!    ├─► fast   ╳ overloaded          general("fast", ["small", "large"])
//!    ├─► small  ╳ timeout             general("small", ["tiny"])
//!    ├─► tiny   ╳ server              a target's own targets come before the rest
//!    └─► large  ● answers             FellBack { to: "large", legs: 3 }
//! ```
//!
//! # Which list
//!
//! | The failure                       | Targets                                                   |
//! |-----------------------------------|-----------------------------------------------------------|
//! | the prompt is too long            | [`Fallbacks::context_window`]                             |
//! | a content filter refused it       | [`Fallbacks::content_policy`]                             |
//! | any other that is not final       | [`Fallbacks::general`], else [`Fallbacks::default_targets`] |
//! | the caller's fault                | none: whoever gets the call will refuse it                |
//!
//! If nobody has a list for prompts that are too long, then these go by the general lists; if any model
//! has one, then a model without one has none. So with content filters. That is `LiteLLM`'s rule. A list for
//! the model `*` is that of every model without one of its own.
//!
//! # What the call itself says
//!
//! Its [`Controls`] go before the lists of the operator:
//!
//! | The call has                                          | So                                             |
//! |-------------------------------------------------------|------------------------------------------------|
//! | `fallbacks`, for any model                            | they are the targets of all failures            |
//! | `fallbacks`, instead of certain models                | they are the general targets of these           |
//! | `context_window_fallbacks`, `content_policy_fallbacks` | they are the targets of such failures            |
//! | `disable_fallbacks`                                   | no other model answers                          |
//! | `include_fallback_errors`                             | [`FallbackErrors`] say how each leg has failed   |
//! | `fail_first`                                          | the first leg fails so, and is not sent          |
//!
//! # What happens to a call
//!
//! 1. The first leg is the call as it came. If it succeeds, that is all that happens.
//! 2. When a leg fails, the targets of its model are put before those that are left, and the first that
//!    was not tried is asked. A target is tried once, and the model asked for is never a target: loops end.
//!    The same model with other fields, see [`Leg`], is another target.
//! 3. Each leg is made from the call as it came, so that nothing compounds.
//! 4. Each leg has its share of the time: what is left, divided by the legs that are left, at the least. So
//!    a model that hangs leaves time for another.
//! 5. When no target is left, or no attempt, or when a failure is final, the caller is told what the first
//!    leg has met, unless a later one has met something that the caller can make more of, see
//!    [`Error::or_more_useful`].
//!
//! # What it costs
//!
//! Each leg is one attempt of the request's [`Attempts`], and those within a leg are attempts too. So
//! that retries do not use them up, as many attempts are [held back][hold] as there are general targets,
//! and at most 4: with a limit of three attempts and two targets, no model is tried twice.
//!
//! A call for a model with targets is cloned once. A call for any other, and each call if there are no
//! targets at all, is handed on as it is.
//!
//! # Final errors
//!
//! An error that leaves this layer is marked as [final][into_final], so that a caller's SDK does not
//! multiply what was tried here, if
//!
//! * more than one attempt was made, by whatever layer; or
//! * no attempt is left, or one more was wanted and denied; or
//! * it makes no sense to try it anywhere.
//!
//! Any other error is of a call that had one attempt, and might have had more if somebody had wanted
//! them. It is left to the caller to try again.
//!
//! # Where it goes in a stack
//!
//! Outside of retries, hedges and races, and outside of whatever finds the deployments of a model: each
//! leg is a call of its own. The response says who has answered: [`FellBack`] is in its extensions.
//!
//! # Cancellation
//!
//! Dropping the response future drops the leg that is under way, and no other is started.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use steeplechase_core::call::Head;
//! use steeplechase_core::{Call, Class, Dialect, Error, Operation};
//! use steeplechase_layers::fallback::{FallbackLayer, Fallbacks, FellBack};
//! use tower::{ServiceBuilder, ServiceExt};
//!
//! async fn upstream(request: Request<Call>) -> Result<Response<Full<Bytes>>, Error> {
//!     match request.body().model() {
//!         "fast" => Err(Error::new(Class::Overloaded, "the provider is overloaded")),
//!         model => Ok(Response::new(Full::from(model.to_owned()))),
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let fallbacks = Fallbacks::default()
//!     .general("fast", ["large"])
//!     .context_window("fast", ["long"]);
//! let service = ServiceBuilder::new()
//!     .layer(FallbackLayer::new(fallbacks))
//!     .service_fn(upstream);
//!
//! let mut head = Head::default();
//! head.model = "fast".into();
//! let raw = Bytes::from_static(br#"{"model":"fast","messages":[]}"#);
//! let call = Call::new(Operation::Chat, Dialect::OpenAi, raw, head);
//!
//! let response = service.oneshot(Request::new(call)).await.unwrap();
//! let fell_back = response.extensions().get::<FellBack>().unwrap();
//! assert_eq!((&*fell_back.to, fell_back.legs), ("large", 1));
//! # }
//! ```
//!
//! [hold]: steeplechase_core::Attempts::begin_leg
//! [into_final]: steeplechase_core::Error::into_final
//! [`Attempts`]: steeplechase_core::Attempts
//! [`Controls`]: steeplechase_core::Controls
//! [`Error::or_more_useful`]: steeplechase_core::Error::or_more_useful
//! [`Leg`]: steeplechase_core::controls::Leg

mod config;
mod future;
mod itinerary;
mod layer;
mod metrics;
mod plan;
mod service;

#[cfg(test)]
mod tests;

pub use self::config::Fallbacks;
pub use self::future::{FallbackErrors, FellBack, ResponseFuture};
pub use self::layer::{FallbackLayer, Patch};
pub use self::metrics::describe_metrics;
pub use self::service::Fallback;
