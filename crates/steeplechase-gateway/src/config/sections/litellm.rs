//! `litellm_settings`: what in it says the same as `router_settings`, which wins where both say it.

use std::time::Duration;

use super::fallbacks::Fallbacks;
use crate::config::known;
use crate::config::model::PriceMapFile;
use crate::config::node::Cursor;

use super::answers::keepalive;
use super::prices::price_map;

/// What was read.
#[derive(Default)]
pub(in crate::config) struct Litellm {
    pub(super) num_retries: Option<u32>,
    pub(super) timeout: Option<Duration>,
    pub(super) allowed_fails: Option<u32>,
    pub(super) drop_params: Option<bool>,
    pub(super) keepalive: Option<Duration>,
    pub(super) messages_keepalive: Option<Duration>,
    pub(super) fallbacks: Fallbacks,
    pub(in crate::config) azure_managed_identity: bool,
    pub(in crate::config) price_map: Option<PriceMapFile>,
}

/// Reads the section.
pub(in crate::config) fn litellm(section: &Cursor<'_>) -> Litellm {
    let mut settings = Litellm::default();
    for field in section.fields() {
        match field.key() {
            "num_retries" => settings.num_retries = field.whole(0, "2"),
            "request_timeout" => settings.timeout = field.limit("600"),
            "allowed_fails" => settings.allowed_fails = field.whole(0, "3"),
            "drop_params" => settings.drop_params = field.flag(),
            "sse_keepalive_ping_interval_seconds" => settings.keepalive = keepalive(&field),
            "anthropic_sse_ping_interval_seconds" => {
                settings.messages_keepalive = keepalive(&field);
            }
            "enable_azure_ad_token_refresh" => {
                settings.azure_managed_identity = field.flag().unwrap_or(false);
            }
            // No error has anything of the router in it, so there is nothing to hide.
            "expose_router_debug_in_errors" => {}
            "model_cost_map_url" => settings.price_map = price_map(&field),
            _ if settings.fallbacks.read(&field) => {}
            _ => known::LITELLM.report(&field),
        }
    }
    settings
}
