//! How a call is tried: retries, limits of time, cooldowns, hedges and races.

use std::time::Duration;

use steeplechase::Cost;

use super::policies::{allowed_fails_policy, retry_policy};
use crate::config::model::{HedgeDelay, HedgeSettings, RaceSettings, RouterSettings};
use crate::config::node::{Cursor, Resolved};

/// Reads how a call is tried, and how often, if that is what a field says.
pub(super) fn attempts(field: &Cursor<'_>, settings: &mut RouterSettings) -> bool {
    match field.key() {
        "num_retries" => settings.num_retries = field.whole(0, "2"),
        "retry_after" => settings.retry_after = field.seconds("1"),
        "retry_policy" => settings.retry_policy = retry_policy(field),
        "model_group_retry_policy" => {
            let groups = field.fields().into_iter();
            let groups = groups.map(|group| (group.key().to_owned(), retry_policy(&group)));
            settings.model_group_retry_policy = groups.collect();
        }
        "timeout" => settings.timeout = field.limit("600"),
        "stream_timeout" => settings.stream_timeout = field.limit("60"),
        "patience" => settings.patience = field.flag(),
        "allowed_fails" => settings.allowed_fails = field.whole(0, "3"),
        "allowed_fails_policy" => settings.allowed_fails_policy = allowed_fails_policy(field),
        "cooldown_time" => settings.cooldown_time = field.seconds("30"),
        "disable_cooldowns" => settings.disable_cooldowns = field.flag().unwrap_or(false),
        "max_fallbacks" => settings.max_fallbacks = field.whole(0, "5"),
        "enable_mid_stream_fallback_continuation" => {
            settings.continuation = field.flag().unwrap_or(false);
        }
        "hedge" => settings.hedge = hedge(field),
        "race" => settings.race = race(field),
        _ => return false,
    }
    true
}

/// Reads `hedge`.
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
            "max_cost" => {
                let dollars = entry.number("dollars, zero or more", "0.05");
                let cost =
                    dollars.and_then(|dollars| Cost::from_dollars(&dollars.to_string()).ok());
                settings.max_cost = cost;
            }
            "max_cost_ratio" => {
                let expected = "how many times as much as the first try, 1 or more";
                let ratio = entry.number(expected, "2");
                if ratio.is_some_and(|ratio| ratio < 1.0) {
                    entry.mistyped(expected, "max_cost_ratio: 2");
                }
                settings.max_cost_ratio = ratio;
            }
            _ => entry.error(
                "unknown key of `hedge`",
                "it has `delay`, `max_extra`, `max_cost` and `max_cost_ratio`",
            ),
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

/// Reads `race`.
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
