//! What the pages say of each setting is what the program does.

use std::collections::BTreeMap;

use super::*;
use crate::config::known::{
    GENERAL, LITELLM, MODEL, MODEL_INFO_LATER, PARAMS, ROUTER, ROUTING_ARGS, TOP_LEVEL, Table,
};

const PAGE: &str = include_str!("../../../../../docs/litellm.md");

/// What LiteLLM's router can be told.
const ROUTER_OF_LITELLM: &[&str] = &[
    "alerting_config",
    "allowed_fails",
    "allowed_fails_policy",
    "cache_kwargs",
    "cache_responses",
    "caching_groups",
    "client_ttl",
    "content_policy_fallbacks",
    "context_window_fallbacks",
    "cooldown_time",
    "debug_level",
    "default_fallbacks",
    "default_litellm_params",
    "default_max_parallel_requests",
    "default_priority",
    "deployment_affinity_ttl_seconds",
    "disable_cooldowns",
    "enable_health_check_routing",
    "enable_mid_stream_fallback_continuation",
    "enable_pre_call_checks",
    "enable_tag_filtering",
    "enable_weighted_failover",
    "fallback_on_unsupported_params",
    "fallbacks",
    "health_check_ignore_transient_errors",
    "health_check_staleness_threshold",
    "ignore_invalid_deployments",
    "max_fallbacks",
    "max_retries",
    "model_group_affinity_config",
    "model_group_alias",
    "model_group_retry_policy",
    "num_retries",
    "optional_pre_call_checks",
    "plugins",
    "polling_interval",
    "provider_budget_config",
    "redis_db",
    "redis_host",
    "redis_password",
    "redis_port",
    "redis_url",
    "retry_after",
    "retry_policy",
    "router_general_settings",
    "routing_groups",
    "routing_strategy",
    "routing_strategy_args",
    "session_affinity_repin_on_failover",
    "set_verbose",
    "stream_timeout",
    "tag_filtering_match_any",
    "tag_routing_prefix",
    "timeout",
    "weights",
];

/// What LiteLLM can be told elsewhere of who gets a call, and of what happens when it fails.
const RELIABILITY_OF_LITELLM: &[(&str, &[&str])] = &[
    (
        "`litellm_params`",
        &[
            "allow_client_keepalive_override",
            "allowed_model_region",
            "budget_duration",
            "configurable_clientside_auth_params",
            "cooldown_time",
            "daily_reset_time",
            "itpm",
            "keepalive_seconds",
            "kubernetes_pod_discovery",
            "max_budget",
            "max_parallel_requests",
            "max_retries",
            "mock_response",
            "num_retries",
            "order",
            "otpm",
            "provider_affinity_header",
            "region_name",
            "rpd",
            "rpm",
            "silent_model",
            "stream_timeout",
            "stream_timeout_by_service_tier",
            "tag_regex",
            "tags",
            "timeout",
            "timeout_by_service_tier",
            "tpd",
            "tpm",
            "weight",
        ],
    ),
    (
        "`model_info`",
        &[
            "allowed_fails",
            "allowed_fails_policy",
            "blocked",
            "cooldown_time",
            "enable_tag_filtering",
            "health_check_timeout",
            "max_input_tokens",
        ],
    ),
    (
        "`litellm_settings`",
        &[
            "allowed_fails",
            "anthropic_sse_ping_interval_seconds",
            "content_policy_fallbacks",
            "context_window_fallbacks",
            "default_fallbacks",
            "expose_router_debug_in_errors",
            "fallbacks",
            "num_retries",
            "request_timeout",
            "sse_keepalive_ping_interval_seconds",
            "tag_budget_config",
        ],
    ),
    (
        "`general_settings`",
        &[
            "admission_queue_timeout_seconds",
            "allow_client_side_credentials",
            "background_health_checks",
            "cancel_on_disconnect",
            "disable_fallbacks_on_per_model_rate_limits",
            "disable_retry_on_max_parallel_request_limit_error",
            "enable_health_check_routing",
            "global_max_parallel_requests",
            "max_in_flight_requests_per_worker",
            "max_parallel_requests",
            "max_queued_requests_per_worker",
        ],
    ),
];

/// What is said of the keys of a section: a word, and how that is meant.
type Said = BTreeMap<&'static str, (&'static str, &'static str)>;

fn is_acted_on(said: &str) -> bool {
    ["works", "differs", "ours", "no effect"].contains(&said)
}

