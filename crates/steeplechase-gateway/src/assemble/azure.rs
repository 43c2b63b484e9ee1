//! Deployments on Microsoft Azure.
//!
//! ```text
//!  azure/DEPLOYMENT     ──► OpenAI's dialect, on Azure's paths
//!  azure_ai/MODEL       ──► the same, on Foundry's
//!  azure_ai/claude-…    ──► Anthropic's dialect, on Foundry
//! ```
//!
//! Who calls is shown by the first of these that is there: the entry's `api_key`, `azure_ad_token`, or
//! application (`tenant_id`, `client_id`, `client_secret`); the provider's key in the environment,
//! `AZURE_AD_TOKEN`, an application in the environment, a workload identity; and last, if the configuration
//! says so, the identity of the machine.

use std::sync::Arc;

use http::{HeaderName, Uri};
use steeplechase::credentials::azure::{AzureToken, Identity};
use steeplechase::deployment::{Auth, Platform};
use steeplechase::dialects::azure as dialect;
use steeplechase::dialects::catalog::Provider;
use steeplechase::{ApiKey, Dialect, HttpClient, HttpClientConfig};

use super::deployments::{Env, Reach};
use super::upkeep::Upkeep;
use crate::config::{AzureParams, Config, ModelEntry};

/// The providers whose deployments are there.
pub(super) const PROVIDERS: [&str; 2] = ["azure", "azure_ai"];

/// What before a deployment's name says which models it is of, in LiteLLM: the prefix, and one of them.
const SERIES: [(&str, &str); 2] = [("o_series/", "o3"), ("gpt5_series/", "gpt-5")];

/// The tokens of a configuration: one for all deployments with the same identity.
#[derive(Default)]
pub(super) struct Tokens(Vec<Known>);

struct Known {
    who: Who,
    token: Arc<AzureToken>,
}

/// An identity, and for what it asks for tokens.
#[derive(Clone, Eq, PartialEq)]
struct Who {
    /// `None` of a machine.
    tenant_id: Option<String>,
    client_id: Option<String>,
    secret: Option<String>,
    token_file: Option<String>,
    scope: String,
}

// ===== impl Tokens =====

impl Tokens {
    /// Has all of them renewed.
    pub(super) fn keep_up(&self, upkeep: &mut Upkeep) {
        for Known { who, token } in &self.0 {
            let client = who.client_id.as_deref().unwrap_or("managed identity");
            upkeep.renew(&format!("azure: {client}"), token.renewed());
        }
    }

    fn of(&mut self, who: Who) -> Auth {
        if let Some(known) = self.0.iter().find(|known| known.who == who) {
            return Auth::Each(Arc::clone(&known.token) as _);
        }
        let client = HttpClient::with(HttpClientConfig::new().pools(1));
        let token = AzureToken::new(who.identity(), &*who.scope, client);
        let token = Arc::new(token);
        let auth = Auth::Each(Arc::clone(&token) as _);
        self.0.push(Known { who, token });
        auth
    }
}

// ===== impl Who =====

impl Who {
    fn identity(&self) -> Identity {
        let client_id = self.client_id.clone();
        let tenant_id = self.tenant_id.clone().unwrap_or_default();
        match (&self.secret, &self.token_file) {
            (Some(secret), _) => Identity::Secret {
                tenant_id,
                client_id: client_id.unwrap_or_default(),
                secret: ApiKey::new(&**secret),
            },
            (None, Some(file)) => Identity::Workload {
                tenant_id,
                client_id: client_id.unwrap_or_default(),
                token_file: file.into(),
            },
            (None, None) => Identity::Managed { client_id },
        }
    }
}

/// How the provider of an entry is reached. `None` if it is not on Azure.
pub(super) fn reach<'a>(
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
    let auth = auth(config, entry, provider, (base_url, &key), tokens, env);
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

