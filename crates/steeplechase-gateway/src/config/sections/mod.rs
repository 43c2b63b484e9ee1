//! One file for each section of a configuration: from a cursor to plain data.

mod answers;
mod aws;
mod fallbacks;
mod general;
mod limits;
mod litellm;
mod models;
mod params;
mod prices;
mod providers;
mod router;

pub(super) use self::fallbacks::{Rule, Target};
pub(super) use self::general::general;
pub(super) use self::litellm::litellm;
pub(super) use self::models::{Placed, models};
pub(super) use self::prices::price_map_of_environment;
pub(super) use self::providers::providers;
pub(super) use self::router::{Router, router};
