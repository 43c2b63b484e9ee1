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
use steeplechase_dialects::azure;
use steeplechase_dialects::catalog::models::PriceBook;
use steeplechase_dialects::catalog::{self, Provider, UrlError};

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
    let about = |why: String| format!("{}: {why}", provider.id());
    let url = provider.url(env).map_err(|error| match error {
        UrlError::Nowhere => {
            let set = provider.base_url_variables().join(" or ");
            about(format!("set {set} too, as there is no common URL"))
        }
        UrlError::Unset(names) => {
            let set = names.join(" or ");
            about(format!("set {set} too, which is a part of its URL"))
        }
        error => about(error.to_string()),
    })?;
    let pattern = format!("{}/*", provider.id());
    let key = ApiKey::new(key);
    let builder = Deployment::builder(provider.id(), pattern, provider.dialect())
        .upstream_model("*")
        .pricing(PriceBook::built_in().pricing(provider.id(), "*"));
    let version = set(env, "AZURE_API_VERSION").filter(|_| provider.id() == "azure");
    let Some(platform) = azure::platform(provider.id(), version.as_deref()) else {
        let builder = provider.equip(builder.base_url(url), Some(key), env);
        return Ok(builder.map_err(about)?.build());
    };
    let auth = azure::auth(&url, key);
    let builder = provider.equip(builder, None, env).map_err(about)?;
    Ok(builder
        .auth(auth)
        .base_url(azure::base_url(provider.id(), url))
        .platform(platform)
        .build())
}

fn set(env: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    let value = env(name)?.trim().to_owned();
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)]) -> Environment {
        deployments(&|name| {
            let mut variables = variables.iter();
            let found = variables.find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_provider_whose_url_is_of_an_account_is_left_out_until_that_is_set() {
        let key = ("CLOUDFLARE_API_KEY", "k");
        let without = found(&[key]);
        assert!(without.deployments.is_empty());
        assert_eq!(
            without.left_out,
            ["cloudflare: set CLOUDFLARE_ACCOUNT_ID too, which is a part of its URL"]
        );
        let with = found(&[key, ("CLOUDFLARE_ACCOUNT_ID", "a")]);
        let url = with.deployments[0].base_url().to_string();
        assert!(url.ends_with("/accounts/a/ai/v1"), "{url}");
        assert!(with.left_out.is_empty());
    }

    #[test]
    fn a_provider_without_a_common_url_says_which_variable_it_needs() {
        let without = found(&[("HEROKU_API_KEY", "k")]);
        assert_eq!(
            without.left_out,
            ["heroku: set HEROKU_API_BASE too, as there is no common URL"]
        );
    }

    #[test]
    fn what_is_peculiar_to_a_provider_comes_with_it() {
        let found = found(&[("CEREBRAS_API_KEY", "k")]);
        let profile = found.deployments[0].profile();
        assert_eq!(
            &*profile.params.renames["max_completion_tokens"],
            "max_tokens"
        );
    }
}
