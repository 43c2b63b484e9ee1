//! From text to a tree that knows its lines, the way LiteLLM's YAML reader understands the text.
//!
//! LiteLLM reads YAML 1.1, `saphyr` reads YAML 1.2. Two differences are met in real files, and
//! both are bridged here: `yes`, `no`, `on` and `off` are booleans, and `<<` merges a map into
//! another. One is not: a key that is written twice is an error here, not a silent last-one-wins.

use std::sync::Arc;

use saphyr::{LoadableYamlNode, MarkedYamlOwned, ScalarOwned, ScanError, YamlDataOwned};

use super::diagnostic::{At, Place, Report};

/// How far a line may be indented. It bounds how deep a file can nest, and with that the stack
/// that reading it takes: the parser is recursive.
const MAX_INDENT: usize = 200;

/// A value and the line it is written on.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What can be written in a configuration.
#[derive(Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key of a map, with its value.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) node: Node,
}

/// Reads `text` as one YAML document. What is wrong with it is noted in `report`.
pub(super) fn load(text: &str, source: &Arc<str>, report: &Report) -> Option<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let loader = Loader { source, report };
    if let Some(line) = too_deep(text) {
        loader.error(
            line,
            format!("invalid YAML: the line is indented by more than {MAX_INDENT} columns"),
            "nest less deeply",
        );
        return None;
    }
    let mut documents = match MarkedYamlOwned::load_from_str(text) {
        Ok(documents) => documents.into_iter(),
        Err(error) => {
            loader.scan_error(text, &error);
            return None;
        }
    };
    let root = documents.next();
    if let Some(second) = documents.next() {
        loader.error(
            second.span.start.line(),
            "a second YAML document begins here, and only one is read".to_owned(),
            "remove the `---` above it, or put it into a file of its own and `include` that",
        );
        return None;
    }
    match root {
        Some(root) if !matches!(root.data, YamlDataOwned::BadValue) => loader.node(&root),
        _ => Some(Node {
            place: loader.place(1),
            value: Value::Null,
        }),
    }
}

/// The first line whose structure begins too far to the right.
fn too_deep(text: &str) -> Option<usize> {
    let indent = |line: &str| {
        line.bytes()
            .take_while(|byte| matches!(byte, b' ' | b'\t' | b'-' | b'?' | b':'))
            .count()
    };
    // YAML also ends lines at a bare carriage return.
    text.split(['\n', '\r'])
        .position(|line| indent(line) > MAX_INDENT)
        .map(|index| index + 1)
}

struct Loader<'a> {
    source: &'a Arc<str>,
    report: &'a Report,
}