/// How it is shown who calls.
fn auth(
    config: &Config,
    entry: &ModelEntry,
    provider: &Provider,
    (base_url, key): (&Uri, &dyn Fn(ApiKey) -> Auth),
    tokens: &mut Tokens,
    env: Env<'_>,
) -> Auth {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let AzureParams {
        ad_token,
        tenant_id,
        client_id,
        client_secret,
        scope,
    } = &entry.params.azure;
    let scope = scope.clone().or_else(|| set("AZURE_SCOPE"));
    let scope = scope.unwrap_or_else(|| dialect::scope(base_url).to_owned());
    let mut of = |who: [Option<String>; 4]| {
        let [tenant_id, client_id, secret, token_file] = who;
        tokens.of(Who {
            tenant_id,
            client_id,
            secret,
            token_file,
            scope: scope.clone(),
        })
    };
    if let Some(own) = &entry.params.api_key {
        return key(ApiKey::new(own.expose()));
    }
    if let Some(token) = ad_token {
        return Auth::Bearer(ApiKey::new(token.expose()));
    }
    // What the entry leaves out may be in the environment.
    let tenant = tenant_id.clone().or_else(|| set("AZURE_TENANT_ID"));
    let client = client_id.clone().or_else(|| set("AZURE_CLIENT_ID"));
    let secret = client_secret.as_ref().map(|it| it.expose().to_owned());
    let is_of_entry = tenant_id.is_some() || client_id.is_some() || secret.is_some();
    let secret = secret.or_else(|| set("AZURE_CLIENT_SECRET"));
    let application = || {
        let all = tenant.is_some() && client.is_some() && secret.is_some();
        all.then(|| [tenant.clone(), client.clone(), secret.clone(), None])
    };
    if let Some(who) = application().filter(|_| is_of_entry) {
        return of(who);
    }
    let variables = provider.key_variables().iter();
    if let Some(own) = variables.map(String::as_str).find_map(set) {
        return key(ApiKey::new(own));
    }
    if let Some(token) = set("AZURE_AD_TOKEN") {
        return Auth::Bearer(ApiKey::new(token));
    }
    if let Some(who) = application() {
        return of(who);
    }
    let file = set("AZURE_FEDERATED_TOKEN_FILE");
    if file.is_some() && tenant.is_some() && client.is_some() {
        return of([tenant, client, None, file]);
    }
    if config.azure_managed_identity {
        return of([None, client, None, None]);
    }
    Auth::None
}

#[cfg(test)]
mod tests {
    use steeplechase::{ApiKey, Deployment};

    use super::*;
    use crate::assemble::{deployments, from_config};

    type Vars = [(&'static str, &'static str)];

    fn env(vars: &Vars) -> impl Fn(&str) -> Option<String> {
        |name| {
            let mut vars = vars.iter();
            vars.find_map(|(known, value)| (*known == name).then(|| (*value).to_owned()))
        }
    }

    /// The deployments of entries, and how many tokens they share.
    fn read(entries: &[&str], rest: &str, vars: &Vars) -> (Vec<Arc<Deployment>>, String) {
        let mut text = String::from("model_list:\n");
        for params in entries {
            text += &format!("  - {{model_name: m, litellm_params: {{{params}}}}}\n");
        }
        text += rest;
        let config = Config::parse(&text, "config.yaml", |_| None)
            .unwrap()
            .config;
        let read = deployments::read(&config, &env(vars));
        let read = read.unwrap_or_else(|errors| panic!("{errors:?}"));
        (read.groups[0].1.clone(), format!("{:?}", read.upkeep))
    }

    fn one(params: &str, vars: &Vars) -> Arc<Deployment> {
        read(&[params], "", vars).0.remove(0)
    }

    const BASE: &str = "api_base: 'https://eu.openai.azure.com'";
    const APP: &str = "tenant_id: t, client_id: app, client_secret: s";

