use serde_json::{Value, json};

use super::merge::{is_of_type, merge};
use super::refs::Refs;
use super::values::{is_format, keep_texts};
use crate::json::Fields;

/// The keywords that the provider knows.
const KNOWN: [&str; 22] = [
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "enum",
    "items",
    "minItems",
    "maxItems",
    "properties",
    "required",
    "propertyOrdering",
    "anyOf",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "example",
    "default",
    "minProperties",
    "maxProperties",
];

/// How deep a schema goes. The provider itself goes no further than that.
const MAX_DEPTH: usize = 32;

/// Writes schemas in the subset.
struct Writer<'s> {
    refs: Refs<'s>,
    depth: usize,
    /// Whether the order of an object's fields is said.
    is_ordered: bool,
}

/// The schema in the subset.
pub(in super::super) fn subset(schema: &Fields) -> Fields {
    write(schema, false)
}

/// The same, for an answer: its fields come in the order of the schema.
pub(in super::super) fn ordered_subset(schema: &Fields) -> Fields {
    write(schema, true)
}

fn write(schema: &Fields, is_ordered: bool) -> Fields {
    let mut writer = Writer {
        refs: Refs::new(schema),
        depth: 0,
        is_ordered,
    };
    writer.schema(schema.clone())
}

// ===== impl Writer =====

impl Writer<'_> {
    fn schema(&mut self, schema: Fields) -> Fields {
        if self.depth >= MAX_DEPTH || !self.refs.take() {
            return of_type("OBJECT");
        }
        self.depth += 1;
        let written = if schema.contains_key("$ref") {
            self.reference(&schema)
        } else {
            self.without_ref(schema)
        };
        self.depth -= 1;
        written
    }

    fn reference(&mut self, schema: &Fields) -> Fields {
        let Some(target) = self.refs.open(schema) else {
            return of_type("OBJECT");
        };
        let written = self.schema(target);
        self.refs.close();
        written
    }

    fn without_ref(&mut self, mut schema: Fields) -> Fields {
        if let Some(Value::Array(all)) = schema.shift_remove("allOf") {
            self.merge_all(&mut schema, all);
        }
        if let Some(one_of) = schema.shift_remove("oneOf") {
            schema.entry("anyOf").or_insert(one_of);
        }
        if let Some(value) = schema.shift_remove("const") {
            schema.insert("enum".into(), json!([value]));
        }
        let mut is_nullable = is_said(&schema);
        is_nullable |= schema.get("type") == Some(&"null".into());
        is_nullable |= keep_texts(&mut schema);
        is_nullable |= split_types(&mut schema);
        let written = match schema.shift_remove("anyOf") {
            Some(Value::Array(branches)) => self.any_of(schema, branches),
            _ => self.plain(schema),
        };
        nullable(written, is_nullable)
    }

    /// Puts all that has to hold into one.
    fn merge_all(&mut self, schema: &mut Fields, all: Vec<Value>) {
        for branch in all {
            let Value::Object(branch) = branch else {
                continue;
            };
            // What it refers to is taken as it is; what is in it is written later.
            let is_open = branch.contains_key("$ref");
            let branch = if is_open {
                self.refs.open(&branch)
            } else {
                Some(branch)
            };
            let Some(mut branch) = branch else { continue };
            if let Some(Value::Array(all)) = branch.shift_remove("allOf")
                && self.depth < MAX_DEPTH
                && self.refs.take()
            {
                self.depth += 1;
                self.merge_all(&mut branch, all);
                self.depth -= 1;
            }
            if is_open {
                self.refs.close();
            }
            merge(schema, branch);
        }
    }

    /// Alternatives. What is said beside them goes into them, as nothing may be beside them.
    fn any_of(&mut self, mut beside: Fields, branches: Vec<Value>) -> Fields {
        let has_null = branches.iter().any(is_null);
        let branches = branches.into_iter().filter(|branch| !is_null(branch));
        let mut branches: Vec<Fields> = branches
            .filter_map(|branch| match branch {
                Value::Object(branch) => Some(branch),
                _ => None,
            })
            .collect();
        beside.retain(|name, _| {
            matches!(&**name, "description" | "title" | "properties" | "required")
        });
        let written = if branches.len() <= 1 {
            // With one alternative there is none.
            merge(&mut beside, branches.pop().unwrap_or_default());
            self.schema(beside)
        } else {
            let branches = branches.into_iter().map(|mut branch| {
                merge(&mut branch, beside.clone());
                Value::Object(self.schema(branch))
            });
            let branches: Vec<_> = branches.collect();
            Fields::from_iter([("anyOf".to_owned(), branches.into())])
        };
        nullable(written, has_null)
    }

    /// A schema without alternatives.
    fn plain(&mut self, mut schema: Fields) -> Fields {
        let kind = kind_of(&schema).to_owned();
        schema.shift_remove("nullable");
        schema.retain(|name, value| {
            KNOWN.contains(&&**name) && (name != "format" || is_format(value, &kind))
        });
        schema.insert("type".into(), kind.to_ascii_uppercase().into());
        let properties = match schema.shift_remove("properties") {
            Some(Value::Object(properties)) if kind == "object" => properties,
            _ => Fields::new(),
        };
        let properties: Fields = properties
            .into_iter()
            .map(|(name, property)| (name, Value::Object(self.value(property))))
            .collect();
        if let Some(Value::Array(required)) = schema.shift_remove("required") {
            let known = |name: &Value| name.as_str().is_some_and(|it| properties.contains_key(it));
            let required: Vec<_> = required.into_iter().filter(known).collect();
            if !required.is_empty() {
                schema.insert("required".into(), required.into());
            }
        }
        if !properties.is_empty() {
            if self.is_ordered {
                let order: Vec<_> = properties.keys().cloned().collect();
                schema.insert("propertyOrdering".into(), order.into());
            }
            schema.insert("properties".into(), properties.into());
        }
        let items = schema.shift_remove("items").unwrap_or_default();
        if kind == "array" {
            schema.insert("items".into(), self.value(items).into());
        }
        schema
    }

    /// A schema in the place of one. What is none may be anything, of which a text is the most.
    fn value(&mut self, value: Value) -> Fields {
        match value {
            Value::Object(schema) => self.schema(schema),
            // One for each place: the first has to do for all.
            Value::Array(places) => self.value(places.into_iter().next().unwrap_or_default()),
            _ => of_type("STRING"),
        }
    }
}

