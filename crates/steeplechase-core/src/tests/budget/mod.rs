//! What a group may spend on extra attempts.

mod model;
mod rules;

use crate::Budget;

/// Takes out all there is, one after the other, and says how many that were.
fn withdraw_all(budget: &Budget) -> u64 {
    std::iter::from_fn(|| budget.try_withdraw())
        .map(drop)
        .fold(0, |n, ()| n + 1)
}
