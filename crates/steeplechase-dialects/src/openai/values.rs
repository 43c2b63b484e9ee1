//! What the values of parameters say.

use serde::de::IgnoredAny;
use serde_json::Value;
use steeplechase_core::deployment::Limit;

use crate::json::compact;
use crate::json::survey::Field;

/// What would be right, and the nearest value that is, in JSON, if there is one. `None` if it is right as it is, or
/// no value that can be judged here. `is_many` says whether the call is for more than one choice.
pub(super) fn breach(
    limit: &Limit,
    value: &str,
    is_many: bool,
) -> Option<(String, Option<String>)> {
    if let Ok(number) = value.parse::<f64>() {
        let min = limit.min_for_many.filter(|_| is_many).or(limit.min);
        let low = min.filter(|min| number < *min);
        let nearest = low.or(limit.max.filter(|max| number > *max))?;
        let right = match (min, limit.max) {
            (Some(min), Some(max)) if min < max => format!("{min} to {max}"),
            (None, Some(max)) => format!("at most {max}"),
            (Some(min), None) => format!("at least {min}"),
            _ => format!("only {nearest}"),
        };
        return Some((right, Some(nearest.to_string())));
    }
    if let Some(nearest) = limit.only.first() {
        let mut taken = limit.only.iter();
        if value == "null" || taken.any(|text| in_json(text) == value) {
            return None;
        }
        let right = format!("only `{}`", limit.only.join("`, `"));
        return Some((right, Some(in_json(nearest))));
    }
    let max = limit.max_items?;
    let items: Vec<IgnoredAny> = serde_json::from_str(value).ok()?;
    (items.len() > max).then(|| (format!("at most {max} items"), None))
}

fn in_json(text: &str) -> String {
    Value::from(text).to_string()
}

/// Whether a value says what is so anyway, so that it is no loss.
pub(super) fn says_nothing(name: &str, value: &str) -> bool {
    match &*compact(value) {
        "null" | "[]" | "{}" => true,
        "false" => matches!(name, "logprobs" | "store"),
        "true" => name == "parallel_tool_calls",
        "0" | "0.0" => matches!(
            name,
            "frequency_penalty" | "presence_penalty" | "top_logprobs"
        ),
        "1" | "1.0" => matches!(name, "n" | "top_p"),
        r#""auto""# => matches!(name, "service_tier" | "tool_choice"),
        r#"{"type":"text"}"# => name == "response_format",
        _ => false,
    }
}

/// Whether a field says that there are to be several choices.
pub(super) fn asks_for_many(field: &Field<'_>) -> bool {
    field.name == "n" && field.value.parse::<f64>().is_ok_and(|n| n > 1.0)
}

/// Whether a field says that the model is not to think.
pub(super) fn forbids_thoughts(field: &Field<'_>) -> bool {
    field.name == "thinking" && compact(field.value).contains(r#""type":"disabled""#)
}