fn of_type(kind: &str) -> Fields {
    Fields::from_iter([("type".to_owned(), kind.into())])
}

/// Says of a schema that it may be `null`: of alternatives with each of them.
fn nullable(mut schema: Fields, is_nullable: bool) -> Fields {
    if !is_nullable {
        return schema;
    }
    if let Some(Value::Array(branches)) = schema.get_mut("anyOf") {
        for branch in branches.iter_mut().filter_map(Value::as_object_mut) {
            *branch = nullable(std::mem::take(branch), true);
        }
        return schema;
    }
    schema.insert("nullable".into(), true.into());
    schema
}

fn is_said(schema: &Fields) -> bool {
    schema.get("nullable") == Some(&Value::Bool(true))
}

fn is_null(branch: &Value) -> bool {
    branch.get("type") == Some(&"null".into())
        || branch.get("const") == Some(&Value::Null)
        || branch.get("enum") == Some(&json!([null]))
}

/// Makes of several types one, or alternatives. Says whether `null` was one of them.
fn split_types(schema: &mut Fields) -> bool {
    let Some(Value::Array(kinds)) = schema.get("type") else {
        return false;
    };
    let kinds = kinds.iter().filter_map(Value::as_str);
    let (nulls, kinds): (Vec<_>, Vec<_>) = kinds.map(str::to_owned).partition(|it| it == "null");
    schema.shift_remove("type");
    if let [kind] = &*kinds {
        schema.insert("type".into(), kind.as_str().into());
    } else if !kinds.is_empty() && !schema.contains_key("anyOf") {
        let branches: Vec<_> = kinds.iter().map(|kind| branch(schema, kind)).collect();
        schema.retain(|name, _| matches!(&**name, "description" | "title"));
        schema.insert("anyOf".into(), branches.into());
    }
    !nulls.is_empty()
}

/// What a schema says of values of one of its types.
fn branch(schema: &Fields, kind: &str) -> Value {
    let fields = schema.iter().filter(|(name, _)| is_of_type(name, kind));
    let mut branch = of_type(kind);
    branch.extend(fields.map(|(name, value)| (name.clone(), value.clone())));
    Value::Object(branch)
}

/// The type of a schema, whether it says so or not.
fn kind_of(schema: &Fields) -> &str {
    const KINDS: [&str; 6] = ["string", "number", "integer", "boolean", "array", "object"];
    let said = schema.get("type").and_then(Value::as_str);
    let said = said.and_then(|said| KINDS.iter().find(|kind| said.eq_ignore_ascii_case(kind)));
    match said {
        Some(kind) => kind,
        None if schema.contains_key("properties") => "object",
        None if schema.contains_key("items") => "array",
        None => "string",
    }
}
