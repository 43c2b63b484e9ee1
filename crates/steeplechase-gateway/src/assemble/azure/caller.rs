use steeplechase::dialects::catalog::Provider;

use super::account::Who;
use crate::config::ModelEntry;

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// By what it is shown who calls.
pub(super) enum Caller {
    /// Who asks for tokens; for what is still to be said.
    Identity(Who),
    Key(String),
    /// A token that somebody else has fetched.
    Token(String),
}

/// Who calls the deployment of an entry. `has_machine` says whether the machine has an identity.
pub(super) fn find(
    entry: &ModelEntry,
    provider: &Provider,
    has_machine: bool,
    env: Env<'_>,
) -> Option<Caller> {
    of_entry(entry, env)
        .or_else(|| of_environment(entry, provider, env))
        .or_else(|| {
            let (_, client_id) = names(entry, env);
            has_machine.then(|| {
                Caller::Identity(Who {
                    client_id,
                    ..Who::default()
                })
            })
        })
}

/// Who an entry says that calls.
fn of_entry(entry: &ModelEntry, env: Env<'_>) -> Option<Caller> {
    let params = &entry.params;
    if let Some(key) = &params.api_key {
        return Some(Caller::Key(key.expose().to_owned()));
    }
    let azure = &params.azure;
    if let Some(token) = &azure.ad_token {
        return Some(Caller::Token(token.expose().to_owned()));
    }
    let is_said = azure.tenant_id.is_some() || azure.client_id.is_some();
    let who = application(entry, env).filter(|_| is_said || azure.client_secret.is_some())?;
    Some(Caller::Identity(who))
}

/// Who the environment says that calls.
fn of_environment(entry: &ModelEntry, provider: &Provider, env: Env<'_>) -> Option<Caller> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let variables = provider.key_variables().iter();
    if let Some(key) = variables.map(String::as_str).find_map(set) {
        return Some(Caller::Key(key));
    }
    if let Some(token) = set("AZURE_AD_TOKEN") {
        return Some(Caller::Token(token));
    }
    if let Some(who) = application(entry, env) {
        return Some(Caller::Identity(who));
    }
    let (tenant_id, client_id) = names(entry, env);
    Some(Caller::Identity(Who {
        tenant_id: Some(tenant_id?),
        client_id: Some(client_id?),
        token_file: Some(set("AZURE_FEDERATED_TOKEN_FILE")?),
        ..Who::default()
    }))
}

/// An application with its secret. What the entry leaves out may be in the environment.
fn application(entry: &ModelEntry, env: Env<'_>) -> Option<Who> {
    let (tenant_id, client_id) = names(entry, env);
    let secret = entry.params.azure.client_secret.as_ref();
    let secret = secret.map(|secret| secret.expose().to_owned());
    let secret = secret.or_else(|| env("AZURE_CLIENT_SECRET").filter(|it| !it.is_empty()));
    Some(Who {
        tenant_id: Some(tenant_id?),
        client_id: Some(client_id?),
        secret: Some(secret?),
        ..Who::default()
    })
}

/// A directory, and an application or an identity in it.
fn names(entry: &ModelEntry, env: Env<'_>) -> (Option<String>, Option<String>) {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let azure = &entry.params.azure;
    let tenant_id = azure.tenant_id.clone();
    let client_id = azure.client_id.clone();
    (
        tenant_id.or_else(|| set("AZURE_TENANT_ID")),
        client_id.or_else(|| set("AZURE_CLIENT_ID")),
    )
}
