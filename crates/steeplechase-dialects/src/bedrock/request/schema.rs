//! Schemas of tools as models take them that are not Anthropic's: without references.

use serde_json::Value;

use crate::json::{self, Fields};

/// How deep a schema may be, and how large, once what it refers to is in its place.
const MAX_DEPTH: usize = 192;
const MAX_VALUES: usize = 50_000;

struct Inliner<'s> {
    root: &'s Fields,
    /// The definitions that are being looked into: one that leads back to itself has no end.
    open: Vec<&'s str>,
    values: usize,
}

/// The schema with what it refers to in the place of the references. One that would become too large is
/// left as it is.
pub(super) fn inlined(schema: Fields) -> Fields {
    let mut inliner = Inliner {
        root: &schema,
        open: Vec::new(),
        values: 0,
    };
    let has_references = schema.contains_key("$defs") || schema.contains_key("definitions");
    let whole = has_references.then(|| inliner.object(&schema, 0)).flatten();
    whole.unwrap_or(schema)
}

// ===== impl Inliner =====

impl<'s> Inliner<'s> {
    fn value(&mut self, value: &'s Value, depth: usize) -> Option<Value> {
        self.values += 1;
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            return None;
        }
        Some(match value {
            Value::Object(fields) => Value::Object(self.object(fields, depth + 1)?),
            Value::Array(values) => {
                let values = values.iter().map(|value| self.value(value, depth + 1));
                Value::Array(values.collect::<Option<_>>()?)
            }
            value => value.clone(),
        })
    }

    fn object(&mut self, fields: &'s Fields, depth: usize) -> Option<Fields> {
        let mut out = Fields::new();
        if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
            let path = reference.strip_prefix('#')?;
            // What has no end says nothing after its first round.
            if !self.open.contains(&reference) {
                let target = json::find(self.root, path)?;
                self.open.push(reference);
                out = self.object(target, depth + 1)?;
                self.open.pop();
            }
        }
        if depth > MAX_DEPTH {
            return None;
        }
        // What stands beside a reference holds too.
        for (name, value) in fields.iter().filter(|(name, _)| *name != "$ref") {
            let is_definition = depth == 0 && matches!(name.as_str(), "$defs" | "definitions");
            if !is_definition {
                out.insert(name.clone(), self.value(value, depth + 1)?);
            }
        }
        Some(out)
    }
}
