//! `router_settings`.

mod attempts;
mod policies;
mod section;
mod strategy;

pub(in crate::config) use self::policies::allowed_fails_policy;
pub(in crate::config) use self::section::{Router, router};
