use std::collections::BTreeMap;

use http::HeaderName;
use serde::{Deserialize, Deserializer};
use steeplechase_core::Dialect;
use steeplechase_core::deployment::{CallIds, ModelNames, StreamUsage, Texts};

use super::AuthStyle;
use super::connect::base_url;
use super::template::Template;

/// A row of the table of providers, or what a user lays over one. What is not said is `None`.
///
/// The fields are explained in the module's documentation.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub(super) name: Option<String>,
    pub(super) aliases: Option<Vec<String>>,
    pub(super) docs: Option<String>,
    #[serde(default, deserialize_with = "dialect")]
    pub(super) dialect: Option<Dialect>,
    #[serde(default, deserialize_with = "url")]
    pub(super) base_url: Option<Template>,
    pub(super) base_url_env: Option<Vec<String>>,
    pub(super) key_env: Option<Vec<String>>,
    pub(super) key_optional: Option<bool>,
    pub(super) auth: Option<AuthStyle>,
    pub(super) headers: Option<Headers>,
    pub(super) endpoints: Option<Endpoints>,
    #[serde(default, deserialize_with = "model_names")]
    pub(super) model_names: Option<ModelNames>,
    pub(super) renames: Option<Renames>,
    pub(super) drops: Option<Names>,
    pub(super) ignored: Option<Names>,
    pub(super) limits: Option<Limits>,
    pub(super) values: Option<Values>,
    pub(super) messages: Option<MessageRow>,
    pub(super) models: Option<Vec<ModelRow>>,
    pub(super) embedding_params: Option<Params>,
    pub(super) reasoning: Option<String>,
    #[serde(default, deserialize_with = "stream_usage")]
    pub(super) stream_usage: Option<StreamUsage>,
    pub(super) stops_at_cancel: Option<bool>,
}

/// Headers of each request.
pub(super) type Headers = BTreeMap<HeaderKey, Template>;
pub(super) type Names = Vec<Box<str>>;
pub(super) type Renames = BTreeMap<Box<str>, Box<str>>;
pub(super) type Values = BTreeMap<Box<str>, Renames>;
pub(super) type Limits = BTreeMap<Box<str>, LimitRow>;

/// What becomes of parameters.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Params {
    pub(super) renames: Renames,
    pub(super) drops: Names,
    pub(super) ignored: Names,
    pub(super) limits: Limits,
    pub(super) values: Values,
    pub(super) messages: MessageRow,
}

/// What becomes of parameters, for some of the models.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelRow {
    #[serde(rename = "match")]
    pub(super) models: Names,
    #[serde(default)]
    pub(super) renames: Renames,
    #[serde(default)]
    pub(super) drops: Names,
    #[serde(default)]
    pub(super) ignored: Names,
    #[serde(default)]
    pub(super) limits: Limits,
    #[serde(default)]
    pub(super) values: Values,
    pub(super) messages: Option<MessageRow>,
}

/// What becomes of messages.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MessageRow {
    #[serde(deserialize_with = "texts")]
    pub(super) texts: Option<Texts>,
    #[serde(deserialize_with = "call_ids")]
    pub(super) call_ids: Option<CallIds>,
    pub(super) thoughts: bool,
}

/// Which values of a parameter are taken.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LimitRow {
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    pub(super) min_for_many: Option<f64>,
    pub(super) max_items: Option<usize>,
    pub(super) only: Names,
    pub(super) clamp: bool,
}

/// What a provider has, and where. What it is not known to have or not to have is `None`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Endpoints {
    pub(super) chat: Option<Place>,
    pub(super) embeddings: Option<Place>,
    pub(super) completions: Option<Place>,
    pub(super) responses: Option<Place>,
    pub(super) rerank: Option<Place>,
    pub(super) messages: Option<Place>,
}

/// Where something is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(untagged)]
pub(super) enum Place {
    /// At the usual path, or nowhere.
    There(bool),
    At(Path),
}

/// A path after the base URL.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub(super) struct Path(pub(super) Box<str>);

/// The name of a header.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
pub(super) struct HeaderKey(String);

// ===== impl Row =====

