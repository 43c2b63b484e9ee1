//! What becomes of one request.
//!
//! ```text
//! request ──┬── head_after ──┬── first_token_after ── token_gap ── token_gap ──► end
//!           │                │                      ▲
//!           ╳ reset          ╳ cut, stall, error    ╳ cut, stall, error, truncate
//!           ║ stall_before_head   after 0 tokens         after n tokens
//! ```
//!
//! A [`Behaviour`] is plain data. It starts as an [`answer`](Behaviour::answer) or as a failure,
//! and setters say how it differs from what the sim does by default.
//!
//! ```
//! use std::time::Duration;
//! use steeplechase_sim::Behaviour;
//!
//! let overloaded = Behaviour::error(503).header("retry-after", "2");
//! let slow = Behaviour::answer().first_token_after(Duration::from_secs(20));
//! let broken = Behaviour::answer().tokens(40).cut_after_tokens(7);
//! # let _ = (overloaded, slow, broken);
//! ```

mod parts;
mod setters;

pub(crate) use self::parts::{After, Break, Filter, How, Kind, Meaning};
pub use self::parts::{RawEvent, Usage};
pub use self::setters::Behaviour;
