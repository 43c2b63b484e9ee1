//! `router_settings`.

use std::time::Duration;

use super::attempts::attempts;
use super::strategy;
use crate::config::diagnostic::At;
use crate::config::known;
use crate::config::model::{Alias, Compat, DeploymentParams, RouterSettings};
use crate::config::node::Cursor;
use crate::config::sections::fallbacks::{self, Fallbacks};
use crate::config::sections::limits::budgets;
use crate::config::sections::litellm::Litellm;
use crate::config::sections::params;

/// What was read, with the places that later checks need.
#[derive(Default)]
pub(in crate::config) struct Router {
    pub(in crate::config) settings: RouterSettings,
    pub(in crate::config) fallbacks: Fallbacks,
    /// The places of `settings.model_group_alias`.
    pub(in crate::config) aliases: Vec<At>,
}

impl Router {
    /// Takes from `litellm_settings` what is not said here.
    pub(in crate::config) fn inherit(mut self, litellm: Litellm) -> Self {
        let settings = &mut self.settings;
        settings.num_retries = settings.num_retries.or(litellm.num_retries);
        settings.timeout = settings.timeout.or(litellm.timeout);
        settings.allowed_fails = settings.allowed_fails.or(litellm.allowed_fails);
        settings.drop_params = litellm.drop_params;
        settings.tag_budgets = litellm.tag_budgets;
        settings.allowed_params = litellm.allowed_params;
        settings.modify_params = litellm.modify_params;
        settings.keepalive = litellm.keepalive;
        settings.messages_keepalive = litellm.messages_keepalive;

        self.fallbacks = self.fallbacks.or(litellm.fallbacks);
        let lists = &self.fallbacks;
        settings.fallbacks = fallbacks::plain(lists.general.as_deref());
        settings.context_window_fallbacks = fallbacks::plain(lists.context_window.as_deref());
        settings.content_policy_fallbacks = fallbacks::plain(lists.content_policy.as_deref());
        settings.default_fallbacks = fallbacks::targets_of(lists.default.as_deref());
        self
    }
}

/// Reads the section.
pub(in crate::config) fn router(section: &Cursor<'_>) -> Router {
    let mut router = Router::default();
    let settings = &mut router.settings;
    for field in section.fields() {
        match field.key() {
            "routing_strategy" => settings.routing_strategy = strategy::strategy(&field),
            "routing_strategy_args" => settings.routing_strategy_args = strategy::args(&field),
            "routing_groups" => settings.routing_groups = strategy::groups(&field),
            "optional_pre_call_checks" => settings.affinity = affinity(&field),
            "model_group_affinity_config" => {
                let groups = field.fields().into_iter();
                let groups = groups.map(|group| (group.key().to_owned(), affinity(&group)));
                settings.affinity_of_groups = groups.collect();
            }
            "weights" => settings.weights = strategy::weights(&field),
            "enable_pre_call_checks" => {
                settings.enable_pre_call_checks = field.flag().unwrap_or(false);
            }
            "enable_tag_filtering" => settings.enable_tag_filtering = field.flag().unwrap_or(false),
            "tag_filtering_match_any" => settings.tag_filtering_match_any = field.flag(),
            "provider_budget_config" => settings.provider_budgets = budgets(&field),
            "tag_routing_prefix" => settings.tag_routing_prefix = field.text("route:"),
            "default_max_parallel_requests" => {
                settings.default_litellm_params.max_parallel_requests = field.whole(1, "10");
            }
            "default_litellm_params" => defaults(&field, &mut settings.default_litellm_params),
            "default_priority" => settings.default_priority = priority(&field),
            "queue" => settings.queue = queue(&field),
            "compat" => settings.compat = compat(&field),
            "model_group_alias" => {
                for entry in field.fields() {
                    if let Some(alias) = alias(&entry) {
                        settings.model_group_alias.push(alias);
                        router.aliases.push(entry.at().clone());
                    }
                }
            }
            "health_check_interval" | "health_check_concurrency" => field.error(
                "this is no setting of the router, and LiteLLM refuses it here",
                "move it to `general_settings`",
            ),
            _ if is_in_any_case(&field) => {}
            _ if attempts(&field, settings) => {}
            _ if router.fallbacks.read(&field) => {}
            _ => known::ROUTER.report(&field),
        }
    }
    strategy::check(
        section,
        settings.routing_strategy,
        &settings.routing_strategy_args,
    );
    router
}

