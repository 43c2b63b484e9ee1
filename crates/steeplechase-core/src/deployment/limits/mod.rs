//! How much a deployment takes: at a time, in a minute, and in a day.
//!
//! ```text
//!            reserve                     settle
//!  call ──► in flight + 1                                   ──► in flight - 1, when the body has ended
//!           requests  - 1
//!           tokens    - the prompt's estimate               ──► tokens + what was reserved
//!                     - the longest answer to be expected   ──► tokens - what was used
//!
//!  head ◄── "of 500 requests 499 are left, and all in 120 ms"    what the provider says of its own limits
//! ```
//!
//! # Rates
//!
//! Requests and tokens a minute are buckets that fill up evenly ([GCRA]): a full one has a minute's worth in
//! it, which may be used at once; after that there is as much as has come in. There is no edge of a minute, as
//! there is where minutes are those of the clock, and as LiteLLM counts: nobody has to wait for a whole minute
//! to pass, and after a minute that was used up there is not at once another one. In any minute there is at
//! the most what was in the bucket, and what has come in: twice the limit after a pause, and the limit on
//! average. The limit itself may be used up to the last request.
//!
//! Tokens of prompts and of answers may have limits of their own, which hold beside one for both. Of several
//! limits the scarcest counts.
//!
//! # Days
//!
//! A limit for a day is for a day of the calendar, as the quotas of providers are: so much may be used from one
//! reset to the next, at any time of it, and [`Days`] says when that is. What a call has used counts on the day on
//! which it began.
//!
//! # Estimates
//!
//! A reservation is an estimate. When it is settled, the bucket gets back what was too much, or owes what was
//! too little: at most a minute's worth, so that one that is wrong by far does not close a deployment for
//! long. A day gets back no more than was taken of it, either.
//!
//! # The provider's own
//!
//! What a provider says of its limits in the headers of an answer is such a bucket too, which somebody else
//! keeps. It is believed until the next answer, and what is sent in between is taken off. The providers that
//! document it fill up evenly, so what is left grows until the reset; one that has windows refuses a call too
//! early, with a `retry-after` that counts.
//!
//! # What it costs
//!
//! Without rates, and without a word of the provider: two loads, and no clock. With them: a few more loads to
//! see whether there is room, and an exchange of a number for each that is reserved. Nothing is locked.
//!
//! [GCRA]: https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm

mod bucket;
mod daily;
mod handle;
mod measure;
mod output;
mod permit;
mod provider;
mod rates;
mod window;

pub use self::daily::Days;
pub use self::handle::{Full, Limits};
pub use self::measure::Measure;
pub use self::permit::{Need, Permit};
pub use self::provider::{Headroom, Quota};