impl Row {
    /// Reads one field of a row, as JSON has it. `None` if there is no such field, or if the value is of
    /// the wrong kind for it.
    pub fn from_field(key: &str, value: serde_json::Value) -> Option<Self> {
        let field = serde_json::Map::from_iter([(key.to_owned(), value)]);
        serde_json::from_value(field.into()).ok()
    }

    /// This row with another laid over it: each field that the other has replaces this one's.
    #[must_use]
    pub fn overlay(self, over: Self) -> Self {
        Self {
            name: over.name.or(self.name),
            aliases: over.aliases.or(self.aliases),
            docs: over.docs.or(self.docs),
            dialect: over.dialect.or(self.dialect),
            base_url: over.base_url.or(self.base_url),
            base_url_env: over.base_url_env.or(self.base_url_env),
            key_env: over.key_env.or(self.key_env),
            key_optional: over.key_optional.or(self.key_optional),
            auth: over.auth.or(self.auth),
            headers: over.headers.or(self.headers),
            endpoints: over.endpoints.or(self.endpoints),
            model_names: over.model_names.or(self.model_names),
            renames: over.renames.or(self.renames),
            drops: over.drops.or(self.drops),
            ignored: over.ignored.or(self.ignored),
            limits: over.limits.or(self.limits),
            values: over.values.or(self.values),
            messages: over.messages.or(self.messages),
            models: over.models.or(self.models),
            embedding_params: over.embedding_params.or(self.embedding_params),
            reasoning: over.reasoning.or(self.reasoning),
            stream_usage: over.stream_usage.or(self.stream_usage),
            stops_at_cancel: over.stops_at_cancel.or(self.stops_at_cancel),
        }
    }
}

impl HeaderKey {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn name(&self) -> HeaderName {
        self.0.parse().expect("it was checked when it was read")
    }
}

impl TryFrom<String> for HeaderKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let name: HeaderName = text
            .parse()
            .map_err(|_| "this is not the name of a header".to_owned())?;
        Ok(Self(name.as_str().to_owned()))
    }
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_path = text.starts_with('/') && text.parse::<http::uri::PathAndQuery>().is_ok();
        if is_path {
            Ok(Self(text.into()))
        } else {
            Err("a path begins with `/`".to_owned())
        }
    }
}

fn dialect<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Dialect>, D::Error> {
    one_of(
        deserializer,
        Dialect::ALL.map(|dialect| (dialect.as_str(), dialect)),
    )
}

fn stream_usage<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<StreamUsage>, D::Error> {
    one_of(
        deserializer,
        [
            ("asked", StreamUsage::Asked),
            ("always", StreamUsage::Always),
            ("x_groq", StreamUsage::XGroq),
            ("never", StreamUsage::Never),
        ],
    )
}

fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Texts>, D::Error> {
    let names = [("all", Texts::All), ("results", Texts::Results)];
    one_of(deserializer, names)
}

fn call_ids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<CallIds>, D::Error> {
    one_of(
        deserializer,
        [("any", CallIds::Any), ("nine", CallIds::Nine)],
    )
}

fn model_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ModelNames>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let names = match (&*text, text.split_once(' ')) {
        ("same", _) => ModelNames::Same,
        ("host last", _) => ModelNames::HostLast,
        (_, Some(("prefix", prefix))) => ModelNames::Prefixed(prefix.into()),
        (_, Some(("dotted", template))) => ModelNames::Dotted(template.into()),
        _ => {
            let message = "expected `same`, `host last`, `prefix TEXT` or `dotted TEXT`";
            return Err(serde::de::Error::custom(message));
        }
    };
    Ok(Some(names))
}

fn one_of<'de, D: Deserializer<'de>, T, const N: usize>(
    deserializer: D,
    values: [(&str, T); N],
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let names = values.each_ref().map(|(name, _)| *name).join("`, `");
    let found = values.into_iter().find(|(name, _)| *name == text);
    let wrong = || serde::de::Error::custom(format!("`{text}` is none of `{names}`"));
    found.map(|(_, value)| Some(value)).ok_or_else(wrong)
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Template>, D::Error> {
    let template = Template::deserialize(deserializer)?;
    // Whatever its variables are, it has to be a URL.
    let example = template
        .expand(|_| Some("x".to_owned()))
        .unwrap_or_default();
    base_url(&example).map_err(serde::de::Error::custom)?;
    Ok(Some(template))
}
