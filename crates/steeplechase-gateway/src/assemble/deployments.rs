use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde_json::Value;
use steeplechase::deployment::{Auth, DeploymentBuilder, Platform, Profile};
use steeplechase::dialects::catalog::{self, AuthStyle, Catalog, Provider};
use steeplechase::{ApiKey, Deployment, Dialect};

use super::Upkeep;
use super::answers;
use super::azure;
use super::bedrock;
use super::previous::Previous;
use super::prices::{Prices, base_model};
use super::providers;
use super::shares;
use super::vertex;
use crate::config::{Compat, Config, Diagnostic, ModelEntry, RouterSettings, RoutingStrategy};

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The deployments of a configuration, by the model that callers ask for.
pub(super) struct Deployments {
    /// In the order of the file.
    pub(super) groups: Vec<(Arc<str>, Vec<Arc<Deployment>>)>,
    pub(super) providers: Vec<Arc<str>>,
    pub(super) upkeep: Vec<Upkeep>,
    pub(super) warnings: Vec<Diagnostic>,
}

/// Where a deployment is, and how it is called.
pub(super) struct Upstream {
    pub(super) dialect: Dialect,
    pub(super) platform: Platform,
    /// The provider's name for the model.
    pub(super) model: String,
    /// The model that it is, if that name does not tell.
    pub(super) base_model: Option<String>,
    pub(super) base_url: Uri,
    /// The key, if it is shown as the provider's row has it.
    pub(super) key: Option<ApiKey>,
    /// Otherwise, how it is called.
    pub(super) auth: Option<Auth>,
}

/// The accounts with which deployments are called. Those of the same account share a token.
pub(super) struct Accounts {
    pub(super) aws: bedrock::Signers,
    pub(super) azure: azure::Accounts,
    pub(super) google: vertex::Accounts,
}

/// Why an entry cannot be used.
pub(super) enum Unusable {
    /// It is wrong.
    Wrong(Diagnostic),
    /// It is for somebody we do not know how to speak to.
    Unsupported(Diagnostic),
}

#[cfg(test)]
pub(super) fn read(config: &Config, env: Env<'_>) -> Result<Deployments, Vec<Diagnostic>> {
    read_after(Previous::default(), config, env)
}

