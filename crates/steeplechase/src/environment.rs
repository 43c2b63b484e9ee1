//! The providers whose keys are in the environment.
//!
//! ```text
//!  OPENAI_API_KEY=…   ──► deployment "openai"    for the models openai/*
//!  GROQ_API_KEY=…     ──► deployment "groq"      for the models groq/*
//! ```
//!
//! # Example
//!
//! ```
//! use steeplechase::environment;
//!
//! let env = |name: &str| (name == "GROQ_API_KEY").then(|| "gsk-secret".to_owned());
//! let found = environment::deployments(&env);
//! assert_eq!(found.deployments[0].model(), "groq/*");
//! assert_eq!(found.deployments[0].base_url(), "https://api.groq.com/openai/v1");
//! ```

use std::sync::Arc;

use steeplechase_core::{ApiKey, Deployment};
use steeplechase_dialects::catalog::models::PriceBook;
use steeplechase_dialects::catalog::{self, Provider};

/// What the environment comes to.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// One for each provider that can be called, for all its models: `provider/*`.
    pub deployments: Vec<Arc<Deployment>>,
    /// Why a provider whose key is set cannot be called, for people.
    pub left_out: Vec<String>,
}

/// The providers whose keys are set, as `env` tells.
///
/// Only variables whose names end in `_API_KEY` count: a token may be there for quite another purpose.
pub fn deployments(env: &dyn Fn(&str) -> Option<String>) -> Environment {
    let mut found = Environment::default();
    for provider in catalog::all() {
        let mut keys = provider.key_variables().iter();
        let key = keys.find_map(|name| set(env, name).filter(|_| name.ends_with("_API_KEY")));
        match key.map(|key| deployment(provider, &key, env)) {
            Some(Ok(deployment)) => found.deployments.push(deployment),
            Some(Err(why)) => found.left_out.push(why),
            None => {}
        }
    }
    found
}

fn deployment(
    provider: &Provider,
    key: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Arc<Deployment>, String> {
    let variables = provider.base_url_variables();
    let url = variables.iter().find_map(|name| set(env, name));
    let url = url.or_else(|| provider.base_url().map(str::to_owned));
    let url = url.ok_or_else(|| {
        let set = variables.join(" or ");
        format!(
            "{}: set {set} too, as there is no common URL",
            provider.id()
        )
    })?;
    let url = catalog::base_url(&url).map_err(|why| format!("{}: {why}", provider.id()))?;
    let pattern = format!("{}/*", provider.id());
    Ok(
        Deployment::builder(provider.id(), pattern, provider.dialect())
            .provider(provider.id())
            .upstream_model("*")
            .pricing(PriceBook::built_in().pricing(provider.id(), "*"))
            .base_url(url)
            .auth(provider.auth(Some(ApiKey::new(key))))
            .build(),
    )
}

fn set(env: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    let value = env(name)?.trim().to_owned();
    (!value.is_empty()).then_some(value)
}
