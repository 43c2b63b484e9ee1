use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use serde_json::Value;
use steeplechase::deployment::{Auth, DeploymentBuilder, Platform, Profile};
use steeplechase::dialects::catalog::{Catalog, Provider};
use steeplechase::{ApiKey, Deployment, Dialect};

use super::Upkeep;
use super::answers;
use super::azure;
use super::bedrock;
use super::doubts::{all_blocked, without_effect, without_key};
use super::limits;
use super::previous::Previous;
use super::prices::{Prices, base_model};
use super::providers;
use super::shares;
use super::vertex;
use crate::config::{Config, Diagnostic, ModelEntry};

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
        .drop_fields(params.drop_fields.iter().cloned())
        .allowed_params(allowed_params(config, entry))
        .merge_reasoning(params.merge_reasoning.unwrap_or(false))
        .modify_params(config.router.modify_params)
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
    Ok(with_settings(builder, config, entry))
}

/// What the entry says of how the deployment is to be used.
fn with_settings(
    mut builder: DeploymentBuilder,
    config: &Config,
    entry: &ModelEntry,
) -> DeploymentBuilder {
    let (router, params) = (&config.router, &entry.params);
    builder = answers::answers(builder, router, params);
    if let Some(max) = params.max_parallel_requests {
        builder = builder.max_in_flight(max);
    }
    builder = limits::limited(builder, params, router);
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
    builder
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

/// What is passed on by what all deployments say, and by what this one does.
fn allowed_params<'c>(config: &'c Config, entry: &'c ModelEntry) -> impl Iterator<Item = &'c str> {
    let own = entry.params.allowed_params.iter();
    own.chain(&config.router.allowed_params).map(String::as_str)
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

pub(super) fn about(entry: &ModelEntry, key: &str, message: String, fix: &str) -> Diagnostic {
    Diagnostic {
        source: entry.source.clone(),
        line: entry.line,
        key_path: format!("model_list[{}].litellm_params.{key}", entry.model_name),
        message,
        fix: Some(fix.to_owned()),
    }
}
