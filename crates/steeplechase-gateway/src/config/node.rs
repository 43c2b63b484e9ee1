//! A cursor over the tree: where it is, what is written there, and whom to tell if it is wrong.

use serde_json::{Map, Number};

use super::credentials::Credentials;
use super::diagnostic::{At, Report};
use super::environment::{Environment, PREFIX};
use super::yaml::{Node, Value};

/// What a cursor needs besides its place.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) report: &'a Report,
    pub(super) environment: &'a Environment<'a>,
    /// Those that a deployment can name, once they are read.
    pub(super) credentials: Option<&'a Credentials<'a>>,
}

/// A place in the tree.
///
/// Its getters (see `values`) give `None` both for what is absent and for what is wrong; in the
/// second case they have told the [`Report`] already. Ask each place once: every look-up of a
/// variable that is not set is a warning.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    node: &'a Node,
    at: At,
    key: &'a str,
    context: Context<'a>,
    /// LiteLLM does not look into the environment for a text that is an item of a list.
    literal: bool,
}

/// What is written at a place, once `os.environ/` has been followed.
pub(super) enum Resolved<'a> {
    Nothing,
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(&'a str),
    Variable { name: &'a str, value: String },
    List,
    Map,
}

impl<'a> Cursor<'a> {
    pub(super) fn root(node: &'a Node, context: Context<'a>) -> Self {
        Self {
            at: At {
                place: node.place.clone(),
                path: String::new(),
            },
            node,
            key: "",
            context,
            literal: false,
        }
    }

    pub(super) fn key(&self) -> &'a str {
        self.key
    }

    pub(super) fn at(&self) -> &At {
        &self.at
    }

    pub(super) fn node(&self) -> &'a Node {
        self.node
    }

    pub(super) fn report(&self) -> &'a Report {
        self.context.report
    }

    /// The values of the credential that is named here, of those in `credential_list`.
    pub(super) fn credential(&self) -> Option<Self> {
        match self.context.credentials {
            Some(credentials) => credentials.named(self),
            None => Credentials::default().named(self),
        }
    }

    /// Whether what is written here is the name of a variable that is not set.
    pub(super) fn is_unset(&self) -> bool {
        let set = |name| self.context.environment.get(name).is_some();
        self.variable().is_some_and(|name| !set(name))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.node.value, Value::Null)
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.node.value, Value::List(_))
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self.node.value, Value::Map(_))
    }

    pub(super) fn error(&self, message: impl Into<String>, fix: impl Into<String>) {
        self.context.report.error(&self.at, message, fix);
    }

    pub(super) fn warn(&self, message: impl Into<String>, fix: impl Into<String>) {
        self.context.report.warn(&self.at, message, fix);
    }

    /// Notes that something else should be written here: `expected` in words, `example` in YAML.
    pub(super) fn mistyped(&self, expected: &str, example: &str) {
        self.error(
            format!("expected {expected}, found {}", self.found()),
            format!("write for example `{example}`"),
        );
    }

    /// The entries of the map that should be here; nothing written is an empty map.
    pub(super) fn fields(&self) -> Vec<Self> {
        match &self.node.value {
            Value::Map(entries) => entries
                .iter()
                .map(|entry| Self {
                    node: &entry.node,
                    at: self.at.key(&entry.key, &entry.place),
                    key: &entry.key,
                    context: self.context,
                    literal: false,
                })
                .collect(),
            Value::Null => Vec::new(),
            _ => {
                let message = format!("expected a map, found {}", self.found());
                self.error(message, "write `key: value` lines, indented below it");
                Vec::new()
            }
        }
    }

    /// The entry `key` of the map that is here, if it is one and has it.
    pub(super) fn field(&self, key: &str) -> Option<Self> {
        if self.is_map() {
            self.fields().into_iter().find(|field| field.key == key)
        } else {
            None
        }
    }

    /// Notes that the map that is here lacks `key`, unless it has something else in its place,
    /// which has been told of already.
    pub(super) fn require(&self, key: &str, example: &str) {
        let field = self.field(key);
        let at = match &field {
            None => self.at.missing(key),
            Some(field) if matches!(field.node.value, Value::Null | Value::Text(_)) => {
                field.at.clone()
            }
            Some(_) => return,
        };
        let message = format!("every entry of `model_list` needs a `{key}`");
        let fix = format!("write for example `{example}`");
        self.context.report.error(&at, message, fix);
    }

    /// The items of the list that should be here; nothing written is an empty list.
    pub(super) fn items(&self, example: &str) -> Vec<Self> {
        match &self.node.value {
            Value::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, node)| Self {
                    at: self.at.item(index, &node.place),
                    node,
                    key: self.key,
                    context: self.context,
                    literal: true,
                })
                .collect(),
            Value::Null => Vec::new(),
            _ => {
                self.mistyped("a list", example);
                Vec::new()
            }
        }
    }

    /// What is written here. A variable that is not set is a warning, and nothing.
    pub(super) fn resolve(&self) -> Resolved<'a> {
        self.resolve_or(|name| {
            self.warn(
                format!("the environment variable `{name}` is not set, so this is left out"),
                format!("set `{name}`, or give it a value under `environment_variables`"),
            );
        })
    }

    /// As [`resolve`](Self::resolve), but `missing` says what a missing variable means.
    pub(super) fn resolve_or(&self, missing: impl FnOnce(&'a str)) -> Resolved<'a> {
        match &self.node.value {
            Value::Null => Resolved::Nothing,
            Value::Bool(value) => Resolved::Flag(*value),
            Value::Int(value) => Resolved::Whole(*value),
            Value::Float(value) => Resolved::Number(*value),
            Value::List(_) => Resolved::List,
            Value::Map(_) => Resolved::Map,
            Value::Text(text) => {
                let Some(name) = self.variable() else {
                    return Resolved::Text(text);
                };
                if let Some(value) = self.context.environment.get(name) {
                    return Resolved::Variable { name, value };
                }
                missing(name);
                Resolved::Nothing
            }
        }
    }

    /// The name of the variable that is meant here.
    fn variable(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) if !self.literal => text.strip_prefix(PREFIX),
            _ => None,
        }
    }

    /// What is here as JSON, variables followed as LiteLLM does. `None` for nothing.
    pub(super) fn json(&self) -> Option<serde_json::Value> {
        let value = match self.resolve() {
            Resolved::Nothing => return None,
            Resolved::Flag(value) => value.into(),
            Resolved::Whole(value) => value.into(),
            Resolved::Number(value) => {
                let Some(number) = Number::from_f64(value) else {
                    self.mistyped("a finite number", &format!("{}: 1.5", self.key));
                    return None;
                };
                number.into()
            }
            Resolved::Text(text) => text.into(),
            // LiteLLM makes booleans of these two words, and leaves all others.
            Resolved::Variable { value, .. } => match value.trim().to_ascii_lowercase().as_str() {
                "true" => true.into(),
                "false" => false.into(),
                _ => value.into(),
            },
            Resolved::List => self
                .items("")
                .iter()
                .map(|item| item.json().unwrap_or_default())
                .collect(),
            Resolved::Map => self.json_fields().into(),
        };
        Some(value)
    }

    /// The map that is here as a JSON object, without what is null.
    pub(super) fn json_fields(&self) -> Map<String, serde_json::Value> {
        self.fields()
            .iter()
            .filter_map(|field| Some((field.key.to_owned(), field.json()?)))
            .collect()
    }

    /// What is written here, in words that are safe to print.
    fn found(&self) -> String {
        const LONGEST: usize = 32;
        if let Some(name) = self.variable() {
            return format!("the value of the environment variable `{name}`");
        }
        match &self.node.value {
            Value::Null => "nothing".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => value.to_string(),
            Value::Text(text) => match text.chars().count() {
                // A long text may be a key that slipped into the wrong line.
                0..=LONGEST => format!("{text:?}"),
                length => format!("a text of {length} characters"),
            },
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map".to_owned(),
        }
    }
}
