use serde_json::{Map, Value};

/// Whether a function's schema is one to which a model can be held: every object in it says that it
/// has no other fields, and that it has all of those it names.
///
/// In this dialect a function that does not say is held to its schema *if it can be*. A chat has no word
/// for that, so it is settled here.
pub(super) fn can_be_held(schema: &Map<String, Value>) -> bool {
    is_closed(schema) && schema.iter().all(|(name, value)| below(name, value))
}

fn is_closed(schema: &Map<String, Value>) -> bool {
    let properties = schema.get("properties").and_then(Value::as_object);
    let is_object = schema.get("type").is_some_and(names_object) || properties.is_some();
    if !is_object {
        return true;
    }
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &String| {
        let mut names = required.into_iter().flatten();
        names.any(|known| known.as_str() == Some(name))
    };
    schema.get("additionalProperties") == Some(&Value::Bool(false))
        && properties.is_some_and(|properties| properties.keys().all(is_required))
}

fn names_object(kind: &Value) -> bool {
    match kind {
        Value::Array(kinds) => kinds.iter().any(names_object),
        kind => kind.as_str() == Some("object"),
    }
}

/// Looks at the schemas in a field of a schema.
fn below(name: &str, value: &Value) -> bool {
    let is_fine = |value: &Value| value.as_object().is_none_or(can_be_held);
    match (name, value) {
        // Values, and not schemas.
        ("const" | "default" | "enum" | "examples" | "required", _) => true,
        ("properties" | "$defs" | "definitions", Value::Object(schemas)) => {
            schemas.values().all(is_fine)
        }
        (_, Value::Array(schemas)) => schemas.iter().all(is_fine),
        (_, value) => is_fine(value),
    }
}
