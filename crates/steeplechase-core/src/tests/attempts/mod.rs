//! Attempts are one resource, whoever asks.

mod model;
mod near;
mod rules;
mod sharing;
mod traces;

use crate::attempts::{Attempts, Denied, Kind};

fn denied(attempts: &Attempts, kind: Kind) -> Denied {
    attempts.try_start(kind).expect_err("it should be denied")
}
