//! `providers`: rows that are laid over the table of providers, or added to it.

use steeplechase::dialects::catalog::Row;

use crate::config::known;
use crate::config::model::ProviderEntry;
use crate::config::node::Cursor;

/// What a row may look like.
const EXAMPLE: &str =
    "providers: {house: {base_url: \"https://llm.example.com/v1\", key_env: [HOUSE_KEY]}}";

/// Reads the section.
pub(in crate::config) fn providers(section: &Cursor<'_>) -> Vec<ProviderEntry> {
    if !section.is_map() && !section.is_null() {
        section.mistyped("a map", EXAMPLE);
        return Vec::new();
    }
    section.fields().iter().map(provider).collect()
}

fn provider(section: &Cursor<'_>) -> ProviderEntry {
    let mut row = Row::default();
    for field in section.fields() {
        let Some(known) = known::PROVIDER
            .iter()
            .find(|known| known.key == field.key())
        else {
            field.error("a provider has no such field", fix(field.key()));
            continue;
        };
        let Some(value) = field.json() else { continue };
        match Row::from_field(known.key, value) {
            Some(over) => row = row.overlay(over),
            // What is found may be a secret.
            None => field.error(
                format!("expected {}", known.expected),
                format!("write for example `{}: {}`", known.key, known.example),
            ),
        }
    }
    ProviderEntry {
        id: section.key().to_owned(),
        source: section.at().place.source.to_string(),
        line: section.at().place.line,
        row,
    }
}

fn fix(key: &str) -> String {
    let meant = match key {
        "api_base" => Some("base_url"),
        "api_key" => Some("key_env"),
        key => known::nearest(key, known::PROVIDER.iter().map(|field| field.key)),
    };
    if let Some(meant) = meant {
        return format!("did you mean `{meant}`?");
    }
    let keys: Vec<_> = known::PROVIDER.iter().map(|field| field.key).collect();
    format!("there are {}", keys.join(", "))
}
