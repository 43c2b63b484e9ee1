use std::borrow::Cow;
use std::ops::Deref;

use serde::Deserialize;

/// A string that is borrowed if nothing in it is escaped.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The text of a field that may be missing.
pub(crate) fn text<'t>(field: Option<&'t Text<'_>>) -> &'t str {
    field.map_or("", |text| text)
}

// ===== impl Text =====

impl<'a> Text<'a> {
    pub(crate) fn into_inner(self) -> Cow<'a, str> {
        self.0
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}
