//! `litellm_settings`: what in it says the same as `router_settings`, which wins where both say it.

use std::time::Duration;

use super::fallbacks::Fallbacks;
use crate::config::known;
use crate::config::model::{BudgetSettings, PriceMapFile};
use crate::config::node::Cursor;

use super::answers::keepalive;
use super::limits::budgets;
use super::params::{names, unverified};
use super::prices::price_map;

/// What was read.
#[derive(Default)]
pub(in crate::config) struct Litellm {
    pub(super) num_retries: Option<u32>,
    pub(super) timeout: Option<Duration>,
    pub(super) allowed_fails: Option<u32>,
    pub(super) drop_params: Option<bool>,
    pub(super) allowed_params: Vec<String>,
    pub(super) modify_params: bool,
    pub(super) keepalive: Option<Duration>,
    pub(super) messages_keepalive: Option<Duration>,
    pub(super) fallbacks: Fallbacks,
    pub(super) tag_budgets: Vec<(String, BudgetSettings)>,
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
            "allowed_openai_params" => settings.allowed_params = names(&field),
            "modify_params" => settings.modify_params = field.flag().unwrap_or(false),
            "tag_budget_config" => settings.tag_budgets = budgets(&field),
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
            "ssl_verify" => unverified(&field),
            _ if settings.fallbacks.read(&field) => {}
            _ => known::LITELLM.report(&field),
        }
    }
    settings
}
