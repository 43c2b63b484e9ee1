use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Uri};
use steeplechase_core::ApiKey;
use steeplechase_core::deployment::DeploymentBuilder;

use super::Provider;

/// Why the URL of a provider is not known.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum UrlError {
    /// There is none that is everybody's.
    Nowhere,
    /// A part of it is in a variable that is not set: one of these.
    Unset(Vec<String>),
    /// What is said is no URL, for this reason.
    Wrong(String),
}

impl Provider {
    /// Its key, as `env` tells: what is in the first of its variables that is set.
    pub fn key(&self, env: &dyn Fn(&str) -> Option<String>) -> Option<ApiKey> {
        let key = self.key_variables().iter().find_map(|name| set(env, name));
        key.map(ApiKey::new)
    }

    /// Where it is, as `env` tells: what is in the first of its variables that is set, or else where it
    /// is for everybody.
    ///
    /// # Errors
    ///
    /// What is missing or wrong.
    pub fn url(&self, env: &dyn Fn(&str) -> Option<String>) -> Result<Uri, UrlError> {
        let mut variables = self.base_url_variables().iter();
        if let Some(url) = variables.find_map(|name| set(env, name)) {
            return base_url(&url).map_err(UrlError::Wrong);
        }
        let template = self.row.base_url.as_ref().ok_or(UrlError::Nowhere)?;
        // A value is one part of a name, and never leads elsewhere.
        let part = |name: &str| {
            set(env, name).filter(|value| !value.contains(['/', '?', '#', '@', ':', '\\']))
        };
        let url = template
            .expand(part)
            .map_err(|names| UrlError::Unset(names.to_vec()))?;
        base_url(&url).map_err(UrlError::Wrong)
    }

    /// Sets in `builder` all that is this provider's, but its URL: the name, how `key` is shown, its
    /// headers, and what is peculiar to it.
    ///
    /// A header with a variable that is not set is left out.
    ///
    /// # Errors
    ///
    /// If a value cannot be sent as a header. It names the header.
    pub fn equip(
        &self,
        builder: DeploymentBuilder,
        key: Option<ApiKey>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<DeploymentBuilder, String> {
        let mut headers = HeaderMap::new();
        for (name, template) in self.row.headers.iter().flatten() {
            let value = template.expand(|variable| match variable {
                "key" => key.as_ref().map(|key| key.expose().to_owned()),
                variable => set(env, variable),
            });
            let Ok(value) = value else { continue };
            let name = name.name();
            let mut value = HeaderValue::from_str(&value)
                .map_err(|_| format!("the value of the header `{name}` cannot be sent"))?;
            // What is in a variable, or in a row of an operator's, may be a secret.
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(builder
            .provider(self.id())
            .auth(self.auth(key))
            .headers(headers)
            .profile(Arc::clone(self.profile())))
    }
}

/// Reads what the paths of a dialect are appended to.
///
/// # Errors
///
/// What is wrong with it, for people.
pub fn base_url(url: &str) -> Result<Uri, String> {
    let url = url.trim().trim_end_matches('/');
    let uri: Uri = url.parse().map_err(|_| "this is no URL".to_owned())?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.authority().is_some() => Ok(uri),
        _ => Err("expected a URL that begins with http:// or https://".to_owned()),
    }
}

/// A variable that holds more than spaces.
fn set(env: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    let value = env(name)?.trim().to_owned();
    (!value.is_empty()).then_some(value)
}

// ===== impl UrlError =====

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => f.write_str("there is no URL that is everybody's"),
            Self::Unset(names) => write!(f, "its URL needs the variable {}", names.join(" or ")),
            Self::Wrong(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for UrlError {}
