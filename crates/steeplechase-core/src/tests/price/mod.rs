//! What a call costs.

mod costs;
mod numbers;
mod properties;

use crate::price::{Price, PriceBuilder, Rate, Tier, Unit};

fn rate(dollars: &str) -> Rate {
    Rate::per_million(dollars).unwrap()
}

/// A price of tokens, in dollars for a million.
fn price(rates: &[(Tier, Unit, &str)]) -> Price {
    let add = |builder: PriceBuilder, (tier, unit, dollars): &(Tier, Unit, &str)| {
        builder.rate_in(*tier, *unit, rate(dollars))
    };
    rates.iter().fold(Price::builder(), add).build()
}
