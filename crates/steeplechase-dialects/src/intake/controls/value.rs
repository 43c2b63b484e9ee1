use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use serde_json::Value;
use steeplechase_core::call::Head;
use steeplechase_core::{Class, Error};

use crate::intake::fields_of;
use crate::json::each_field;

/// The fields of a call that are for the gateway, each with its value.
#[derive(Debug, Default)]
pub(in crate::intake) struct Fields(pub(super) Vec<(String, Value)>);

/// The longest time that is taken as it is: a year.
const LONGEST: f64 = 365.0 * 24.0 * 3600.0;

/// Those of a body of JSON, of which the head was scanned.
pub(in crate::intake) fn fields_of_body(raw: &Bytes, head: &Head) -> Fields {
    let metadata = &head.spans.metadata;
    let own = head.spans.own.iter().filter_map(|span| {
        let (name, value) = field(raw, span)?;
        let is_nested = metadata.contains(&span.start);
        match &*name {
            "tags" if is_nested => Some(("metadata.tags".to_owned(), value)),
            _ => (!is_nested).then_some((name, value)),
        }
    });
    Fields(own.collect())
}

/// The metadata of a call without what is for the gateway. `None` if nothing of them is.
pub(crate) fn plain_metadata(raw: &Bytes, head: &Head) -> Option<Vec<u8>> {
    let Range { mut start, end } = head.spans.metadata.clone();
    if start == end {
        return None;
    }
    let mut plain = Vec::new();
    for own in &head.spans.own {
        if (start..end).contains(&own.start) {
            plain.extend_from_slice(raw.get(start..own.start)?);
            start = own.end;
        }
    }
    plain.extend_from_slice(raw.get(start..end)?);
    Some(plain)
}

/// Those of a form.
pub(in crate::intake) fn fields_of_form(raw: &Bytes, content_type: &HeaderValue) -> Fields {
    let fields = fields_of(raw, content_type).into_iter();
    // What is no JSON is a text.
    let value = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
    Fields(fields.map(|(name, text, _)| (name, value(text))).collect())
}

/// The field of a span, which has one of the commas around it.
fn field(raw: &Bytes, span: &Range<usize>) -> Option<(String, Value)> {
    let text = std::str::from_utf8(raw.get(span.clone())?).ok()?;
    let text = text.trim().trim_matches(',').trim();
    let mut found = None;
    each_field(&format!("{{{text}}}"), |name, value| {
        found = serde_json::from_str(value)
            .ok()
            .map(|value| (name.to_owned(), value));
    })
    .ok()?;
    found
}

/// A number of seconds, more than zero. `None` for `null`.
pub(super) fn seconds(name: &str, value: &Value) -> Result<Option<Duration>, Error> {
    let seconds = seconds_or_none(name, value);
    match seconds {
        Ok(None) => Ok(None),
        Ok(Some(seconds)) if !seconds.is_zero() => Ok(Some(seconds)),
        _ => Err(wrong(name, "a number of seconds, more than zero")),
    }
}

/// A number of seconds, zero or more. `None` for `null`.
pub(super) fn seconds_or_none(name: &str, value: &Value) -> Result<Option<Duration>, Error> {
    let seconds = match value {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let seconds = seconds.filter(|seconds: &f64| *seconds >= 0.0 && seconds.is_finite());
    let seconds = seconds.ok_or_else(|| wrong(name, "a number of seconds, zero or more"))?;
    Ok(Some(Duration::from_secs_f64(seconds.min(LONGEST))))
}

/// A whole number from `least` on, of which more than `most` are taken for so many. `None` for `null`.
pub(super) fn whole(
    name: &str,
    value: &Value,
    least: i64,
    most: i64,
) -> Result<Option<i64>, Error> {
    let number = match value {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_i64().or(number.as_u64().map(|_| i64::MAX)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let number = number.filter(|number| *number >= least);
    let number = number.ok_or_else(|| {
        let right = if least == i64::MIN {
            "a whole number".to_owned()
        } else {
            format!("a whole number from {least}")
        };
        wrong(name, &right)
    })?;
    Ok(Some(number.min(most)))
}

/// True or false, or `null` for false.
pub(super) fn flag(name: &str, value: &Value) -> Result<bool, Error> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::Null => Ok(false),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(wrong(name, "true or false")),
    }
}

/// A text that is not empty. `None` for `null`.
pub(super) fn text(name: &str, value: &Value) -> Result<Option<Arc<str>>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if !text.is_empty() => Ok(Some(text.as_str().into())),
        _ => Err(wrong(name, "a text")),
    }
}

/// A list of texts, or several in one with commas between them.
pub(super) fn texts(name: &str, value: &Value) -> Result<Vec<Arc<str>>, Error> {
    let right = "a list of texts";
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => Ok(listed(text)),
        Value::Array(items) => {
            let items = items.iter().map(|item| item.as_str().map(Arc::from));
            items
                .collect::<Option<_>>()
                .ok_or_else(|| wrong(name, right))
        }
        _ => Err(wrong(name, right)),
    }
}

/// What stands between commas.
pub(super) fn listed(text: &str) -> Vec<Arc<str>> {
    let items = text.split(',').map(str::trim);
    items
        .filter(|item| !item.is_empty())
        .map(Arc::from)
        .collect()
}

pub(super) fn wrong(name: &str, right: &str) -> Error {
    let message = format!("`{name}` must be {right}");
    Error::new(Class::InvalidRequest, message).with_param(name)
}
