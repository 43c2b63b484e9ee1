//! The variables that `os.environ/NAME` can mean.

use std::collections::BTreeMap;

use super::Secret;
use super::node::{Cursor, Resolved};

/// How a value says that it is to be found in the environment.
pub(super) const PREFIX: &str = "os.environ/";

/// The environment of the process, under the `environment_variables` of the configuration.
///
/// The process's own environment is never written: other threads may be reading it, and what a
/// configuration says should not leak into what the program starts.
pub(super) struct Environment<'a> {
    process: &'a dyn Fn(&str) -> Option<String>,
    overlay: BTreeMap<String, String>,
}

impl<'a> Environment<'a> {
    pub(super) fn new(process: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            process,
            overlay: BTreeMap::new(),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        match self.overlay.get(name) {
            Some(value) => Some(value.clone()),
            None => (self.process)(name),
        }
    }

    /// What was laid over the environment of the process.
    pub(super) fn into_overlay(self) -> BTreeMap<String, Secret> {
        let overlay = self.overlay.into_iter();
        overlay
            .map(|(name, value)| (name, Secret::new(value)))
            .collect()
    }

    pub(super) fn lay_over(&mut self, variables: BTreeMap<String, String>) {
        self.overlay = variables;
    }
}

/// Reads the map `environment_variables`.
pub(super) fn variables(section: &Cursor<'_>) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for field in section.fields() {
        let name = field.key();
        if is_dangerous(name) {
            field.warn(
                "this variable steers the process itself, so it is left as it is",
                "set it where the process is started, if it must be set",
            );
            continue;
        }
        let value = match field.resolve() {
            Resolved::Nothing => continue,
            Resolved::Text(text) => text.to_owned(),
            Resolved::Variable { value, .. } => value,
            // As Python prints them, which is what LiteLLM writes.
            Resolved::Flag(true) => "True".to_owned(),
            Resolved::Flag(false) => "False".to_owned(),
            Resolved::Whole(number) => number.to_string(),
            Resolved::Number(number) => number.to_string(),
            Resolved::List | Resolved::Map => {
                field.mistyped("a text", &format!("{name}: \"value\""));
                continue;
            }
        };
        variables.insert(name.to_owned(), value);
    }
    variables
}

/// Whether a variable decides what code runs, or where the process finds its things.
fn is_dangerous(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "BASH_ENV", "ENV", "HOME", "IFS", "NO_PROXY", "PATH", "SHELL", "TMPDIR", "USER",
    ];
    const PREFIXES: &[&str] = &["DYLD_", "LD_", "PYTHON"];
    let name = name.to_ascii_uppercase();
    NAMES.contains(&name.as_str()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}
