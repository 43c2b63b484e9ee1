use http::{HeaderName, Uri};
use steeplechase::deployment::{Auth, Platform};
use steeplechase::dialects::azure as dialect;
use steeplechase::dialects::catalog::Provider;
use steeplechase::{ApiKey, Dialect};

use super::tokens::{Tokens, Who};
use crate::assemble::deployments::{Env, Reach};
use crate::config::{Config, ModelEntry};

/// The providers whose deployments are on Azure.
pub(in crate::assemble) const PROVIDERS: [&str; 2] = ["azure", "azure_ai"];

/// What before a deployment's name says which models it is of, in LiteLLM: the prefix, and one of them.
const SERIES: [(&str, &str); 2] = [("o_series/", "o3"), ("gpt5_series/", "gpt-5")];

/// By what it is shown who calls.
enum Caller {
    /// Who asks for tokens; for what is still to be said.
    Identity(Who),
    Key(String),
    /// A token that somebody else has fetched.
    Token(String),
}

/// How the provider of an entry is reached. `None` if it is not on Azure.
pub(in crate::assemble) fn reach<'a>(
    config: &Config,
    entry: &'a ModelEntry,
    (provider, model): (&'static Provider, &'a str),
    base_url: &Uri,
    tokens: &mut Tokens,
    env: Env<'_>,
) -> Option<Reach<'a>> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let given = entry.params.api_version.clone();
    let version = given.or_else(|| set("AZURE_API_VERSION").filter(|_| provider.id() == "azure"));
    let platform = dialect::platform(provider.id(), version.as_deref())?;
    let is_claude = provider.id() == "azure_ai" && dialect::is_claude(model);
    let key = |key: ApiKey| {
        if is_claude {
            Auth::Header(HeaderName::from_static("x-api-key"), key)
        } else {
            dialect::auth(base_url, key)
        }
    };
    let scope = entry.params.azure.scope.clone();
    let scope = scope.or_else(|| set("AZURE_SCOPE"));
    let scope = scope.unwrap_or_else(|| dialect::scope(base_url).to_owned());
    let caller = of_entry(entry, env).or_else(|| of_environment(config, entry, provider, env));
    let auth = match caller {
        None => Auth::None,
        Some(Caller::Key(own)) => key(ApiKey::new(own)),
        Some(Caller::Token(token)) => Auth::Bearer(ApiKey::new(token)),
        Some(Caller::Identity(who)) => tokens.of(Who { scope, ..who }),
    };
    if is_claude {
        return Some(Reach {
            dialect: Dialect::Anthropic,
            model,
            base_url: dialect::anthropic_base_url(base_url.clone()),
            platform: Platform::Own,
            auth,
            base_model: None,
        });
    }
    let mut series = SERIES.iter();
    let series = series.find_map(|(prefix, like)| Some((model.strip_prefix(prefix)?, *like)));
    let (model, base_model) = series.map_or((model, None), |(model, like)| (model, Some(like)));
    Some(Reach {
        dialect: provider.dialect(),
        model,
        base_url: dialect::base_url(provider.id(), base_url.clone()),
        platform,
        auth,
        base_model,
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

/// Who the environment says that calls, or else the configuration of all deployments.
fn of_environment(
    config: &Config,
    entry: &ModelEntry,
    provider: &Provider,
    env: Env<'_>,
) -> Option<Caller> {
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
    let token_file = set("AZURE_FEDERATED_TOKEN_FILE");
    if token_file.is_some() && tenant_id.is_some() && client_id.is_some() {
        return Some(Caller::Identity(Who {
            tenant_id,
            client_id,
            token_file,
            ..Who::default()
        }));
    }
    config.azure_managed_identity.then(|| {
        Caller::Identity(Who {
            client_id,
            ..Who::default()
        })
    })
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
