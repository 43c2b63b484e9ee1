use crate::json::Fields;
use serde_json::Value;

/// Keeps of the values that a schema lists those that can be listed: texts that are not empty.
///
/// Says whether `null` was one of them.
pub(super) fn keep_texts(schema: &mut Fields) -> bool {
    let Some(Value::Array(mut values)) = schema.shift_remove("enum") else {
        return false;
    };
    let before = values.len();
    values.retain(|value| !value.is_null());
    let has_null = values.len() < before;
    let kind = values.first().map(kind_of);
    if values.iter().all(Value::is_string) {
        values.retain(|value| value != "");
        if !values.is_empty() {
            schema.insert("enum".into(), values.into());
        }
    }
    if let Some(kind) = kind {
        schema.entry("type").or_insert_with(|| kind.into());
    }
    has_null
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether the provider knows a format of a type.
pub(super) fn is_format(format: &Value, kind: &str) -> bool {
    let formats: &[&str] = match kind {
        "string" => &["enum", "date-time"],
        "integer" => &["int32", "int64"],
        "number" => &["float", "double"],
        _ => &[],
    };
    format
        .as_str()
        .is_some_and(|format| formats.contains(&format))
}
