//! How many tokens tools have.

use serde_json::{Map, Value};

use super::{Count, Family, Tokenizer};
use crate::chat::{Tool, ToolKind};

/// What OpenAI's models are shown of a tool is none of its JSON, but a line for it and one for each of its
/// properties. These are the tokens around the words in them.
const PROPERTIES: u64 = 3;
const PROPERTY: u64 = 3;
const CHOICE: u64 = 3;
/// A list of choices has less around it than a property without one.
const CHOICES_LESS: u64 = 3;
const ALL_TOOLS: u64 = 12;

/// What Anthropic tells a model of tools in general, if there are any.
const CLAUDES_PREAMBLE: u64 = 346;

/// Schemas deeper than that are counted as text.
const DEEPEST: usize = 8;

pub(super) type Text = fn(Tokenizer, &str) -> Count;

/// The tokens of all tools of a call.
pub(super) fn count(tokenizer: Tokenizer, tools: &[Tool], text: Text) -> Count {
    if tools.is_empty() {
        return Count::NONE;
    }
    let family = tokenizer.family();
    let all: Count = tools
        .iter()
        .map(|tool| match &tool.kind {
            ToolKind::Function {
                name,
                description,
                parameters,
                ..
            } if family.is_openai() => {
                let line = named(name, description.as_deref());
                let start = Count::exact(if family == Family::Cl100k { 10 } else { 7 });
                let parameters = parameters.as_ref();
                let parameters = parameters.map(|schema| object(tokenizer, schema, text, 0));
                start + text(tokenizer, &line) + parameters.unwrap_or(Count::NONE)
            }
            ToolKind::Function {
                name,
                description,
                parameters,
                ..
            } => {
                let line = named(name, description.as_deref());
                let schema = parameters
                    .as_ref()
                    .map(|schema| json(tokenizer, schema, text));
                text(tokenizer, &line) + schema.unwrap_or(Count::NONE)
            }
            ToolKind::Custom {
                name,
                description,
                grammar,
            } => {
                let line = named(name, description.as_deref());
                let grammar = grammar
                    .as_ref()
                    .map(|grammar| json(tokenizer, grammar, text));
                (text(tokenizer, &line) + grammar.unwrap_or(Count::NONE)).as_estimate()
            }
            ToolKind::Other(tool) => json(tokenizer, tool, text),
        })
        .sum();
    match family {
        Family::Claude => all + Count::exact(CLAUDES_PREAMBLE).as_estimate(),
        _ => all + Count::exact(ALL_TOOLS),
    }
}

/// A JSON value as text.
pub(super) fn json(tokenizer: Tokenizer, value: &impl serde::Serialize, text: Text) -> Count {
    let written = serde_json::to_string(value).unwrap_or_default();
    text(tokenizer, &written).as_estimate()
}

/// The properties of an object.
fn object(tokenizer: Tokenizer, schema: &Map<String, Value>, text: Text, depth: usize) -> Count {
    let Some(Value::Object(properties)) = schema.get("properties") else {
        return Count::NONE;
    };
    if properties.is_empty() {
        return Count::NONE;
    }
    let each = properties.iter().map(|(name, schema)| {
        let Value::Object(schema) = schema else {
            return json(tokenizer, schema, text);
        };
        property(tokenizer, name, schema, text, depth)
    });
    Count::exact(PROPERTIES) + each.sum()
}

fn property(
    tokenizer: Tokenizer,
    name: &str,
    schema: &Map<String, Value>,
    text: Text,
    depth: usize,
) -> Count {
    let said = |field: &str| schema.get(field).and_then(Value::as_str);
    let kind = said("type").unwrap_or_default();
    let description = said("description").unwrap_or_default();
    let line = format!("{name}:{kind}:{}", without_stop(description));
    let mut count = Count::exact(PROPERTY) + text(tokenizer, &line);
    if let Some(Value::Array(choices)) = schema.get("enum") {
        let each = choices.iter().map(|choice| match choice {
            Value::String(choice) => Count::exact(CHOICE) + text(tokenizer, choice),
            other => Count::exact(CHOICE) + json(tokenizer, other, text),
        });
        count += each.sum();
        count.tokens = count.tokens.saturating_sub(CHOICES_LESS);
    }
    let known = ["type", "description", "enum", "title"];
    let is_flat = schema.keys().all(|field| known.contains(&field.as_str()));
    if is_flat && !kind.is_empty() {
        return count;
    }
    let inner = match schema.get("items") {
        Some(Value::Object(items)) => items,
        _ => schema,
    };
    // Nobody has said how schemas in schemas are shown.
    let inner = if depth >= DEEPEST || !inner.contains_key("properties") {
        let rest = schema
            .iter()
            .filter(|(field, _)| !known.contains(&field.as_str()));
        let rest: Map<_, _> = rest
            .map(|(field, value)| (field.clone(), value.clone()))
            .collect();
        json(tokenizer, &rest, text)
    } else {
        object(tokenizer, inner, text, depth + 1)
    };
    (count + inner).as_estimate()
}

fn named(name: &str, description: Option<&str>) -> String {
    format!("{name}:{}", without_stop(description.unwrap_or_default()))
}

/// A description is shown without its last full stop.
fn without_stop(description: &str) -> &str {
    description.strip_suffix('.').unwrap_or(description)
}
