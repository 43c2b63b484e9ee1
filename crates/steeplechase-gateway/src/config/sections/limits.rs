//! How much a deployment takes, and what it and others may cost.

use std::time::Duration;

use steeplechase::Cost;

use crate::config::model::{BudgetSettings, LimitParams};
use crate::config::node::{Cursor, Resolved};

const DAY: u64 = 24 * 60 * 60;

/// The longest of all windows: a hundred years.
const LONGEST: u64 = 36_525 * DAY;

/// Reads a field of `litellm_params`, if it is one of these.
pub(super) fn limits(field: &Cursor<'_>, params: &mut LimitParams) -> bool {
    match field.key() {
        "itpm" => params.input_per_minute = field.whole(0, "100000"),
        "otpm" => params.output_per_minute = field.whole(0, "20000"),
        "rpd" => params.requests_per_day = field.whole(0, "10000"),
        "tpd" => params.tokens_per_day = field.whole(0, "5000000"),
        "daily_reset_time" => params.daily_reset = time_of_day(field),
        "max_budget" => params.max_budget = dollars(field, "100"),
        "budget_duration" => params.budget_duration = window(field),
        _ => return false,
    }
    true
}

/// Says what of these has no effect without another.
pub(super) fn check(section: &Cursor<'_>, params: &LimitParams) {
    let without = |key: &str, other: &str, example: &str| {
        let fix = format!("write for example `{example}`");
        match section.field(key) {
            Some(field) => field.warn(format!("this has no effect without `{other}`"), fix),
            // It is one of the defaults. Who has no budget needs no time for it.
            None if key == "max_budget" => {
                section.warn(format!("`{key}` has no effect without `{other}`"), fix);
            }
            None => {}
        }
    };
    match (params.max_budget, params.budget_duration) {
        (Some(_), None) => without("max_budget", "budget_duration", "budget_duration: 1d"),
        (None, Some(_)) => without("budget_duration", "max_budget", "max_budget: 100"),
        _ => {}
    }
    let has_days = params.requests_per_day.is_some() || params.tokens_per_day.is_some();
    if params.daily_reset.is_some() && !has_days {
        without("daily_reset_time", "rpd` or `tpd", "rpd: 10000");
    }
}

/// Reads a map of names to budgets. Those that set no limit are left out.
pub(super) fn budgets(section: &Cursor<'_>) -> Vec<(String, BudgetSettings)> {
    let fields = section.fields();
    let budgets = fields.iter().filter_map(|field| {
        let budget = budget(field)?;
        Some((field.key().to_owned(), budget))
    });
    budgets.collect()
}

/// LiteLLM has two names for each half of a budget.
fn budget(section: &Cursor<'_>) -> Option<BudgetSettings> {
    const EXAMPLE: &str = "{max_budget: 100, budget_duration: 1d}";
    if !section.is_map() {
        let example = format!("{}: {EXAMPLE}", section.key());
        section.mistyped("a map", &example);
        return None;
    }
    let (mut limit, mut time) = (None, None);
    let (mut has_limit, mut has_time) = (false, false);
    for field in section.fields() {
        match field.key() {
            "max_budget" | "budget_limit" => {
                has_limit = true;
                limit = dollars(&field, "100").or(limit);
            }
            "budget_duration" | "time_period" => {
                has_time = true;
                time = window(&field).or(time);
            }
            _ => field.warn(
                "unknown key, ignored",
                "a budget has `max_budget` (or `budget_limit`) and `budget_duration` (or `time_period`)",
            ),
        }
    }
    if !has_limit || !has_time {
        let missing = if has_limit {
            "budget_duration"
        } else {
            "max_budget"
        };
        section.warn(
            format!("a budget without `{missing}` limits nothing, as in LiteLLM"),
            format!("write for example `{}: {EXAMPLE}`", section.key()),
        );
    }
    Some(BudgetSettings {
        limit: limit?,
        window: time?,
    })
}

/// Dollars; zero sets no limit, as in LiteLLM.
fn dollars(field: &Cursor<'_>, example: &str) -> Option<Cost> {
    let number = field.number("dollars, more than zero", example)?;
    if number <= 0.0 {
        let fix = format!("write for example `{}: {example}`", field.key());
        field.warn("0 sets no limit here, as in LiteLLM", fix);
        return None;
    }
    let Ok(cost) = Cost::from_dollars(&format!("{number:e}")) else {
        let example = format!("{}: {example}", field.key());
        field.mistyped("less than 18 billion dollars", &example);
        return None;
    };
    // What is less than can be counted is spent by the first call, and not before it.
    Some(cost.max(Cost::from_nanos(1)))
}

/// A time as LiteLLM has it: `30s`, `5m`, `1h`, `1d`, `1w`, `1mo`.
fn window(field: &Cursor<'_>) -> Option<Duration> {
    const EXPECTED: &str = "a time such as `30s`, `5m`, `1h`, `1d`, `1w` or `1mo`";
    let text = match field.resolve() {
        Resolved::Nothing => return None,
        Resolved::Text(text) => Some(text.to_owned()),
        Resolved::Variable { value, .. } => Some(value),
        _ => None,
    };
    let seconds = text.as_deref().and_then(seconds);
    if seconds.is_none() {
        field.mistyped(EXPECTED, &format!("{}: 1d", field.key()));
    }
    seconds.map(Duration::from_secs)
}

fn seconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = text.split_at(unit);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => DAY,
        "w" => 7 * DAY,
        "mo" => 30 * DAY,
        _ => return None,
    };
    let seconds = count.parse::<u64>().ok()?.checked_mul(unit)?;
    (1..=LONGEST).contains(&seconds).then_some(seconds)
}

/// A time of day: `HH:MM`.
fn time_of_day(field: &Cursor<'_>) -> Option<Duration> {
    let text = field.text("05:30")?;
    let read = |text: &str| {
        let (hours, minutes) = text.split_once(':')?;
        let is_written = |part: &str| part.len() == 2 && part.bytes().all(|c| c.is_ascii_digit());
        if !is_written(hours) || !is_written(minutes) {
            return None;
        }
        let (hours, minutes): (u64, u64) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours < 24 && minutes < 60).then(|| Duration::from_secs((hours * 60 + minutes) * 60))
    };
    let time = read(text.trim());
    if time.is_none() {
        let example = format!("{}: \"05:30\"", field.key());
        field.mistyped("a time of day in UTC, as `HH:MM`", &example);
    }
    time
}
