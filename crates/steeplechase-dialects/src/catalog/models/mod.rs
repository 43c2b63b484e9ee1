//! Models as data: what they cost, how much fits into them, and what they can do.
//!
//! ```text
//!  data/*.prices ──► text ──► ModelTable ◄── PriceMap ◄── LiteLLM's JSON, by path
//!                                 │
//!  provider, model ──► names ─────┤ 1 provider/model   2 model   3 without region, version or date
//!                                 ▼
//!                        Model: Price, ModelInfo, and where the figures are from
//!                                 │
//!             PriceBook ──────────┴──► Pricing, for a deployment
//!             and what is to happen where there is no price
//! ```
//!
//! Each row of the table says which page of the provider its figures are from, and on which day they were
//! taken over; a figure without a page is not there. The table is read once, when it is first asked for,
//! in about a millisecond.
//!
//! # What the figures are
//!
//! List prices in dollars, without taxes, discounts and free quotas. Where a provider has prices for some
//! hours of the day, the table has the higher ones.
//!
//! # Example
//!
//! ```
//! use steeplechase_core::Usage;
//! use steeplechase_core::model_info::Ability;
//! use steeplechase_dialects::catalog::models;
//!
//! let model = models::get("openai", "gpt-4o-mini").unwrap();
//! assert_eq!(model.info().max_input_tokens, Some(128_000));
//! assert_eq!(model.info().abilities.get(Ability::Tools), Some(true));
//!
//! let usage = Usage { prompt: 1_000, completion: 500, ..Usage::default() };
//! assert_eq!(model.price().cost(&usage).to_string(), "0.00045");
//! ```

mod book;
mod fields;
mod model;
mod names;
mod price_map;
mod table;
mod text;

#[cfg(test)]
mod tests;

pub use self::book::{PriceBook, Unpriced};
pub use self::fields::{PriceFields, ability_of};
pub use self::model::Model;
pub use self::price_map::PriceMap;
pub use self::table::{ModelTable, all, get, search};
