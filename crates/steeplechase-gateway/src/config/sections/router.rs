//! `router_settings`.

use std::time::Duration;

use super::fallbacks::{self, Fallbacks};
use super::litellm::Litellm;
use crate::config::diagnostic::At;
use crate::config::known;
use crate::config::model::{
    Alias, HedgeDelay, HedgeSettings, RaceSettings, RouterSettings, RoutingArgs, RoutingStrategy,
};
use crate::config::node::{Cursor, Resolved};

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

        self.fallbacks = self.fallbacks.or(litellm.fallbacks);
        let lists = &self.fallbacks;
        settings.fallbacks = fallbacks::plain(lists.general.as_deref());
        settings.context_window_fallbacks = fallbacks::plain(lists.context_window.as_deref());
        settings.content_policy_fallbacks = fallbacks::plain(lists.content_policy.as_deref());
        settings.default_fallbacks = fallbacks::names(lists.default.as_deref());
        self
    }
}

/// Reads the section.
pub(in crate::config) fn router(section: &Cursor<'_>) -> Router {
    let mut router = Router::default();
    let settings = &mut router.settings;
    for field in section.fields() {
        match field.key() {
            "routing_strategy" => settings.routing_strategy = strategy(&field),
            "routing_strategy_args" => settings.routing_strategy_args = strategy_args(&field),
            "num_retries" => settings.num_retries = field.whole(0, "2"),
            "timeout" => settings.timeout = field.limit("600"),
            "stream_timeout" => settings.stream_timeout = field.limit("60"),
            "allowed_fails" => settings.allowed_fails = field.whole(0, "3"),
            "cooldown_time" => settings.cooldown_time = field.seconds("30"),
            "disable_cooldowns" => settings.disable_cooldowns = field.flag().unwrap_or(false),
            "enable_pre_call_checks" => {
                settings.enable_pre_call_checks = field.flag().unwrap_or(false);
            }
            "retry_after" => settings.retry_after = field.seconds("1"),
            "hedge" => settings.hedge = hedge(&field),
            "race" => settings.race = race(&field),
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
            _ if router.fallbacks.read(&field) => {}
            _ => known::ROUTER.report(&field),
        }
    }
    router
}

fn strategy(field: &Cursor<'_>) -> RoutingStrategy {
    const VALID: &str = "simple-shuffle, least-busy, latency-based-routing";
    let Some(name) = field.text("simple-shuffle") else {
        return RoutingStrategy::default();
    };
    match name.as_str() {
        "simple-shuffle" => RoutingStrategy::SimpleShuffle,
        "least-busy" => RoutingStrategy::LeastBusy,
        "latency-based-routing" => RoutingStrategy::LatencyBased,
        later if known::STRATEGIES_LATER.contains(&later) || later.starts_with("lar1") => {
            field.warn(
                format!("`{later}` is not acted on yet, so `simple-shuffle` is used"),
                format!("choose one of {VALID} to decide otherwise"),
            );
            RoutingStrategy::default()
        }
        _ => {
            let later = known::STRATEGIES_LATER.join(", ");
            field.mistyped(
                &format!("one of {VALID} (or, of those not acted on yet, {later})"),
                "routing_strategy: simple-shuffle",
            );
            RoutingStrategy::default()
        }
    }
}

fn strategy_args(section: &Cursor<'_>) -> RoutingArgs {
    let mut args = RoutingArgs::default();
    for field in section.fields() {
        match field.key() {
            "ttl" => {
                args.ttl = field.seconds("3600");
                known::not_yet(&field);
            }
            "lowest_latency_buffer" => {
                args.lowest_latency_buffer = field.number("a number, zero or more", "0.1");
            }
            _ => known::ROUTING_ARGS.report(&field),
        }
    }
    args
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

fn hedge(field: &Cursor<'_>) -> Option<HedgeSettings> {
    const EXAMPLE: &str = "hedge: auto` or `hedge: {delay: 0.8, max_extra: 0.05}";
    let mut settings = HedgeSettings::default();
    if !field.is_map() {
        match field.resolve() {
            Resolved::Nothing => return None,
            Resolved::Text("auto") => return Some(settings),
            Resolved::Variable { value, .. } if value == "auto" => return Some(settings),
            _ => {
                field.mistyped("`auto` or a map", EXAMPLE);
                return None;
            }
        }
    }
    for entry in field.fields() {
        match entry.key() {
            "delay" => settings.delay = delay(&entry)?,
            "max_extra" => {
                let expected = "a share of all calls, from 0 to 1";
                let share = entry.number(expected, "0.05");
                if share.is_some_and(|share| share > 1.0) {
                    entry.mistyped(expected, "max_extra: 0.05");
                }
                settings.max_extra = share.unwrap_or(settings.max_extra);
            }
            _ => entry.error("unknown key of `hedge`", "it has `delay` and `max_extra`"),
        }
    }
    Some(settings)
}

fn delay(field: &Cursor<'_>) -> Option<HedgeDelay> {
    let expected = "`auto` or a number of seconds";
    if let Resolved::Text("auto") = field.resolve() {
        return Some(HedgeDelay::Auto);
    }
    let seconds = field.number(expected, "0.8")?;
    let delay = Duration::try_from_secs_f64(seconds).ok();
    if delay.is_none() {
        field.mistyped(expected, "delay: 0.8");
    }
    delay.map(HedgeDelay::Fixed)
}

fn race(field: &Cursor<'_>) -> Option<RaceSettings> {
    const EXAMPLE: &str = "race: {width: 2}";
    if field.is_null() {
        return None;
    }
    if !field.is_map() {
        field.mistyped("a map", EXAMPLE);
        return None;
    }
    let mut settings = RaceSettings::default();
    for entry in field.fields() {
        match entry.key() {
            "width" => {
                let width = entry.whole::<u8>(2, "2")?;
                if width > 5 {
                    entry.mistyped("a whole number from 2 to 5", "width: 2");
                }
                settings.width = width;
            }
            _ => entry.error("unknown key of `race`", "it has `width`"),
        }
    }
    Some(settings)
}
