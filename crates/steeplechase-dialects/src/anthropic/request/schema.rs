//! JSON schemas as the provider takes them: a subset, in which every object is closed.

use std::fmt::Write;

use serde_json::Value;
use steeplechase_core::Error;

use crate::chat::notes::unsupported;
use crate::chat::stand_in::empty_schema;
use crate::json::{self, Fields};

/// What the provider does not check. It is told to the model in words.
const CONSTRAINTS: [&str; 26] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
    "contains",
    "minContains",
    "maxContains",
    "prefixItems",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "propertyNames",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "unevaluatedProperties",
    "unevaluatedItems",
    "if",
    "then",
    "else",
    "not",
];

const FORMATS: [&str; 10] = [
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "uri",
    "ipv4",
    "ipv6",
    "uuid",
];

const LOOK_AROUND: [&str; 4] = ["(?=", "(?!", "(?<=", "(?<!"];

/// Keywords whose value is a schema for each name.
const NAMED: [&str; 3] = ["properties", "$defs", "definitions"];

/// Keywords whose value is a list of schemas.
const LISTED: [&str; 2] = ["anyOf", "allOf"];

/// Whether the schema describes an object and nothing else.
pub(crate) fn is_object(schema: &Fields) -> bool {
    let kind = schema.get("type").and_then(Value::as_str);
    kind == Some("object") || kind.is_none() && schema.contains_key("properties")
}

/// Whether a schema says the same after [`closed`], constraints aside.
pub(crate) fn keeps_its_meaning(schema: &Fields) -> bool {
    let mut open = Vec::new();
    sound(schema, schema, &mut open)
}

/// The schema with closed objects, and without what the provider does not check.
pub(crate) fn closed(schema: &Fields) -> Fields {
    let mut schema = schema.clone();
    close(&mut schema);
    schema
}

fn close(schema: &mut Fields) {
    schema.shift_remove("$schema");
    if let Some(one_of) = schema.shift_remove("oneOf") {
        if schema.contains_key("anyOf") {
            // Both hold, so both have to be said.
            let mut any_of = Fields::new();
            any_of.insert("anyOf".into(), one_of);
            let all_of = schema.entry("allOf");
            if let Value::Array(all_of) = all_of.or_insert_with(|| Value::Array(Vec::new())) {
                all_of.push(Value::Object(any_of));
            }
        } else {
            schema.insert("anyOf".into(), one_of);
        }
    }
    say_constraints(schema);
    if contradicts(schema) {
        schema.shift_remove("type");
    }
    for keyword in NAMED {
        if let Some(Value::Object(children)) = schema.get_mut(keyword) {
            children.values_mut().for_each(close_value);
        }
    }
    for keyword in LISTED {
        if let Some(Value::Array(children)) = schema.get_mut(keyword) {
            children.iter_mut().for_each(close_value);
        }
    }
    if let Some(items) = schema.get_mut("items") {
        close_value(items);
    }
    if has_type(schema, "object") || schema.contains_key("properties") {
        schema.insert("additionalProperties".into(), Value::Bool(false));
    }
}

fn close_value(value: &mut Value) {
    if let Value::Object(schema) = value {
        close(schema);
    }
}

/// Takes out what the provider does not check, and says it in the description.
fn say_constraints(schema: &mut Fields) {
    let mut removed = String::new();
    let keys: Vec<String> = schema.keys().cloned().collect();
    for key in keys {
        let value = &schema[&key];
        let is_removed = match key.as_str() {
            "minItems" => value.as_u64().is_none_or(|least| least > 1),
            "format" => value
                .as_str()
                .is_none_or(|format| !FORMATS.contains(&format)),
            "pattern" => value
                .as_str()
                .is_none_or(|pattern| LOOK_AROUND.iter().any(|look| pattern.contains(look))),
            // One schema for each place.
            "items" => value.is_array(),
            key => CONSTRAINTS.contains(&key),
        };
        if is_removed && let Some(value) = schema.shift_remove(&key) {
            let comma = if removed.is_empty() { "" } else { ", " };
            let value = match value {
                Value::String(text) => text,
                value => value.to_string(),
            };
            // Writing to a string cannot fail.
            let _ = write!(removed, "{comma}{key} {value}");
        }
    }
    if removed.is_empty() {
        return;
    }
    let note = match schema.get("description").and_then(Value::as_str) {
        Some(description) => format!("{description} (constraints: {removed})"),
        None => format!("Constraints: {removed}."),
    };
    schema.insert("description".into(), note.into());
}

