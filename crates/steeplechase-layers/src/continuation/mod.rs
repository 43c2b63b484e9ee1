//! Goes on with a streamed answer that has broken off, by another attempt.
//!
//! ```text
//!  attempt 1   The capital of Fra ╳ connection lost
//!  attempt 2   call + "The capital of Fra" as the assistant's words ──► nce is Paris.
//!  the caller  The capital of Fra · · · · · · · · · · · · · · · · · · · nce is Paris.
//!                                 : steeplechase-continued model=fast
//! ```
//!
//! Once a caller has a part of an answer, no other attempt can start it anew. But a model that goes on from
//! where an assistant's message ends can be asked for the rest. What the caller gets is one answer: one
//! start, one name, and at the end the usage of both attempts together. A comment marks the place.
//!
//! It is another model's turn in the middle of a sentence, and it is paid for twice. So it is off unless an
//! operator has asked for it.
//!
//! # When
//!
//! * The answer is streamed, and all of it so far is plain text: what is that, and which calls can only
//!   have such answers, says the [`Splice`] of the dialect.
//! * The attempt has failed because of the provider or of the way there: a lost connection, a timeout, an
//!   overload, a failure of the provider's own, an end before the end.
//! * It is the first time in this answer.
//! * [`Attempts`] give leave, and the budget of the group has a token.
//!
//! If the attempt for the rest fails before its first content, the caller is told of the first failure, as
//! without this layer; if it fails later, of that one.
//!
//! # Where it goes in a stack
//!
//! Outside whatever starts attempts and picks deployments, as the attempt for the rest is a call like any
//! other. It has [`Continues`] in its extensions, so that it can be kept away from models that would begin
//! a new answer. Inside a layer that answers at the first content, nothing would ever be continued.
//!
//! # What it costs
//!
//! Nothing, for a call that the [`Splice`] does not watch. For others a copy of the request, a look at each
//! frame, and the text so far.
//!
//! # Cancellation
//!
//! Dropping the body drops the attempt that is under way, the one for the rest too.
//!
//! # Example
//!
//! ```
//! use steeplechase_core::Call;
//! use steeplechase_layers::continuation::{ContinuationLayer, Splice};
//! # use steeplechase_layers::continuation::Seam;
//! # use steeplechase_core::{Chunk, Error};
//!
//! /// A dialect whose frames are words.
//! #[derive(Clone)]
//! struct Words;
//!
//! impl Splice for Words {
//!     type Seam = Said;
//!
//!     fn watch(&self, call: &Call) -> Option<Said> {
//!         call.head().stream.then(Said::default)
//!     }
//! }
//! # #[derive(Default)]
//! # struct Said(Vec<u8>);
//! # impl Seam for Said {
//! #     fn hear(&mut self, _: &Chunk) -> bool { true }
//! #     fn call(&mut self, _: &Call) -> Option<Call> { None }
//! #     fn mark(&self, _: &str) -> Option<Chunk> { None }
//! #     fn join(&mut self, chunk: Chunk) -> Result<Option<Chunk>, Error> { Ok(Some(chunk)) }
//! # }
//!
//! let layer = ContinuationLayer::new(Words);
//! # let _ = layer;
//! ```
//!
//! [`Attempts`]: steeplechase_core::Attempts

mod body;
mod future;
mod layer;
mod metrics;
mod policy;
mod service;

#[cfg(test)]
mod tests;

pub use self::body::{Continued, Continues};
pub use self::future::ResponseFuture;
pub use self::layer::ContinuationLayer;
pub use self::metrics::describe_metrics;
pub use self::policy::{Seam, Splice};
pub use self::service::Continuation;
