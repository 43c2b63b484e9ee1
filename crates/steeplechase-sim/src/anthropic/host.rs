//! Those who serve Anthropic's models, and what each of them wants otherwise.

use serde_json::{Map, Value};

use super::Anthropic;
use crate::dialect::Dialect;
use crate::refusal::Refusal;

/// Who serves the model.
#[derive(Clone, Debug)]
pub(crate) struct Host<'a> {
    pub(crate) dialect: &'static dyn Dialect,
    /// The model, if it is in the path; then it may not be in the body.
    pub(crate) model: Option<&'a str>,
    /// What `anthropic_version` in the body has to be, or else the date of a version, if it is there
    /// and not in a header.
    pub(crate) version: Option<&'static str>,
    /// Fields of a request that this host does not know.
    pub(crate) lacks: &'static [&'static str],
    /// What identifiers have after their prefix.
    pub(crate) ids: &'static str,
    /// Whether to stream, if the path decides and not the body.
    pub(crate) streams: Option<bool>,
    /// An event of its own, at the start of a stream.
    pub(crate) event: Option<&'static str>,
}

impl Host<'_> {
    /// Anthropic itself.
    pub(crate) const fn own() -> Self {
        Self {
            dialect: &Anthropic,
            model: None,
            version: None,
            lacks: &[],
            ids: "",
            streams: None,
            event: None,
        }
    }

    /// Whether a request may have this field, which Anthropic knows or not.
    pub(super) fn knows(&self, field: &str, anthropic: bool) -> bool {
        if self.version.is_some() && ["anthropic_version", "anthropic_beta"].contains(&field) {
            return true;
        }
        let elsewhere = self.model.is_some() && field == "model"
            || self.streams.is_some() && field == "stream"
            || self.lacks.contains(&field);
        anthropic && !elsewhere
    }

    /// Refuses a request for another version than the one there is.
    pub(super) fn check_version(&self, body: &Map<String, Value>) -> Result<(), Refusal> {
        match (self.version, body.get("anthropic_version")) {
            (None, _) => Ok(()),
            (Some(version), Some(given)) if given == version || is_date(given) => Ok(()),
            (Some(version), Some(_)) => Err(Refusal::bad(format!(
                "anthropic_version: Input should be '{version}'"
            ))),
            (Some(_), None) => Err(super::check::required("anthropic_version")),
        }
    }

    /// Refuses what would have to be fetched: these hosts take content only in the request itself.
    pub(crate) fn check_sources(&self, messages: &Value) -> Result<(), Refusal> {
        fn url(value: &Value) -> bool {
            match value {
                Value::Object(fields) => {
                    fields
                        .get("source")
                        .is_some_and(|source| source["type"] == "url")
                        || fields.get("content").is_some_and(url)
                }
                Value::Array(values) => values.iter().any(url),
                _ => false,
            }
        }
        if self.version.is_some() && url(messages) {
            let message = "messages: URL sources are not supported. Please use base64 sources.";
            return Err(Refusal::bad(message));
        }
        Ok(())
    }
}

/// Such as `2023-06-01`.
fn is_date(version: &Value) -> bool {
    let version = version.as_str().unwrap_or_default();
    let is = |(place, byte): (usize, u8)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    version.len() == 10 && version.bytes().enumerate().all(is)
}
