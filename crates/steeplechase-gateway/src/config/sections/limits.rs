//! How much a deployment takes: of prompts and answers by themselves, and in a day.

use std::time::Duration;

use crate::config::model::LimitParams;
use crate::config::node::Cursor;

/// Reads a field of `litellm_params`, if it is one of these.
pub(super) fn limits(field: &Cursor<'_>, params: &mut LimitParams) -> bool {
    match field.key() {
        "itpm" => params.input_per_minute = field.whole(0, "100000"),
        "otpm" => params.output_per_minute = field.whole(0, "20000"),
        "rpd" => params.requests_per_day = field.whole(0, "10000"),
        "tpd" => params.tokens_per_day = field.whole(0, "5000000"),
        "daily_reset_time" => params.daily_reset = time_of_day(field),
        _ => return false,
    }
    true
}

/// Says what of these has no effect without another.
pub(super) fn check(section: &Cursor<'_>, params: &LimitParams) {
    let has_days = params.requests_per_day.is_some() || params.tokens_per_day.is_some();
    if params.daily_reset.is_none() || has_days {
        return;
    }
    if let Some(field) = section.field("daily_reset_time") {
        field.warn(
            "this has no effect without `rpd` or `tpd`",
            "write for example `rpd: 10000`",
        );
    }
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
