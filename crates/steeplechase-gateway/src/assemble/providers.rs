//! Which provider an entry is for, where it is and what it is shown.

use std::borrow::Cow;

use http::Uri;
use steeplechase::Dialect;
use steeplechase::dialects::catalog::{self, Catalog, Provider, UrlError};

use super::deployments::{Unusable, about};
use crate::config::{Config, Diagnostic, ModelEntry};

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The providers there are: those that are built in, and the configuration's own.
///
/// # Errors
///
/// What cannot be laid over the table.
pub fn catalog(config: &Config) -> Result<Cow<'static, Catalog>, Vec<Diagnostic>> {
    let mut catalog = Cow::Borrowed(Catalog::built_in());
    let mut errors = Vec::new();
    for entry in &config.providers {
        let laid = catalog.to_mut().lay(&entry.id, entry.row.clone());
        errors.extend(laid.err().map(|message| Diagnostic {
            source: entry.source.clone(),
            line: entry.line,
            key_path: format!("providers.{}", entry.id),
            message,
            fix: Some("choose another name".to_owned()),
        }));
    }
    if errors.is_empty() {
        Ok(catalog)
    } else {
        Err(errors)
    }
}

/// The provider of an entry, and the provider's name for the model.
pub(super) fn find<'c, 'e>(
    catalog: &'c Catalog,
    entry: &'e ModelEntry,
) -> Result<(&'c Provider, &'e str), Unusable> {
    let name = entry.params.model.as_str();
    let found = match &entry.params.provider {
        Some(provider) => {
            let prefix = name
                .split_once('/')
                .filter(|(prefix, _)| prefix == provider);
            let model = prefix.map_or(name, |(_, model)| model);
            catalog.get(provider).map(|found| (found, model))
        }
        None => catalog.resolve(name),
    };
    found.ok_or_else(|| {
        let named = entry.params.provider.as_deref();
        let named = named.or_else(|| name.split_once('/').map(|(provider, _)| provider));
        let message = match named {
            Some(provider) => {
                format!(
                    "the provider `{provider}` is not supported yet, so this deployment is left out"
                )
            }
            None => {
                format!("nobody can tell whose model `{name}` is, so this deployment is left out")
            }
        };
        let fix =
            "for a server that speaks OpenAI's dialect write `model: openai/NAME` and `api_base`";
        Unusable::Unsupported(about(entry, "model", message, fix))
    })
}

/// Where the provider of an entry is.
pub(super) fn url(provider: &Provider, entry: &ModelEntry, env: Env<'_>) -> Result<Uri, Unusable> {
    let mut written = entry.params.api_base.as_ref();
    if provider.dialect() == Dialect::Bedrock {
        written = written.or(entry.params.aws.bedrock_endpoint.as_ref());
    }
    let url = match written {
        Some(url) => catalog::base_url(url).map_err(UrlError::Wrong),
        None => provider.url(env),
    };
    url.map_err(|error| {
        let id = provider.id();
        let (message, fix) = match error {
            UrlError::Nowhere => (
                format!("the provider `{id}` has no URL of its own"),
                "write the server's, for example `api_base: http://127.0.0.1:8000/v1`".to_owned(),
            ),
            UrlError::Unset(names) => (
                format!("a part of the URL of the provider `{id}` is not known"),
                format!("set `{}`, or write `api_base`", names.join("` or `")),
            ),
            error => (
                error.to_string(),
                "write for example `api_base: https://api.openai.com/v1`".to_owned(),
            ),
        };
        Unusable::Wrong(about(entry, "api_base", message, &fix))
    })
}
