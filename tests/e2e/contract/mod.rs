//! What every layer owes to those above and below it.
//!
//! ```text
//!               ┌ it makes ready what it calls, and calls what it has made ready
//!  Police ──►   │ it tells of a service that fails to get ready
//!  the layer ─► ┤ it finishes whenever what is inside does: no wake-up is lost
//!               │ dropped before any poll, of the future or of the body, it leaves nothing behind:
//!               └   no call, no permit, no gauge, and the next call works
//! ```
//!
//! A layer is a line in [`layers`]. What happens to the calls inside is in [`benches`], which say in
//! which world a layer is tested: above the translation, over a bare client, or where the two meet.

mod benches;
mod checks;
mod group;
#[cfg(test)]
mod layers;
mod run;
#[cfg(test)]
mod tests;

use self::benches::{Bench, Scenario};
use self::group::Group;