impl Loader<'_> {
    fn place(&self, line: usize) -> Place {
        Place {
            source: Arc::clone(self.source),
            line,
        }
    }

    fn error(&self, line: usize, message: String, fix: &str) {
        let at = At {
            place: self.place(line),
            path: String::new(),
        };
        self.report.error(&at, message, fix);
    }

    fn scan_error(&self, text: &str, error: &ScanError) {
        let (line, column) = (error.marker().line(), error.marker().col());
        if error.info().starts_with("duplicated key") {
            let (key, first) = duplicate(text, line, column);
            let first = first.map_or(String::new(), |first| format!(", first on line {first}"));
            self.error(
                line,
                format!("the key `{key}` is written twice in one map{first}"),
                "keep one of them",
            );
        } else {
            self.error(
                line,
                format!("invalid YAML at column {}: {}", column + 1, error.info()),
                "check the indentation, the quotes and the colons of this line and the one above",
            );
        }
    }

    fn node(&self, raw: &MarkedYamlOwned) -> Option<Node> {
        let line = raw.span.start.line();
        let value = match &raw.data {
            YamlDataOwned::Value(ScalarOwned::String(text)) => {
                // A plain scalar is as long as its text; quotes make it longer.
                let plain = raw.span.len() == text.chars().count();
                match yaml_1_1_bool(text).filter(|_| plain) {
                    Some(value) => Value::Bool(value),
                    None => Value::Text(text.clone()),
                }
            }
            YamlDataOwned::Value(ScalarOwned::Null) => Value::Null,
            YamlDataOwned::Value(ScalarOwned::Boolean(value)) => Value::Bool(*value),
            YamlDataOwned::Value(ScalarOwned::Integer(value)) => Value::Int(*value),
            YamlDataOwned::Value(ScalarOwned::FloatingPoint(value)) => Value::Float(value.0),
            YamlDataOwned::Sequence(items) => {
                Value::List(items.iter().filter_map(|item| self.node(item)).collect())
            }
            YamlDataOwned::Mapping(entries) => Value::Map(self.map(entries.iter())),
            YamlDataOwned::Tagged(tag, _) => {
                let message = format!("the YAML tag `{tag}` has no meaning here");
                self.error(line, message, "write the value without it");
                return None;
            }
            YamlDataOwned::Representation(..)
            | YamlDataOwned::Alias(_)
            | YamlDataOwned::BadValue => {
                let message = "this value does not fit its YAML tag".to_owned();
                self.error(line, message, "write the value without the tag");
                return None;
            }
        };
        Some(Node {
            place: self.place(line),
            value,
        })
    }

    fn map<'n>(
        &self,
        raw: impl Iterator<Item = (&'n MarkedYamlOwned, &'n MarkedYamlOwned)>,
    ) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut merged = Vec::new();
        for (raw_key, raw_value) in raw {
            let (Some(key), Some(node)) = (self.key(raw_key), self.node(raw_value)) else {
                continue;
            };
            if key == "<<" {
                merged.push(node);
            } else {
                let place = self.place(raw_key.span.start.line());
                entries.push(Entry { key, place, node });
            }
        }
        for node in merged {
            self.merge(&mut entries, node);
        }
        entries
    }

    /// Adds what a `<<` brings: keys that are written out win, and so do earlier maps.
    fn merge(&self, entries: &mut Vec<Entry>, node: Node) {
        match node.value {
            Value::Map(more) => {
                for entry in more {
                    if entries.iter().all(|present| present.key != entry.key) {
                        entries.push(entry);
                    }
                }
            }
            Value::List(maps) => maps.into_iter().for_each(|map| self.merge(entries, map)),
            _ => self.error(
                node.place.line,
                "`<<` merges a map, and this is none".to_owned(),
                "write for example `<<: *defaults`, with `&defaults` on a map above",
            ),
        }
    }

    fn key(&self, raw: &MarkedYamlOwned) -> Option<String> {
        match &raw.data {
            YamlDataOwned::Value(ScalarOwned::String(text)) => Some(text.clone()),
            YamlDataOwned::Value(ScalarOwned::Integer(value)) => Some(value.to_string()),
            YamlDataOwned::Value(ScalarOwned::FloatingPoint(value)) => Some(value.0.to_string()),
            YamlDataOwned::Value(ScalarOwned::Boolean(value)) => Some(value.to_string()),
            _ => {
                self.error(
                    raw.span.start.line(),
                    "a key must be a text".to_owned(),
                    "write it as `key: value`",
                );
                None
            }
        }
    }
}

/// The words that YAML 1.1 takes for booleans and YAML 1.2 does not.
fn yaml_1_1_bool(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// The key at a place of the text, and the line above it with the same key in the same column.
fn duplicate(text: &str, line: usize, column: usize) -> (String, Option<usize>) {
    let key_at = |line: &str| -> Option<String> {
        let (indent, rest) = line.split_at_checked(column)?;
        let (key, _) = rest.split_once(':')?;
        indent
            .bytes()
            .all(|byte| matches!(byte, b' ' | b'-'))
            .then(|| key.trim().trim_matches(['"', '\'']).to_owned())
    };
    let lines: Vec<&str> = text.lines().collect();
    let Some(key) = lines
        .get(line.saturating_sub(1))
        .and_then(|line| key_at(line))
    else {
        // Within `{ }`, where the key cannot be cut out this simply.
        let here = lines.get(line.saturating_sub(1)).unwrap_or(&"");
        let rest: String = here.chars().skip(column).collect();
        let key = rest.split([':', ',', '}']).next().unwrap_or_default();
        return (key.trim().trim_matches(['"', '\'']).to_owned(), None);
    };
    let above = lines[..line - 1].iter().enumerate().rev();
    let first = above
        .filter(|(_, line)| key_at(line).as_ref() == Some(&key))
        .map(|(index, _)| index + 1)
        .next();
    (key, first)
}
