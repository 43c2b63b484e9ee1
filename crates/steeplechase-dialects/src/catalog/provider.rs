use std::collections::BTreeMap;
use std::sync::LazyLock;

use http::{HeaderName, Uri};
use serde::Deserialize;
use steeplechase_core::deployment::Auth;
use steeplechase_core::{ApiKey, Dialect};

/// A provider, as the catalog knows it.
#[derive(Clone, Debug)]
pub struct Provider {
    id: String,
    row: Row,
}

/// How a provider wants to be shown a key.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum AuthStyle {
    /// As `authorization: Bearer KEY`.
    #[default]
    Bearer,
    /// As a header of its own.
    Header(HeaderName),
    /// Not at all.
    None,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    base_url: Option<String>,
    #[serde(default)]
    base_url_env: Vec<String>,
    #[serde(default)]
    key_env: Vec<String>,
    #[serde(default = "openai", deserialize_with = "dialect")]
    dialect: Dialect,
    #[serde(default, deserialize_with = "auth")]
    auth: AuthStyle,
    #[serde(default)]
    key_optional: bool,
}

static TABLE: LazyLock<BTreeMap<String, Provider>> = LazyLock::new(|| {
    let rows: BTreeMap<String, Row> =
        toml::from_str(include_str!("providers.toml")).expect("the tests read the same table");
    rows.into_iter()
        .map(|(id, row)| (id.clone(), Provider { id, row }))
        .collect()
});

/// All providers, by name.
pub fn all() -> impl Iterator<Item = &'static Provider> {
    TABLE.values()
}

/// The provider of a name.
pub fn get(id: &str) -> Option<&'static Provider> {
    TABLE.get(id)
}

/// The provider of a model's name, and the provider's own name for the model.
///
/// A prefix up to the first `/` names the provider. A name without a known one goes by its family:
/// `claude…` is Anthropic's, `gpt…`, `o1`, `text-embedding…` and their kin are OpenAI's. `None` if
/// nobody can tell.
pub fn resolve(name: &str) -> Option<(&'static Provider, &str)> {
    const OPENAI: [&str; 7] = [
        "gpt-",
        "chatgpt-",
        "o1",
        "o3",
        "o4",
        "text-embedding-",
        "codex-",
    ];
    let prefixed = name.split_once('/');
    if let Some((provider, model)) = prefixed.and_then(|(id, model)| Some((get(id)?, model))) {
        return Some((provider, model));
    }
    if name.starts_with("claude") {
        return Some((get("anthropic")?, name));
    }
    let openai = OPENAI.iter().any(|family| name.starts_with(family));
    openai.then(|| get("openai")).flatten().map(|p| (p, name))
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

// ===== impl Provider =====

impl Provider {
    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the paths of the dialect are appended to. `None` if every user has their own.
    pub fn base_url(&self) -> Option<&str> {
        self.row.base_url.as_deref()
    }

    /// Variables of the environment that hold a base URL. The first that is set counts.
    pub fn base_url_variables(&self) -> &[String] {
        &self.row.base_url_env
    }

    /// Variables of the environment that hold a key. The first that is set counts.
    pub fn key_variables(&self) -> &[String] {
        &self.row.key_env
    }

    /// The dialect it speaks.
    pub fn dialect(&self) -> Dialect {
        self.row.dialect
    }

    /// Whether it can be called without a key.
    pub fn is_key_optional(&self) -> bool {
        self.row.key_optional
    }

    /// How it is shown `key`.
    pub fn auth(&self, key: Option<ApiKey>) -> Auth {
        match (&self.row.auth, key) {
            (AuthStyle::None, _) | (_, None) => Auth::None,
            (AuthStyle::Bearer, Some(key)) => Auth::Bearer(key),
            (AuthStyle::Header(name), Some(key)) => Auth::Header(name.clone(), key),
        }
    }
}

fn openai() -> Dialect {
    Dialect::OpenAi
}

fn dialect<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Dialect, D::Error> {
    let name = String::deserialize(deserializer)?;
    Dialect::ALL
        .into_iter()
        .find(|dialect| dialect.as_str() == name)
        .ok_or_else(|| serde::de::Error::custom(format!("there is no dialect `{name}`")))
}

fn auth<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<AuthStyle, D::Error> {
    let style = String::deserialize(deserializer)?;
    match &*style {
        "bearer" => Ok(AuthStyle::Bearer),
        "none" => Ok(AuthStyle::None),
        name => name
            .parse()
            .map(AuthStyle::Header)
            .map_err(serde::de::Error::custom),
    }
}
