//! What the intake does, one sentence for each test.

mod abilities;
mod behaviour;
mod forms;
mod rest;
mod scanning;
