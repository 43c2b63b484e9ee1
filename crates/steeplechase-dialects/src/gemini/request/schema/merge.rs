use crate::json::Fields;
use serde_json::Value;

/// Adds to a schema what another says. What both say, the first one does.
pub(super) fn merge(into: &mut Fields, other: Fields) {
    for (name, value) in other {
        match (name.as_str(), into.get_mut(&name), value) {
            ("properties", Some(Value::Object(known)), Value::Object(more)) => {
                for (name, schema) in more {
                    known.entry(name).or_insert(schema);
                }
            }
            ("required", Some(Value::Array(known)), Value::Array(more)) => {
                for name in more {
                    if !known.contains(&name) {
                        known.push(name);
                    }
                }
            }
            (_, Some(_), _) => {}
            (_, None, value) => {
                into.insert(name, value);
            }
        }
    }
}

/// The keywords that are about values of one type only.
pub(super) fn is_of_type(keyword: &str, kind: &str) -> bool {
    match keyword {
        "properties" | "required" | "propertyOrdering" | "minProperties" | "maxProperties" => {
            kind == "object"
        }
        "items" | "minItems" | "maxItems" => kind == "array",
        "minLength" | "maxLength" | "pattern" => kind == "string",
        "minimum" | "maximum" => matches!(kind, "number" | "integer"),
        "enum" | "format" => !matches!(kind, "object" | "array"),
        _ => false,
    }
}