/// The deployments of a configuration that replaces another.
pub(super) fn read_after(
    mut previous: Previous,
    config: &Config,
    env: Env<'_>,
) -> Result<Deployments, Vec<Diagnostic>> {
    let mut all = Deployments {
        groups: Vec::new(),
        providers: Vec::new(),
        upkeep: Vec::new(),
        warnings: Vec::new(),
    };
    let catalog = providers::catalog(config)?;
    let mut accounts = Accounts {
        aws: bedrock::Signers::default(),
        azure: azure::Accounts::new(config),
        google: vertex::Accounts::default(),
    };
    let mut errors = Vec::new();
    let (prices, left_out) = Prices::read(config).map_err(|error| vec![error])?;
    all.warnings.extend(left_out);
    for entry in config.models.iter().filter(|entry| !entry.info.blocked) {
        match deployment(config, &catalog, entry, &prices, &mut accounts, env) {
            Ok(deployment) => {
                let deployment = previous.carry_on(entry, deployment).build();
                Prices::log(entry, &deployment);
                all.warnings.extend(prices.warnings(entry, &deployment));
                all.warnings.extend(without_effect(entry, &deployment));
                all.warnings
                    .extend(bedrock::warnings(entry, &deployment, env));
                all.warnings
                    .extend(without_key(&catalog, entry, &deployment));
                all.add(deployment);
            }
            Err(Unusable::Wrong(error)) => errors.push(error),
            Err(Unusable::Unsupported(warning)) => all.warnings.push(warning),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if all.groups.is_empty() {
        // Each has said why it cannot be used, unless it was told not to be.
        if all.warnings.is_empty() {
            all.warnings.extend(config.models.first().map(all_blocked));
        }
        return Err(all.warnings);
    }
    all.upkeep = accounts.aws.into_upkeep();
    all.upkeep.extend(accounts.azure.into_upkeep());
    all.upkeep.extend(accounts.google.into_upkeep());
    Ok(all)
}

impl Deployments {
    fn add(&mut self, deployment: Arc<Deployment>) {
        let provider = deployment.provider_handle();
        if !self.providers.contains(provider) {
            self.providers.push(Arc::clone(provider));
        }
        let model = deployment.model();
        match self.groups.iter_mut().find(|(name, _)| &**name == model) {
            Some((_, group)) => group.push(deployment),
            None => self.groups.push((model.into(), vec![deployment])),
        }
    }
}

fn deployment(
    config: &Config,
    catalog: &Catalog,
    entry: &ModelEntry,
    prices: &Prices,
    accounts: &mut Accounts,
    env: Env<'_>,
) -> Result<DeploymentBuilder, Unusable> {
    let params = &entry.params;
    let (provider, model) = providers::find(catalog, entry)?;
    let (pricing, info) = prices.of(entry, provider.id(), model);
    let upstream = upstream(entry, provider, model, accounts, env)?;
    let builder = Deployment::builder(&*entry.deployment_id, &*entry.model_name, upstream.dialect)
        .upstream_model(upstream.model)
        .platform(upstream.platform)
        .base_url(upstream.base_url);
    let builder = provider
        .equip(builder, upstream.key, env)
        .map_err(|message| {
            let fix = "set its variable to a value that HTTP allows";
            Unusable::Wrong(about(entry, "model", message, fix))
        })?;
    let builder = match upstream.auth {
        Some(auth) => builder.auth(auth),
        None => builder,
    };
    let mut builder = builder
        .profile(profile(entry, provider.profile()))
        .headers(headers(entry)?)
        .weight(shares::weight(config, entry))
        .order(shares::order(config, entry))
        .tags(params.tags.iter().map(String::as_str))
        .allowed_fails(entry.info.allowed_fails)
        .pricing(pricing)
        .model_info(info)
        .drop_params(
            params
                .drop_params
                .or(config.router.drop_params)
                .unwrap_or(false),
        );
    let written = base_model(entry).map(str::to_owned);
    if let Some(model) = written.or(upstream.base_model) {
        builder = builder.base_model(model);
    }
    let router = &config.router;
    builder = answers::answers(builder, router, params);
    if let Some(max) = params.max_parallel_requests {
        builder = builder.max_in_flight(max);
    }
    if let Some(rpm) = params.rpm.filter(|_| has_rates(router)) {
        builder = builder.requests_per_minute(rpm);
    }
    if let Some(tpm) = params.tpm.filter(|_| has_rates(router)) {
        builder = builder.tokens_per_minute(tpm);
    }
    if let Some(retries) = params.num_retries {
        builder = builder.num_retries(u8::try_from(retries).unwrap_or(u8::MAX));
    }
    if let Some(time) = params.cooldown_time.or(entry.info.cooldown_time) {
        builder = builder.cooldown_time(time);
    }
    if let Some(region) = params.region.as_ref().or(params.aws.region.as_ref()) {
        builder = builder.region(region.as_str());
    }
    if let Some(max) = entry.info.max_output_tokens {
        builder = builder.default_max_tokens(u32::try_from(max).unwrap_or(u32::MAX));
    }
    if let Some(object) = default_params(entry) {
        builder = builder.default_params(object);
    }
    Ok(builder)
}

/// What is peculiar to the provider, and what the entry says about where its model is.
fn profile(entry: &ModelEntry, known: &Arc<Profile>) -> Arc<Profile> {
    let mut profile = Arc::clone(known);
    let by_chat = entry.params.use_chat_completions_api == Some(true);
    match entry.info.mode.as_deref() {
        Some("completion") if profile.completions.is_none() => {
            Arc::make_mut(&mut profile).completions = Some("/completions".into());
        }
        Some("responses") if profile.responses.is_none() => {
            Arc::make_mut(&mut profile).responses = Some("/responses".into());
        }
        _ => {}
    }
    if by_chat && profile.responses.is_some() {
        Arc::make_mut(&mut profile).responses = None;
    }
    profile
}

/// Where the deployment of an entry is. Some platforms make that of more than a URL and a key.
fn upstream(
    entry: &ModelEntry,
    provider: &Provider,
    model: &str,
    accounts: &mut Accounts,
    env: Env<'_>,
) -> Result<Upstream, Unusable> {
    if vertex::is_vertex(provider) {
        return vertex::upstream(entry, (provider, model), &mut accounts.google, env);
    }
    if bedrock::is_bedrock(provider) {
        return bedrock::upstream(entry, (provider, model), &mut accounts.aws, env);
    }
    let base_url = providers::url(provider, entry, env)?;
    if azure::is_azure(provider) {
        let accounts = &mut accounts.azure;
        return azure::upstream(entry, (provider, model), base_url, accounts, env);
    }
    let written = entry.params.api_key.as_ref();
    Ok(Upstream {
        dialect: provider.dialect(),
        platform: Platform::Own,
        model: model.to_owned(),
        base_model: None,
        base_url,
        key: written
            .map(|key| ApiKey::new(key.expose()))
            .or_else(|| provider.key(env)),
        auth: None,
    })
}

fn headers(entry: &ModelEntry) -> Result<HeaderMap, Unusable> {
    let mut headers = HeaderMap::new();
    for (name, value) in &entry.params.extra_headers {
        let parsed = name
            .parse::<HeaderName>()
            .ok()
            .zip(HeaderValue::from_str(value.expose()).ok());
        let Some((name, mut value)) = parsed else {
            let message = format!("`{name}` cannot be sent as a header");
            let fix = "use a name and a value that HTTP allows";
            return Err(Unusable::Wrong(about(entry, "extra_headers", message, fix)));
        };
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    let organization = entry.params.organization.as_deref();
    if let Some(Ok(value)) = organization.map(HeaderValue::from_str) {
        headers.insert("openai-organization", value);
    }
    Ok(headers)
}

/// The parameters for calls that do not set them. What is in `extra_body` is meant for the body itself.
fn default_params(entry: &ModelEntry) -> Option<Bytes> {
    let mut params = entry.params.default_params.clone();
    if let Some(Value::Object(extra)) = params.remove("extra_body") {
        params.extend(extra);
    }
    let object = (!params.is_empty()).then(|| serde_json::to_vec(&params))?;
    object.ok().map(Bytes::from)
}

/// Names the settings of an entry that are read and have no effect yet, or not all that they have in
/// LiteLLM.
fn without_effect(entry: &ModelEntry, deployment: &Deployment) -> Vec<Diagnostic> {
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
fn without_key(
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

/// Whether `rpm` and `tpm` are limits. To LiteLLM they are shares, unless it routes by them.
fn has_rates(router: &RouterSettings) -> bool {
    router.compat == Compat::Native || router.routing_strategy == RoutingStrategy::UsageBased
}

fn all_blocked(entry: &ModelEntry) -> Diagnostic {
    let message = "every deployment is blocked, so there is nothing to serve".to_owned();
    Diagnostic {
        key_path: "model_list".to_owned(),
        ..about(entry, "", message, "leave `blocked` out of one of them")
    }
}

pub(super) fn about(entry: &ModelEntry, key: &str, message: String, fix: &str) -> Diagnostic {
    Diagnostic {
        source: entry.source.clone(),
        line: entry.line,
        key_path: format!("model_list[{}].litellm_params.{key}", entry.model_name),
        message,
        fix: Some(fix.to_owned()),
    }
}
