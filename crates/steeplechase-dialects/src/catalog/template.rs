use std::fmt;

use serde::Deserialize;

/// A text with variables of the environment in it: `https://{ACCOUNT}.example.com/v1`.
///
/// `{A|B}` is the first of the two that is set. `{A:text}` is `text` if it is not.
#[derive(Clone, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub(super) struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Eq, PartialEq)]
enum Part {
    Text(String),
    Variable {
        names: Vec<String>,
        default: Option<String>,
    },
}

// ===== impl Template =====

impl Template {
    /// As it is written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The variables that are in it.
    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts
            .iter()
            .flat_map(|part| match part {
                Part::Text(_) => &[],
                Part::Variable { names, .. } => names.as_slice(),
            })
            .map(String::as_str)
    }

    /// The text, with what `env` says in the place of the variables.
    ///
    /// # Errors
    ///
    /// The names of a variable that is needed and not set.
    pub(super) fn expand(&self, env: impl Fn(&str) -> Option<String>) -> Result<String, &[String]> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Variable { names, default } => {
                    let set = names.iter().find_map(|name| env(name));
                    let value = set.or_else(|| default.clone()).ok_or(names.as_slice())?;
                    out.push_str(&value);
                }
            }
        }
        Ok(out)
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, after) = after
                .split_once('}')
                .ok_or("there is a `{` without its `}`")?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(variable(inside)?);
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { text, parts })
    }
}

impl fmt::Debug for Template {
    // An operator may have put a secret into it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variables: Vec<_> = self.variables().collect();
        f.debug_struct("Template")
            .field("variables", &variables)
            .finish_non_exhaustive()
    }
}

fn variable(inside: &str) -> Result<Part, String> {
    let (names, default) = match inside.split_once(':') {
        Some((names, default)) => (names, Some(default.to_owned())),
        None => (inside, None),
    };
    let names: Vec<_> = names.split('|').map(str::to_owned).collect();
    let is_name = |name: &String| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    if names.iter().all(is_name) {
        Ok(Part::Variable { names, default })
    } else {
        Err(format!("`{{{inside}}}` is not the name of a variable"))
    }
}
