//! What went wrong, for the one who reads the terminal.

use std::fmt;

/// Why a step failed.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// For errors of the file system: says what was being done.
pub(crate) trait While<T> {
    fn while_(self, doing: impl fmt::Display) -> Result<T, Failure>;
}

impl<T> While<T> for std::io::Result<T> {
    fn while_(self, doing: impl fmt::Display) -> Result<T, Failure> {
        self.map_err(|error| Failure(format!("{doing}: {error}")))
    }
}
