//! What an operator should know of a deployment that can be used all the same.

use steeplechase::Deployment;
use steeplechase::deployment::Auth;
use steeplechase::dialects::catalog::{self, AuthStyle, Catalog};

use super::azure;
use super::deployments::about;
use crate::config::{Diagnostic, ModelEntry};

/// Names the settings of an entry that are read and have no effect yet, or not all that they have in
/// LiteLLM.
pub(super) fn without_effect(entry: &ModelEntry, deployment: &Deployment) -> Vec<Diagnostic> {
    let params = &entry.params;
    let is_azure = catalog::get(deployment.provider()).is_some_and(azure::is_azure);
    let not_yet = "this is not acted on yet";
    let found = [
        (
            "api_version",
            params.api_version.is_some() && !is_azure,
            not_yet,
        ),
        (
            "tenant_id",
            params.azure.tenant_id.is_some() && !is_azure,
            not_yet,
        ),
        (
            "client_id",
            params.azure.client_id.is_some() && !is_azure,
            not_yet,
        ),
    ];
    let found = found.into_iter().filter(|(_, is_set, _)| *is_set);
    let warning = |(key, _, message): (&str, bool, &str)| Diagnostic {
        fix: None,
        ..about(entry, key, message.to_owned(), "")
    };
    found.map(warning).collect()
}

/// Says that a deployment has no key, if its provider does not do without.
pub(super) fn without_key(
    catalog: &Catalog,
    entry: &ModelEntry,
    deployment: &Deployment,
) -> Option<Diagnostic> {
    const SHOWN_IN: [&str; 4] = ["authorization", "api-key", "x-api-key", "x-goog-api-key"];
    let provider = catalog.get(deployment.provider())?;
    let has_key = !matches!(deployment.auth(), Auth::None)
        || SHOWN_IN
            .iter()
            .any(|name| deployment.headers().contains_key(*name));
    let shows_none = *provider.auth_style() == AuthStyle::None;
    let asks_nobody = deployment.mock().is_some();
    if has_key || shows_none || asks_nobody || provider.is_key_optional() {
        return None;
    }
    let message = format!(
        "there is no key for the provider `{}`, so it will refuse the calls of this deployment",
        provider.id()
    );
    let fix = match provider.key_variables().first() {
        Some(variable) => format!("write `api_key`, or set `{variable}`"),
        None => "write `api_key`".to_owned(),
    };
    Some(about(entry, "api_key", message, &fix))
}

/// That none of the deployments gets calls.
pub(super) fn all_blocked(entry: &ModelEntry) -> Diagnostic {
    let message = "every deployment is blocked, so there is nothing to serve".to_owned();
    Diagnostic {
        key_path: "model_list".to_owned(),
        ..about(entry, "", message, "leave `blocked` out of one of them")
    }
}
