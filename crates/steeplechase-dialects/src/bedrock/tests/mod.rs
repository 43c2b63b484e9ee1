//! What is told of a model's name, and what holds for any input. What is sent and read is in the golden
//! cases.

mod models;
mod properties;
mod requests;
