//! The mechanisms of `steeplechase`: one tower layer a folder, one feature a layer.
//!
//! Each layer is usable alone. None of them knows JSON, none spawns a task, and dropping a response
//! future or a response body cancels all that was started for it.
//!
//! ```text
//!   Admission   a line for those that find no place
//!   Keepalive   a sign of life to a caller that waits
//!   Fallback    another model, by the kind of failure
//!   Race        several attempts at once, the first success wins
//!   Models      from a model's name to the stack of its group
//!   Continuation  another attempt goes on with an answer that has broken off
//!   Hedge       a second attempt when the first is slow
//!   Retry       another attempt when one has failed
//!   Route       from a group to one deployment
//!     Cooldown  no attempts where they are of no use
//!     Limit     no more at a time than a deployment takes
//!     Observe   what became of each attempt
//!     Timeout   how long each phase may take
//!     Commit    no answer before its first content
//! ```
//!
//! | Over                       | Layers                                                               |
//! |----------------------------|----------------------------------------------------------------------|
//! | any clonable request       | `Hedge`, `Race`, `Retry`                                              |
//! | any request                | `Admission`, `Commit`, `Cooldown`, `Limit`, `Observe`, `Timeout`      |
//! | `Request<Call>`            | `Continuation`, `Fallback`, `Keepalive`, `Models`, `Route`            |
//!
//! A layer that can refuse or fail by itself has [`steeplechase_core::Error`] for its error, and takes
//! any service whose error can be boxed. The others hand on the error of the service they wrap.
//!
//! Each folder has the same files in it, so a reader who knows one knows them all:
//!
//! | File         | Holds                                                              |
//! |--------------|--------------------------------------------------------------------|
//! | `mod.rs`     | the layer's front page: documentation and re-exports, no code       |
//! | `config.rs`  | the settings: plain data, with no state that is invalid             |
//! | `policy.rs`  | the decisions a user may replace                                    |
//! | `layer.rs`   | the [`tower::Layer`]                                                |
//! | `service.rs` | the [`tower::Service`]                                              |
//! | `future.rs`  | the response future, which is where the behaviour is                |
//! | `metrics.rs` | the names of the metrics, and the only calls that record them       |
//! | `tests/`     | the behaviour, one sentence for each test, and a model of it        |

pub mod body;

#[cfg(feature = "admission")]
pub mod admission;
#[cfg(feature = "commit")]
pub mod commit;
#[cfg(feature = "continuation")]
pub mod continuation;
#[cfg(feature = "cooldown")]
pub mod cooldown;
#[cfg(feature = "fallback")]
pub mod fallback;
#[cfg(feature = "hedge")]
pub mod hedge;
#[cfg(feature = "keepalive")]
pub mod keepalive;
#[cfg(feature = "limit")]
pub mod limit;
#[cfg(feature = "models")]
pub mod models;
#[cfg(feature = "observe")]
pub mod observe;
#[cfg(feature = "race")]
pub mod race;
#[cfg(feature = "retry")]
pub mod retry;
#[cfg(feature = "route")]
pub mod route;
#[cfg(feature = "timeout")]
pub mod timeout;