/// Whether a schema allows values that are not of its type.
fn contradicts(schema: &Fields) -> bool {
    let values = schema.get("enum").and_then(Value::as_array);
    schema.contains_key("type")
        && values.is_some_and(|values| {
            values.iter().any(|value| match value {
                Value::Null => !has_type(schema, "null"),
                Value::Bool(_) => !has_type(schema, "boolean"),
                Value::Number(number) => {
                    let whole = number.is_i64() || number.is_u64();
                    !(has_type(schema, "number") || whole && has_type(schema, "integer"))
                }
                Value::String(_) => !has_type(schema, "string"),
                Value::Array(_) => !has_type(schema, "array"),
                Value::Object(_) => !has_type(schema, "object"),
            })
        })
}

fn has_type(schema: &Fields, wanted: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(kind)) => kind == wanted,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == wanted),
        _ => false,
    }
}

/// Whether nothing in a schema is open, recursive, or somewhere else.
///
/// `open` holds the definitions that are being looked into: one that leads back to itself is recursive.
fn sound<'s>(schema: &'s Fields, root: &'s Fields, open: &mut Vec<&'s str>) -> bool {
    if has_type(schema, "object") || schema.contains_key("properties") {
        let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
        let names = schema.get("properties").and_then(Value::as_object);
        let has_names = names.is_some_and(|names| !names.is_empty());
        let says_open = schema.get("additionalProperties").is_some() && !is_closed;
        if says_open || !has_names && !is_closed || schema.contains_key("patternProperties") {
            return false;
        }
    }
    if let Some(reference) = schema.get("$ref") {
        let Some(reference) = reference.as_str() else {
            return false;
        };
        if open.contains(&reference) {
            return false;
        }
        let target = reference
            .strip_prefix('#')
            .and_then(|path| json::find(root, path));
        let Some(target) = target else { return false };
        open.push(reference);
        let is_sound = sound(target, root, open);
        open.pop();
        if !is_sound {
            return false;
        }
    }
    let named = schema.get("properties").and_then(Value::as_object);
    let named = named.into_iter().flat_map(|children| children.values());
    let listed = ["anyOf", "allOf", "oneOf"]
        .into_iter()
        .filter_map(|keyword| schema.get(keyword));
    let listed = listed.filter_map(Value::as_array).flatten();
    let mut children = named.chain(listed).chain(schema.get("items"));
    children.all(|child| match child {
        Value::Object(child) => sound(child, root, open),
        _ => true,
    })
}

/// The schema of the function that is the tool with the number `index`, which has to take an object.
///
/// # Errors
///
/// [`unsupported`] if there are alternatives at its root that are more than objects.
pub(crate) fn of_function(index: usize, parameters: Option<&Fields>) -> Result<Fields, Error> {
    let Some(parameters) = parameters.filter(|schema| !schema.is_empty()) else {
        return Ok(empty_schema());
    };
    for_tool(parameters).ok_or_else(|| {
        unsupported(
            format_args!("tools[{index}].function.parameters"),
            "the provider takes an object without alternatives at its root",
        )
    })
}

/// A tool's schema as an object at its root without alternatives.
///
/// `None` if the alternatives at its root are more than objects.
fn for_tool(parameters: &Fields) -> Option<Fields> {
    let mut schema = parameters.clone();
    for keyword in ["allOf", "anyOf", "oneOf"] {
        if let Some(alternatives) = schema.shift_remove(keyword) {
            flatten(&mut schema, &alternatives, keyword == "allOf")?;
        }
    }
    schema.insert("type".into(), "object".into());
    Some(schema)
}

/// Puts the fields of all alternatives into the root. Those that all of them need stay needed.
fn flatten(root: &mut Fields, alternatives: &Value, all_hold: bool) -> Option<()> {
    let mut needed: Option<Vec<Value>> = None;
    for alternative in alternatives.as_array()? {
        let alternative = alternative.as_object()?;
        if alternative.contains_key("$ref") {
            return None;
        }
        if let Some(properties) = alternative.get("properties") {
            let target = root
                .entry("properties")
                .or_insert_with(|| Fields::new().into());
            let target = target.as_object_mut()?;
            for (name, schema) in properties.as_object()? {
                target.entry(name.clone()).or_insert_with(|| schema.clone());
            }
        } else if !alternative.contains_key("required") && !is_object(alternative) {
            return None;
        }
        let own = alternative.get("required").and_then(Value::as_array);
        let own = own.cloned().unwrap_or_default();
        needed = Some(match needed {
            None => own,
            Some(known) if all_hold => known.into_iter().chain(own).collect(),
            Some(known) => known
                .into_iter()
                .filter(|name| own.contains(name))
                .collect(),
        });
    }
    let needed = needed.filter(|needed| !needed.is_empty());
    if let Some(needed) = needed {
        let target = root
            .entry("required")
            .or_insert_with(|| Value::Array(Vec::new()));
        let target = target.as_array_mut()?;
        for name in needed {
            if !target.contains(&name) {
                target.push(name);
            }
        }
    }
    Some(())
}
