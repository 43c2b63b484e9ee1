//! What the intake does, one sentence for each test.

mod behaviour;
mod rest;
mod scanning;
