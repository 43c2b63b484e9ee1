//! What a call costs.
//!
//! ```text
//!  Usage ──► parts that do not overlap ──┐
//!            fresh, read, written, …     ├──► part × rate, added up ──► rounded once ──► Cost
//!  Price ──► the rates that apply ───────┘    pico-dollars                              nano-dollars
//!            service, size of the prompt
//! ```
//!
//! A [`Rate`] is a whole number of pico-dollars, as prices of a token are below a nano-dollar: $0.02 for a
//! million tokens is 20 000 pico-dollars for one. All arithmetic is on whole numbers, and exact; the sum is
//! rounded to nano-dollars once, at its end, half a nano-dollar upwards. So a [`Cost`] is never more than
//! half a nano-dollar from the truth, however many parts it has.
//!
//! * A [`Price`] is what a provider states: a rate for some [units](Unit), in some [tiers](Tier). What it
//!   does not state follows from what it does: cached tokens cost as fresh ones, reasoning as output.
//! * A tier above some size of the prompt applies to the whole call, as soon as its prompt is larger.
//! * A [`Pricing`] is what is known about the price of a deployment's calls; that may be nothing.
//!
//! # Example
//!
//! ```
//! use steeplechase_core::Usage;
//! use steeplechase_core::price::{Price, Rate, Tier, Unit};
//!
//! # fn main() -> Result<(), steeplechase_core::price::InvalidRate> {
//! let price = Price::builder()
//!     .rate(Unit::Input, Rate::per_million("1.25")?)
//!     .rate(Unit::CacheRead, Rate::per_million("0.125")?)
//!     .rate(Unit::Output, Rate::per_million("10")?)
//!     .rate_in(Tier::above(200_000), Unit::Input, Rate::per_million("2.50")?)
//!     .build();
//!
//! let usage = Usage { prompt: 1_000, cache_read: 400, completion: 500, ..Usage::default() };
//! // 600 × 1.25 + 400 × 0.125 + 500 × 10 for a million of each.
//! assert_eq!(price.cost(&usage).to_string(), "0.0058");
//! # Ok(())
//! # }
//! ```

mod cost;
mod decimal;
mod parts;
mod pricing;
mod rate;
mod table;
mod unit;

pub use self::cost::Cost;
pub use self::pricing::{PriceList, Pricing};
pub use self::rate::{InvalidRate, Rate};
pub use self::table::{Price, PriceBuilder, Rates, Service, Tier};
pub use self::unit::Unit;
