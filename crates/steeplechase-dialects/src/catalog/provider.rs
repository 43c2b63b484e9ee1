use std::sync::Arc;

use steeplechase_core::deployment::{Auth, Profile};
use steeplechase_core::{ApiKey, Dialect};

use super::profile::{endpoints, profile};
use super::template::Template;
use super::{AuthStyle, Row};

/// A provider, as a catalog knows it.
#[derive(Clone, Debug)]
pub struct Provider {
    id: String,
    pub(super) row: Row,
    profile: Arc<Profile>,
}

// ===== impl Provider =====

impl Provider {
    pub(super) fn new(id: &str, row: Row) -> Self {
        Self {
            id: id.to_owned(),
            profile: Arc::new(profile(&row)),
            row,
        }
    }

    /// What stands before the `/` of a model's name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name for people.
    pub fn name(&self) -> &str {
        self.row.name.as_deref().unwrap_or(&self.id)
    }

    /// What else may stand before the `/`.
    pub fn aliases(&self) -> &[String] {
        self.row.aliases.as_deref().unwrap_or_default()
    }

    /// Where its documentation is.
    pub fn docs(&self) -> Option<&str> {
        self.row.docs.as_deref()
    }

    /// What the paths of the dialect are appended to, with its variables in braces. `None` if every
    /// user has their own.
    pub fn base_url(&self) -> Option<&str> {
        self.row.base_url.as_ref().map(Template::as_str)
    }

    /// Variables of the environment that hold a base URL. The first that is set counts.
    pub fn base_url_variables(&self) -> &[String] {
        self.row.base_url_env.as_deref().unwrap_or_default()
    }

    /// Variables of the environment that hold a key. The first that is set counts.
    pub fn key_variables(&self) -> &[String] {
        self.row.key_env.as_deref().unwrap_or_default()
    }

    /// Variables of the environment that are parts of its URL and its headers, without repetition.
    pub fn variables(&self) -> Vec<&str> {
        let headers = self.row.headers.iter().flatten();
        let templates = headers.map(|(_, template)| template);
        let mut names: Vec<_> = self
            .row
            .base_url
            .iter()
            .chain(templates)
            .flat_map(Template::variables)
            .filter(|name| *name != "key")
            .collect();
        names.dedup();
        names
    }

    /// The dialect it speaks.
    pub fn dialect(&self) -> Dialect {
        self.row.dialect.unwrap_or(Dialect::OpenAi)
    }

    /// Whether it can be called without a key.
    pub fn is_key_optional(&self) -> bool {
        self.row.key_optional.unwrap_or(false)
    }

    /// How it is shown a key.
    pub fn auth_style(&self) -> &AuthStyle {
        self.row.auth.as_ref().unwrap_or(&AuthStyle::Bearer)
    }

    /// How it is shown `key`.
    pub fn auth(&self, key: Option<ApiKey>) -> Auth {
        self.auth_style().auth(key)
    }

    /// The names of the headers of each request, and the variables that are in their values; `key` is
    /// the key. The values may be an operator's secrets.
    pub fn headers(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        let headers = self.row.headers.iter().flatten();
        headers.map(|(name, value)| (name.as_str(), value.variables().collect()))
    }

    /// What it has, as far as that is said: the name, and its path after the base URL, or `None` if it
    /// is said to have none.
    pub fn endpoints(&self) -> Vec<(&'static str, Option<&str>)> {
        endpoints(&self.row)
    }

    /// What is peculiar to it.
    pub fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }
}
