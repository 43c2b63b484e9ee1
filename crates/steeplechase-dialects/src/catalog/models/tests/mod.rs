//! The table of models, one sentence for each test.

mod book;
mod data;
mod known;
mod names;
mod price_map;

use steeplechase_core::Usage;

use super::*;

/// What a call costs, in dollars.
fn dollars(provider: &str, model: &str, usage: Usage) -> String {
    let model = get(provider, model).unwrap_or_else(|| panic!("there is no {provider}/{model}"));
    model.price().cost(&usage).to_string()
}

/// A prompt, and an answer to it.
fn tokens(prompt: u64, completion: u64) -> Usage {
    Usage {
        prompt,
        completion,
        ..Usage::ZERO
    }
}
