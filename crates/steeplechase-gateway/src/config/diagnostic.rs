use std::cell::RefCell;
use std::collections::HashSet;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// One thing to say about one place of a configuration.
///
/// `Display` prints it on one line, as compilers do, so that editors can jump to it:
///
/// ```text
/// config.yaml:12: router_settings.num_retries: expected a whole number, found "many"; write ...
/// ╰── source  ╰ line  ╰── key_path             ╰── message                           ╰── fix
/// ```
///
/// It never holds the value of a secret or of an environment variable.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The file, as it was named by the caller or by the `include` that led to it.
    pub source: String,
    /// The line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// The way to the key, for example `model_list[0].litellm_params.timeout`; empty when the text
    /// could not be read as YAML.
    pub key_path: String,
    /// What is wrong, or what is worth knowing.
    pub message: String,
    /// What to write instead, where there is something to write.
    pub fix: Option<String>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        if !self.source.is_empty() {
            f.write_str(&self.source)?;
            between = ": ";
        }
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.key_path.is_empty() {
            write!(f, "{between}{}", self.key_path)?;
            between = ": ";
        }
        write!(f, "{between}{}", self.message)?;
        match &self.fix {
            Some(fix) => write!(f, "; {fix}"),
            None => Ok(()),
        }
    }
}

/// Why a configuration was refused: everything that was found wrong with it, not only the first.
///
/// `Display` prints one [`Diagnostic`] a line. There is at least one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigErrors(Vec<Diagnostic>);

impl ConfigErrors {
    /// The errors, by file and line.
    #[must_use]
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl Error for ConfigErrors {}

/// A line of a file.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) source: Arc<str>,
    pub(super) line: usize,
}

/// A place, and the way to the key that is written there.
#[derive(Clone)]
pub(super) struct At {
    pub(super) place: Place,
    pub(super) path: String,
}

impl At {
    /// The key `key` of the map that is here, written at `place`.
    pub(super) fn key(&self, key: &str, place: &Place) -> Self {
        Self {
            place: place.clone(),
            path: if self.path.is_empty() {
                key.to_owned()
            } else {
                format!("{}.{key}", self.path)
            },
        }
    }

    /// The item `index` of the list that is here, written at `place`.
    pub(super) fn item(&self, index: usize, place: &Place) -> Self {
        Self {
            place: place.clone(),
            path: format!("{}[{index}]", self.path),
        }
    }

    /// A key that is not written, but should be a part of what is here.
    pub(super) fn missing(&self, key: &str) -> Self {
        self.key(key, &self.place)
    }
}

/// Collects what is found while a configuration is read.
#[derive(Default)]
pub(super) struct Report {
    errors: RefCell<Vec<Diagnostic>>,
    warnings: RefCell<Vec<Diagnostic>>,
}

impl Report {
    /// Notes something that must be changed. An empty `fix` is none.
    pub(super) fn error(&self, at: &At, message: impl Into<String>, fix: impl Into<String>) {
        let error = diagnostic(at, message.into(), fix.into());
        self.errors.borrow_mut().push(error);
    }

    /// Notes something that is worth knowing. An empty `fix` is none.
    pub(super) fn warn(&self, at: &At, message: impl Into<String>, fix: impl Into<String>) {
        let warning = diagnostic(at, message.into(), fix.into());
        self.warnings.borrow_mut().push(warning);
    }

    pub(super) fn has_errors(&self) -> bool {
        !self.errors.borrow().is_empty()
    }

    /// The warnings, or the errors if there are any; each by file and line.
    pub(super) fn finish(self) -> Result<Vec<Diagnostic>, ConfigErrors> {
        if self.has_errors() {
            Err(self.refuse())
        } else {
            Ok(by_place(self.warnings.into_inner()))
        }
    }

    /// The errors, of which there must be some.
    pub(super) fn refuse(self) -> ConfigErrors {
        let errors = by_place(self.errors.into_inner());
        debug_assert!(!errors.is_empty(), "a refusal has a reason");
        ConfigErrors(errors)
    }
}

fn diagnostic(at: &At, message: String, fix: String) -> Diagnostic {
    Diagnostic {
        source: at.place.source.to_string(),
        line: at.place.line,
        key_path: at.path.clone(),
        message,
        fix: Some(fix).filter(|fix| !fix.is_empty()),
    }
}

fn by_place(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by(|a, b| (&a.source, a.line).cmp(&(&b.source, b.line)));
    // What several deployments share is read for each of them, and told once.
    let mut told = HashSet::with_capacity(diagnostics.len());
    diagnostics.retain(|diagnostic| told.insert(diagnostic.clone()));
    diagnostics
}