/// What the table of a section says of each key.
fn said(section: &str) -> Said {
    let title = format!("\n### {section}\n");
    let (_, rest) = PAGE.split_once(&title).expect(section);
    let end = rest.find("\n#").unwrap_or(rest.len());
    let rows = rest[..end].lines().filter(|line| line.starts_with("| `"));
    let mut said = Said::new();
    for row in rows {
        let mut cells = row.trim_start_matches("| ").split(" | ");
        let (keys, what) = (cells.next().unwrap(), cells.next().unwrap());
        let how = cells
            .next()
            .unwrap_or_default()
            .trim_end_matches('|')
            .trim();
        let is_explained = !how.is_empty() || !["differs", "refused", "error"].contains(&what);
        assert!(is_explained, "{section}: it does not say how or why: {row}");
        for key in keys.split(", ") {
            let key = key.strip_prefix('`').and_then(|key| key.strip_suffix('`'));
            let key = key.unwrap_or_else(|| panic!("{section}: a key has to stand alone: {row}"));
            assert_eq!(
                said.insert(key, (what, how)),
                None,
                "{section}: {key} is there twice"
            );
        }
    }
    assert!(!said.is_empty(), "{section} has no table");
    said
}

fn agrees(section: &str, table: &Table) {
    let mut said = said(section);
    for key in table.acted_on {
        let what = said.remove(key);
        let (what, _) = what.unwrap_or_else(|| panic!("{section}: nothing is said of {key}"));
        assert!(
            is_acted_on(what),
            "{section}: {key} is acted on, and not {what:?}"
        );
    }
    let prefixes = table.later_prefixes.iter();
    let prefixes = prefixes.map(|prefix| format!("{prefix}*"));
    for key in table.later.iter().map(ToString::to_string).chain(prefixes) {
        let what = said.remove(&*key).map(|(what, _)| what);
        assert_eq!(what, Some("not yet"), "{section}: {key}");
    }
    for refused in table.refused {
        let what = said.remove(refused.key).map(|(what, _)| what);
        assert_eq!(what, Some("refused"), "{section}: {}", refused.key);
    }
    for (key, (what, _)) in said {
        assert_eq!(what, "error", "{section}: {key} is not known");
        let text = with_model(&format!("router_settings: {{{key}: 1}}\n"));
        assert_eq!(errors(&text).len(), 1, "{key}");
    }
}

#[test]
fn what_is_said_of_each_setting_is_so_and_nothing_is_left_out() {
    for (section, table) in [
        ("At the top", TOP_LEVEL),
        ("`model_list`", MODEL),
        ("`litellm_params`", PARAMS),
        ("`router_settings`", ROUTER),
        ("`routing_strategy_args`", ROUTING_ARGS),
        ("`litellm_settings`", LITELLM),
        ("`general_settings`", GENERAL),
    ] {
        agrees(section, &table);
    }
}

/// It is an open map, so what is acted on is told by what becomes of a value that makes no sense.
#[test]
fn what_is_said_of_what_is_known_of_a_model_is_so() {
    let mut said = said("`model_info`");
    for key in MODEL_INFO_LATER {
        let what = said.remove(key).map(|(what, _)| what);
        assert_eq!(what, Some("not yet"), "{key}");
    }
    for (key, (what, _)) in said {
        assert!(is_acted_on(what), "{key} is not known");
        let text = with_params(&[]) + &format!("    model_info: {{{key}: {{x: 1}}}}\n");
        if let Ok(loaded) = Config::parse(&text, "config.yaml", env) {
            let extras = &loaded.config.models[0].info.extras;
            assert!(!extras.contains_key(key), "{key} is not acted on");
        }
    }
}

#[test]
fn of_each_setting_of_litellms_router_and_of_failures_something_is_said() {
    let router = [("`router_settings`", ROUTER_OF_LITELLM)];
    for (section, keys) in router.iter().chain(RELIABILITY_OF_LITELLM) {
        let said = said(section);
        for key in *keys {
            assert!(
                said.contains_key(key),
                "{section}: nothing is said of {key}"
            );
        }
    }
}

#[test]
fn each_strategy_is_told() {
    for (name, _) in RoutingStrategy::NAMES {
        let told = PAGE.contains(&format!("| `{name}`")) || PAGE.contains(&format!(", `{name}` |"));
        assert!(told, "nothing is said of {name}");
    }
}