    fn version(deployment: &Deployment) -> Option<&str> {
        match deployment.platform() {
            Platform::Azure { api_version } => api_version.as_deref(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_deployment_has_the_version_of_its_entry_or_of_the_environment_or_the_usual_one() {
        let entry = format!("model: azure/prod, {BASE}, api_key: k");
        let with = format!("{entry}, api_version: '2024-10-21'");
        let vars = [("AZURE_API_VERSION", "2024-06-01")];
        assert_eq!(version(&one(&with, &vars)), Some("2024-10-21"));
        assert_eq!(version(&one(&entry, &vars)), Some("2024-06-01"));
        assert_eq!(version(&one(&entry, &[])), Some("2025-02-01-preview"));
        let foundry = entry.replace("azure/", "azure_ai/");
        assert_eq!(version(&one(&foundry, &vars)), None);
    }

    #[test]
    fn all_of_it_may_be_in_the_environment() {
        let vars = [
            ("AZURE_API_KEY", "k"),
            ("AZURE_API_BASE", "https://us.openai.azure.com"),
        ];
        let deployment = one("model: azure/prod, base_model: azure/gpt-5-mini", &vars);
        assert_eq!(deployment.base_url(), "https://us.openai.azure.com/");
        assert_eq!(deployment.upstream_model(), "prod");
        assert_eq!(deployment.base_model(), Some("azure/gpt-5-mini"));
        assert!(matches!(deployment.auth(), Auth::Header(name, key)
            if name == "api-key" && key.expose() == "k"));
    }

    #[test]
    fn claude_on_foundry_is_spoken_to_in_its_own_dialect() {
        let deployment = one(
            "model: azure_ai/claude-sonnet-4-5, api_base: 'https://eu.services.ai.azure.com', api_key: k",
            &[],
        );
        assert_eq!(deployment.dialect(), Dialect::Anthropic);
        let base = "https://eu.services.ai.azure.com/anthropic";
        assert_eq!(deployment.base_url(), base);
        assert!(matches!(deployment.auth(), Auth::Header(name, _) if name == "x-api-key"));
    }

    #[test]
    fn a_name_may_say_of_which_series_its_models_are() {
        let deployment = one(
            &format!("model: azure/gpt5_series/prod, {BASE}, api_key: k"),
            &[],
        );
        assert_eq!(deployment.upstream_model(), "prod");
        assert_eq!(deployment.base_model(), Some("gpt-5"));
        let own = format!("model: azure/o_series/prod, {BASE}, api_key: k, base_model: o1");
        assert_eq!(one(&own, &[]).base_model(), Some("o1"));
    }

    #[test]
    fn what_an_entry_says_of_who_calls_goes_before_what_the_environment_says() {
        let key = [("AZURE_API_KEY", "env")];
        let auth = |more: &str, vars: &Vars| {
            let params = format!("model: azure/prod, {BASE}{more}");
            one(&params, vars).auth().clone()
        };
        let is_key = |auth: &Auth, wanted: &str| match auth {
            Auth::Header(_, key) => key.expose() == wanted,
            _ => false,
        };
        assert!(is_key(
            &auth(&format!(", api_key: own, {APP}"), &key),
            "own"
        ));
        assert!(
            matches!(auth(", azure_ad_token: T", &key), Auth::Bearer(token)
            if token.expose() == "T")
        );
        assert!(matches!(auth(&format!(", {APP}"), &key), Auth::Each(_)));
        assert!(is_key(&auth("", &key), "env"));
        let token = [("AZURE_AD_TOKEN", "T")];
        assert!(matches!(auth("", &token), Auth::Bearer(_)));
        assert!(matches!(auth("", &[]), Auth::None));
    }

    #[test]
    fn the_environment_may_hold_an_application_or_say_where_a_pods_token_is() {
        let app = [
            ("AZURE_TENANT_ID", "t"),
            ("AZURE_CLIENT_ID", "c"),
            ("AZURE_CLIENT_SECRET", "s"),
        ];
        let pod = [
            ("AZURE_TENANT_ID", "t"),
            ("AZURE_CLIENT_ID", "c"),
            ("AZURE_FEDERATED_TOKEN_FILE", "/none"),
        ];
        let entry = format!("model: azure/prod, {BASE}");
        for vars in [&app, &pod] {
            assert!(matches!(one(&entry, vars).auth(), Auth::Each(_)));
        }
        let (deployments, upkeep) = read(&[&entry], "", &app[..2]);
        assert!(matches!(deployments[0].auth(), Auth::None));
        assert_eq!(upkeep, "Upkeep(0)");
    }

    #[test]
    fn the_identity_of_the_machine_is_used_if_it_is_asked_for() {
        let entry = format!("model: azure/prod, {BASE}");
        let rest = "litellm_settings: {enable_azure_ad_token_refresh: true}";
        let (deployments, upkeep) = read(&[&entry], rest, &[]);
        assert!(matches!(deployments[0].auth(), Auth::Each(_)));
        assert_eq!(upkeep, "Upkeep(1)");
    }

    #[test]
    fn deployments_with_one_identity_share_its_token() {
        let entry = |model: &str, app: &str| format!("model: azure/{model}, {BASE}, {app}");
        let other = APP.replace("app", "other");
        let entries = [entry("a", APP), entry("b", APP), entry("c", &other)];
        let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        assert_eq!(read(&entries, "", &[]).1, "Upkeep(2)");
    }

    #[test]
    fn a_setting_of_azure_has_no_effect_elsewhere_and_a_token_by_oidc_is_an_error() {
        let text = format!(
            "model_list: [{{model_name: m, litellm_params: {{model: openai/x, api_key: k, {APP}}}}}]"
        );
        let config = Config::parse(&text, "config.yaml", |_| None)
            .unwrap()
            .config;
        let warnings = from_config(&config, &|_| None).unwrap().warnings;
        let warned: Vec<_> = warnings.iter().map(|it| &*it.key_path).collect();
        assert!(
            warned.iter().any(|key| key.ends_with("tenant_id")),
            "{warned:?}"
        );

        let text = "model_list: [{model_name: m, litellm_params: {model: azure/x, \
                    azure_ad_token: oidc/azure/aud}}]";
        let errors = Config::parse(text, "config.yaml", |_| None).unwrap_err();
        assert!(errors.to_string().contains("azure_ad_token"), "{errors}");
        // No key gets into what is printed.
        assert!(!format!("{:?}", ApiKey::new("hunter2")).contains("hunter2"));
    }
}
