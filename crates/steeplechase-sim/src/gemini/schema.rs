//! Refuses schemas that are more than the part of JSON Schema that Gemini knows.

use serde_json::Value;

use crate::refusal::Refusal;

/// Checks a schema, which is at `place`. Its fields have been checked before.
pub(super) fn check(schema: &Value, place: &str) -> Result<(), Refusal> {
    if let Some(branches) = schema["anyOf"].as_array() {
        let fields = schema.as_object().into_iter().flatten();
        let mut beside = fields.filter(|(field, _)| {
            !["anyOf", "nullable", "title", "description", "default"].contains(&field.as_str())
        });
        if beside.next().is_some() {
            let what = "when using any_of, it must be the only field set";
            return Err(wrong(place, "any_of", what));
        }
        for (number, branch) in branches.iter().enumerate() {
            check(branch, &format!("{place}.any_of[{number}]"))?;
        }
        return Ok(());
    }
    let kind = schema["type"].as_str().unwrap_or_default().to_uppercase();
    if kind.is_empty() {
        return Err(wrong(place, "type", "must be specified"));
    }
    words(schema, &kind, place)?;
    match kind.as_str() {
        "OBJECT" => object(schema, place),
        "ARRAY" if schema["items"].is_null() => Err(wrong(place, "items", "missing field.")),
        "ARRAY" => check(&schema["items"], &format!("{place}.items")),
        _ => Ok(()),
    }
}

fn object(schema: &Value, place: &str) -> Result<(), Refusal> {
    let properties = schema["properties"].as_object();
    let properties = properties.filter(|properties| !properties.is_empty());
    let Some(properties) = properties else {
        let what = "should be non-empty for OBJECT type";
        return Err(wrong(place, "properties", what));
    };
    let required = schema["required"].as_array();
    for (number, name) in required.into_iter().flatten().enumerate() {
        if !properties.contains_key(name.as_str().unwrap_or_default()) {
            let field = format!("required[{number}]");
            return Err(wrong(place, &field, "property is not defined"));
        }
    }
    for (name, property) in properties {
        check(property, &format!("{place}.properties[{name}]"))?;
    }
    Ok(())
}

/// Enumerations and formats.
fn words(schema: &Value, kind: &str, place: &str) -> Result<(), Refusal> {
    if let Some(values) = schema["enum"].as_array() {
        if kind != "STRING" && kind != "INTEGER" {
            return Err(wrong(place, "enum", "only allowed for STRING type"));
        }
        if let Some(number) = values.iter().position(|value| value == "") {
            return Err(wrong(place, &format!("enum[{number}]"), "cannot be empty"));
        }
    }
    let Some(format) = schema["format"].as_str() else {
        return Ok(());
    };
    let (allowed, names): (&[&str], _) = match kind {
        "STRING" => (&["enum", "date-time"], "'enum' and 'date-time'"),
        "NUMBER" => (&["float", "double"], "'float' and 'double'"),
        "INTEGER" => (&["int32", "int64"], "'int32' and 'int64'"),
        _ => return Ok(()),
    };
    if allowed.contains(&format) {
        Ok(())
    } else {
        let what = format!("only {names} are supported for {kind} type");
        Err(wrong(place, "format", &what))
    }
}

fn wrong(place: &str, field: &str, what: &str) -> Refusal {
    Refusal::bad(format!("{place}.{field}: {what}\n"))
}
