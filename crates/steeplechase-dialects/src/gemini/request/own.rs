//! What callers say in the provider's own words, which it is told as it is.

use serde_json::Value;
use steeplechase_core::Error;

use super::native::Config;
use crate::chat::ChatRequest;
use crate::chat::notes::{Notes, invalid};
use crate::gemini::Host;
use crate::json::Fields;

/// Fields of the body, beside those that are written anyway.
pub(super) struct Own {
    pub(super) body: Fields,
    pub(super) labels: Option<Fields>,
}

/// A field that the provider knows, as callers may spell it.
struct Known {
    /// As the provider spells it; callers may put `_` before what is upper-case.
    name: &'static str,
    /// The servers that know it, if not all do.
    only: Option<Host>,
}

const BODY: [Known; 3] = [
    all("safetySettings"),
    all("cachedContent"),
    only("modelArmorConfig", Host::Vertex),
];

const CONFIG: [Known; 9] = [
    all("thinkingConfig"),
    all("mediaResolution"),
    all("imageConfig"),
    all("speechConfig"),
    all("responseModalities"),
    only("routingConfig", Host::Vertex),
    only("modelConfig", Host::Vertex),
    only("audioTimestamp", Host::Vertex),
    only("enableEnhancedCivicAnswers", Host::Studio),
];

/// The longest key and value of a label.
const MAX_LABEL: usize = 63;

const fn all(name: &'static str) -> Known {
    Known { name, only: None }
}

const fn only(name: &'static str, host: Host) -> Known {
    Known {
        name,
        only: Some(host),
    }
}

/// Takes what the provider knows from what is left of a call. The rest is noted.
pub(super) fn read(
    chat: &ChatRequest,
    host: Host,
    config: &mut Config<'_>,
    notes: &mut Notes,
) -> Own {
    let mut own = Own {
        body: Fields::new(),
        labels: None,
    };
    own.take(&chat.extra, host, config, notes);
    if host.has_labels() && own.labels.is_none() {
        own.labels = chat.metadata.as_ref().and_then(|it| labels(it, notes));
    }
    own
}

/// Whether a field is a name of the provider's, in either way to write it.
fn is_name(field: &str, name: &str) -> bool {
    if field == name {
        return true;
    }
    let mut snake = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    field == snake
}

/// What a caller notes about a call, in the letters that labels have. What is no text is none.
fn labels(metadata: &Fields, notes: &mut Notes) -> Option<Fields> {
    let mut labels = Fields::new();
    for (name, value) in metadata {
        let name = letters(name);
        let is_name = name.starts_with(|c: char| c.is_ascii_lowercase());
        match value.as_str().filter(|_| is_name) {
            Some(value) => {
                labels.insert(name, letters(value).into());
            }
            None => notes.note("metadata"),
        }
    }
    (!labels.is_empty()).then_some(labels)
}

fn letters(text: &str) -> String {
    let letters = text.chars().map(|c| match c.to_ascii_lowercase() {
        c if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') => c,
        _ => '_',
    });
    letters.take(MAX_LABEL).collect()
}

// ===== impl Own =====

impl Own {
    fn take(&mut self, fields: &Fields, host: Host, config: &mut Config<'_>, notes: &mut Notes) {
        for (field, value) in fields {
            let find = |known: &'static [Known]| {
                let is_here = |it: &&Known| it.only.is_none_or(|only| only == host);
                known
                    .iter()
                    .filter(is_here)
                    .find(|it| is_name(field, it.name))
            };
            match (field.as_str(), value) {
                // Where Google's own OpenAI-like servers have them.
                ("extra_body" | "google", Value::Object(fields)) => {
                    self.take(fields, host, config, notes);
                }
                ("labels", Value::Object(labels)) if host.has_labels() => {
                    self.labels = Some(labels.clone());
                }
                _ => {
                    if let Some(known) = find(&BODY) {
                        self.body.insert(known.name.into(), value.clone());
                    } else if let Some(known) = find(&CONFIG) {
                        config.replace(known.name, value.clone());
                    } else {
                        notes.note(field);
                    }
                }
            }
        }
    }

    /// Says what does not go together with what is in a cache already.
    pub(super) fn check(&self, has_system: bool, has_tools: bool) -> Result<(), Error> {
        let is_cached = self.body.contains_key("cachedContent");
        if !is_cached || !has_system && !has_tools {
            return Ok(());
        }
        Err(invalid(
            "cached_content",
            "has its own system message and tools, so the call must have none",
        ))
    }
}

// ===== impl Config =====

impl Config<'_> {
    /// Puts a caller's own word in the place of what was made of its other ones.
    fn replace(&mut self, name: &'static str, value: Value) {
        match name {
            "thinkingConfig" => self.thinking = None,
            "mediaResolution" => self.media_resolution = None,
            "speechConfig" => self.speech = None,
            "responseModalities" => self.response_modalities.clear(),
            _ => {}
        }
        self.own.insert(name.into(), value);
    }
}
