use std::sync::Arc;

use http::HeaderName;
use serde::Deserialize;
use steeplechase_core::ApiKey;
use steeplechase_core::deployment::Auth;

/// How a provider wants to be shown a key.
///
/// In a table it is one of `bearer`, `basic`, `none`, the name of a header such as `x-api-key`, or one
/// of these with a name: `scheme Token`, `query key`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
#[non_exhaustive]
pub enum AuthStyle {
    /// As `authorization: Bearer KEY`.
    #[default]
    Bearer,
    /// As a header of its own.
    Header(HeaderName),
    /// As `authorization: SCHEME KEY`.
    Scheme(Arc<str>),
    /// As `authorization: Basic …`, of a key that is `user:password`.
    Basic,
    /// As a parameter of the URL.
    Query(Arc<str>),
    /// Not at all.
    None,
}

// ===== impl AuthStyle =====

impl AuthStyle {
    /// How `key` is shown.
    pub fn auth(&self, key: Option<ApiKey>) -> Auth {
        let Some(key) = key else {
            return Auth::None;
        };
        match self {
            Self::Bearer => Auth::Bearer(key),
            Self::Header(name) => Auth::Header(name.clone(), key),
            Self::Scheme(scheme) => Auth::Scheme(Arc::clone(scheme), key),
            Self::Basic => Auth::Basic(key),
            Self::Query(name) => Auth::Query(Arc::clone(name), key),
            Self::None => Auth::None,
        }
    }
}

impl TryFrom<String> for AuthStyle {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_word = |word: &str| {
            let is_token = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
            !word.is_empty() && word.bytes().all(is_token)
        };
        match text.split_once(' ') {
            None if text == "bearer" => Ok(Self::Bearer),
            None if text == "basic" => Ok(Self::Basic),
            None if text == "none" => Ok(Self::None),
            None => text
                .parse()
                .map(Self::Header)
                .map_err(|_| "this is not the name of a header".to_owned()),
            Some(("scheme", scheme)) if is_word(scheme) => Ok(Self::Scheme(scheme.into())),
            Some(("query", name)) if is_word(name) => Ok(Self::Query(name.into())),
            Some(_) => Err("expected `scheme NAME` or `query NAME`".to_owned()),
        }
    }
}
