//! What the intake does, one sentence for each test.

mod abilities;
mod amending;
mod behaviour;
mod forms;
mod patching;
mod rest;
mod scanning;