/// Whether it asks for what is so in any case, or for nothing that there is here.
fn is_in_any_case(field: &Cursor<'_>) -> bool {
    match field.key() {
        "enable_weighted_failover"
        | "fallback_on_unsupported_params"
        | "ignore_invalid_deployments" => {
            if field.flag() == Some(false) {
                field.warn("this is always on here", "");
            }
            true
        }
        "debug_level"
        | "deployment_affinity_ttl_seconds"
        | "polling_interval"
        | "session_affinity_repin_on_failover"
        | "set_verbose" => true,
        _ => false,
    }
}

/// What makes calls of one conversation go to the same deployment, by any of LiteLLM's names for it.
fn affinity(list: &Cursor<'_>) -> bool {
    let mut affinity = false;
    for item in list.items(&format!("{}: [prompt_caching]", list.key())) {
        let Some(name) = item.name("prompt_caching") else {
            continue;
        };
        match name.as_str() {
            "prompt_caching" | "deployment_affinity" | "session_affinity" => affinity = true,
            // Limits and budgets hold in any case.
            "enforce_model_rate_limits" | "router_budget_limiting" => {}
            "encrypted_content_affinity"
            | "forward_client_headers_by_model_group"
            | "responses_api_deployment_check" => known::not_yet(&item),
            _ => item.warn(
                "unknown check, ignored",
                "there are `prompt_caching`, `deployment_affinity`, `session_affinity`",
            ),
        }
    }
    affinity
}

/// Reads `default_litellm_params`, which need not name a model.
fn defaults(section: &Cursor<'_>, defaults: &mut DeploymentParams) {
    let places = defaults.max_parallel_requests;
    *defaults = params::defaults(section);
    defaults.max_parallel_requests = defaults.max_parallel_requests.or(places);
}

fn priority(field: &Cursor<'_>) -> Option<i32> {
    field.whole(i128::from(i32::MIN), "0")
}

fn queue(field: &Cursor<'_>) -> Option<Duration> {
    if !field.is_map() {
        return field.limit("3");
    }
    let mut max_wait = None;
    for entry in field.fields() {
        match entry.key() {
            "max_wait" => max_wait = entry.limit("3"),
            _ => entry.error("unknown key of `queue`", "it has `max_wait`"),
        }
    }
    max_wait
}

fn compat(field: &Cursor<'_>) -> Compat {
    match field.text("litellm").as_deref() {
        None | Some("native") => Compat::Native,
        Some("litellm") => Compat::Litellm,
        Some(_) => {
            field.mistyped("`native` or `litellm`", "compat: litellm");
            Compat::default()
        }
    }
}

fn alias(entry: &Cursor<'_>) -> Option<Alias> {
    let mut alias = Alias {
        alias: entry.key().to_owned(),
        ..Alias::default()
    };
    if !entry.is_map() {
        alias.model = entry.text("gpt-4o")?;
        return Some(alias);
    }
    for field in entry.fields() {
        match field.key() {
            "model" if field.is_null() => {}
            "model" => alias.model = field.text("gpt-4o")?,
            "hidden" => alias.hidden = field.flag().unwrap_or(false),
            _ => field.warn("unknown key, ignored", "an alias has `model` and `hidden`"),
        }
    }
    if alias.model.is_empty() {
        entry.error(
            "an alias must name the `model` it stands for",
            format!("write for example `{}: {{model: gpt-4o}}`", entry.key()),
        );
        return None;
    }
    Some(alias)
}
