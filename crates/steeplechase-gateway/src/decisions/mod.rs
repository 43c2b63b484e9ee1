//! Why a call was served as it was: a record of each of the latest calls, in memory.
//!
//! ```text
//!  request ─► begin: a number, a trace ─► intake ─► ask: the call ─► the layers write ─► tell: the status
//!                │                                                                         │
//!                ▼                                                    x-steeplechase-decision: 8c3f…
//!         a ring of the latest N ◄── GET /v1/decisions/{id}, GET /v1/decisions?limit=
//! ```
//!
//! A record has handles and numbers in it, and becomes text when somebody asks. There is nothing of a prompt,
//! of a key or of a URL in it. The layers write to it as they decide: what is under way is there too.
//!
//! # What it costs
//!
//! A call costs two looks at the clock, a number by chance, and a place in the ring; an attempt costs a look at
//! the health of each deployment of its group, of groups of up to
//! [16](steeplechase::attempts::Trace::MOST_STANDINGS), and a copy of its entry in the log. A record takes about a
//! kilobyte until it is overwritten.

mod attempt;
mod id;
mod layer;
mod page;
mod record;
mod ring;

#[cfg(test)]
mod tests;

pub(crate) use self::layer::RecordLayer;
pub use self::ring::Decisions;
