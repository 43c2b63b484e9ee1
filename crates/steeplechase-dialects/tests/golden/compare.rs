//! When what is there is what was expected.

use serde_json::Value;

/// What of `wanted` is not in `found`, with its path. An array has to have just the items wanted; an
/// object may have more fields than those. `null` is also a field that is not there.
pub(crate) fn within(wanted: &Value, found: &Value) -> Result<(), String> {
    compare(wanted, found, "", false)
}

/// Where the two differ. The order of fields does not count, and numbers count by their values.
pub(crate) fn equal(wanted: &Value, found: &Value) -> Result<(), String> {
    compare(wanted, found, "", true)
}

fn compare(wanted: &Value, found: &Value, path: &str, is_all: bool) -> Result<(), String> {
    match (wanted, found) {
        (Value::Object(fields), Value::Object(there)) => {
            for (name, wanted) in fields {
                let found = there.get(name).unwrap_or(&Value::Null);
                if is_all && !there.contains_key(name) {
                    return Err(format!("{path}.{name} is missing"));
                }
                compare(wanted, found, &format!("{path}.{name}"), is_all)?;
            }
            let more = there.keys().find(|name| !fields.contains_key(*name));
            match more.filter(|_| is_all) {
                Some(name) => Err(format!("{path}.{name} is too much: {}", there[name])),
                None => Ok(()),
            }
        }
        (Value::Array(items), Value::Array(there)) => {
            if items.len() != there.len() {
                return Err(format!(
                    "{path} has {} items and not {}",
                    there.len(),
                    items.len()
                ));
            }
            for (index, (wanted, found)) in items.iter().zip(there).enumerate() {
                compare(wanted, found, &format!("{path}[{index}]"), is_all)?;
            }
            Ok(())
        }
        // Any name that was made up.
        (Value::String(wanted), Value::String(found)) if wanted == "$ID" && !found.is_empty() => {
            Ok(())
        }
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => Ok(()),
        _ if wanted == found => Ok(()),
        _ => Err(format!("{path} is {found} and not {wanted}")),
    }
}
