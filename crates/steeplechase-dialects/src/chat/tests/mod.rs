//! What the neutral form reads and writes.

mod answer;
pub(crate) mod chunks;
mod fuzz;
mod parse;
mod small;
