use steeplechase::deployment::Platform;
use steeplechase::dialects::catalog::Provider;
use steeplechase::{ApiKey, Dialect};

use super::region::region;
use super::signers::Signers;
use crate::assemble::deployments::{Unusable, Upstream};
use crate::assemble::providers;
use crate::config::{AwsParams, ModelEntry};

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Whether a provider speaks Bedrock's dialect.
pub(in crate::assemble) fn is_bedrock(provider: &Provider) -> bool {
    provider.dialect() == Dialect::Bedrock
}

/// Where a deployment on Bedrock is, and how it is called.
pub(in crate::assemble) fn upstream(
    entry: &ModelEntry,
    (provider, model): (&Provider, &str),
    signers: &mut Signers,
    env: Env<'_>,
) -> Result<Upstream, Unusable> {
    let params = &entry.params;
    let asked = params.aws.model_id.as_deref().unwrap_or(model);
    let region = region(entry, asked, env)?;
    // The region of the entry goes into the URL that is the provider's for everybody.
    let placed = |name: &str| match name {
        "AWS_REGION_NAME" => Some(region.clone()),
        name => env(name),
    };
    let base_url = providers::url(provider, entry, &placed)?;
    let key = key(entry, provider, env);
    let auth = match key {
        Some(_) => None,
        None => Some(signers.auth(entry, &region, env)?),
    };
    let named = entry.info.base_model.as_deref();
    let named = named.or(params.base_model.as_deref());
    let named = named.filter(|name| !name.is_empty());
    // What is asked for need not tell which model it is.
    let base_model = named.or((asked != model).then_some(model));
    Ok(Upstream {
        dialect: provider.dialect(),
        platform: Platform::Own,
        model: asked.to_owned(),
        base_model: base_model.map(str::to_owned),
        base_url,
        key,
        auth,
    })
}

/// The key of an entry. Those of the environment are for entries without credentials of their own.
fn key(entry: &ModelEntry, provider: &Provider, env: Env<'_>) -> Option<ApiKey> {
    let written = entry.params.api_key.as_ref();
    let written = written.map(|key| ApiKey::new(key.expose()));
    written.or_else(|| {
        let AwsParams {
            access_key_id,
            secret_access_key,
            profile,
            role,
            ..
        } = &entry.params.aws;
        let has_own = access_key_id.is_some()
            || secret_access_key.is_some()
            || profile.is_some()
            || role.is_some();
        if has_own { None } else { provider.key(env) }
    })
}
