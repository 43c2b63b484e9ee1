use http::{HeaderName, Uri};
use steeplechase::deployment::{Auth, Platform};
use steeplechase::dialects::azure as dialect;
use steeplechase::dialects::catalog::Provider;
use steeplechase::{ApiKey, Dialect};

use super::Accounts;
use super::account::Who;
use super::caller::{self, Caller};
use crate::assemble::deployments::{Unusable, Upstream, about};
use crate::config::ModelEntry;

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What before a deployment's name says which models it is of, in LiteLLM: the prefix, and one of them.
const SERIES: [(&str, &str); 2] = [("o_series/", "o3"), ("gpt5_series/", "gpt-5")];

/// Whether a provider is on Azure.
pub(in crate::assemble) fn is_azure(provider: &Provider) -> bool {
    matches!(provider.id(), "azure" | "azure_ai")
}

/// The model whose abilities a deployment has, if its name begins with that.
fn series(model: &str) -> Option<&'static str> {
    let mut series = SERIES.iter();
    series.find_map(|(prefix, like)| model.starts_with(prefix).then_some(*like))
}

/// Where a deployment on Azure is, and how it is called.
pub(in crate::assemble) fn upstream(
    entry: &ModelEntry,
    (provider, model): (&Provider, &str),
    base_url: Uri,
    accounts: &mut Accounts,
    env: Env<'_>,
) -> Result<Upstream, Unusable> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let given = entry.params.api_version.clone();
    let version = given.or_else(|| set("AZURE_API_VERSION").filter(|_| provider.id() == "azure"));
    let platform = dialect::platform(provider.id(), version.as_deref()).unwrap_or_default();
    let is_claude = provider.id() == "azure_ai" && dialect::is_claude(model);
    let scope = entry.params.azure.scope.clone();
    let scope = scope.or_else(|| set("AZURE_SCOPE"));
    let scope = scope.unwrap_or_else(|| dialect::scope(&base_url).to_owned());
    let auth = match caller::find(entry, provider, accounts.has_machine, env) {
        None => Auth::None,
        Some(Caller::Key(key)) if is_claude => {
            Auth::Header(HeaderName::from_static("x-api-key"), ApiKey::new(key))
        }
        Some(Caller::Key(key)) => dialect::auth(&base_url, ApiKey::new(key)),
        Some(Caller::Token(token)) => Auth::Bearer(ApiKey::new(token)),
        Some(Caller::Identity(who)) => accounts
            .get(Who { scope, ..who }, &entry.model_name)
            .map_err(|message| {
                let fix = "write `api_key`, or build it with the feature";
                Unusable::Wrong(about(entry, "tenant_id", message, fix))
            })?,
    };
    let mut upstream = Upstream {
        dialect: provider.dialect(),
        platform,
        model: bare(model).to_owned(),
        base_model: series(model).map(str::to_owned),
        base_url,
        key: None,
        auth: Some(auth),
    };
    if is_claude {
        upstream.dialect = Dialect::Anthropic;
        upstream.platform = Platform::Own;
        upstream.base_url = dialect::anthropic_base_url(upstream.base_url);
    } else {
        upstream.base_url = dialect::base_url(provider.id(), upstream.base_url);
    }
    Ok(upstream)
}

/// The name of a deployment without that of its series.
fn bare(model: &str) -> &str {
    let mut series = SERIES.iter();
    let bare = series.find_map(|(prefix, _)| model.strip_prefix(prefix));
    bare.unwrap_or(model)
}
