//! What is done to the calls of a deployment, prepared.

use std::fmt;

use bytes::Bytes;
use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use steeplechase_core::deployment::ParamRules;
use steeplechase_core::{Class, Deployment, Dialect, Error};

use super::rules::Rules;
use crate::json::{self, Name};

/// What is done to a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) params: Vec<Param>,
    pub(super) rules: Option<Rules>,
}

/// What a parameter of a chat is in another form of call.
pub(super) type Renaming = fn(String, Value) -> Option<(String, Value)>;

/// A parameter for calls that do not set it.
#[derive(Clone)]
pub(super) struct Param {
    pub(super) name: String,
    value: Value,
    /// `"name":value`.
    pub(super) json: Vec<u8>,
}

// ===== impl Plan =====

impl Plan {
    pub(super) fn new(params: &[Param], rules: &ParamRules, deployment: &Deployment) -> Self {
        // The rules are of those who speak the caller's dialect.
        let is_same = deployment.dialect() == Dialect::OpenAi;
        let rules = is_same
            .then(|| Rules::new(rules, deployment.provider(), deployment.drop_params()))
            .flatten();
        let params = match &rules {
            Some(rules) => renamed(params, rules, deployment),
            None => params.to_vec(),
        };
        Self { params, rules }
    }

    /// What is done to calls of another form, in which the parameters have other names and values, or
    /// none. The provider's rules are not about them.
    pub(super) fn renaming(params: &[Param], rename: Renaming) -> Self {
        let renamed = params
            .iter()
            .filter_map(|param| rename(param.name.clone(), param.value.clone()));
        Self {
            params: renamed
                .map(|(name, value)| Param::new(name, value))
                .collect(),
            rules: None,
        }
    }

    /// The parameters that a call does not set.
    ///
    /// `None` if it is no object.
    pub(super) fn missing(&self, raw: &[u8]) -> Option<Vec<&Param>> {
        let mut missing: Vec<_> = self.params.iter().collect();
        if !missing.is_empty() {
            serde_json::Deserializer::from_slice(raw)
                .deserialize_map(Strike(&mut missing))
                .ok()?;
        }
        Some(missing)
    }
}

/// A deployment's parameters for calls that do not set them, without those that are left out of all calls.
pub(super) fn own_params(deployment: &Deployment) -> Option<Bytes> {
    let own = deployment.default_params()?;
    let left = json::without(own, deployment.drop_fields());
    Some(left.map_or_else(|| own.clone(), |(left, _)| left.into()))
}

/// Reads the parameters for calls that do not set them.
pub(super) fn params(object: &Bytes) -> Result<Map<String, Value>, Error> {
    let mut object: Map<String, Value> = serde_json::from_slice(object).map_err(|error| {
        let message = "the deployment's settings are wrong";
        let detail = format!("default_params must be a JSON object: {error}");
        Error::new(Class::Internal, message).with_detail(detail)
    })?;
    // The model is no parameter: it is what the deployment is for.
    object.shift_remove("model");
    Ok(object)
}

/// The parameters by the provider's names. Those that it refuses are what an operator has written for
/// it, and are left out only where that is allowed.
fn renamed(params: &[Param], rules: &Rules, deployment: &Deployment) -> Vec<Param> {
    let drops = |name: &str| {
        let mut allowed = deployment.allowed_params().iter();
        deployment.drop_params() && rules.refuses(name) && !allowed.any(|known| **known == *name)
    };
    let is_own = |name: &str| params.iter().any(|param| param.name == name);
    let kept = params.iter().filter(|param| {
        let name = rules.name(&param.name);
        let is_taken = name != param.name && is_own(name);
        !(is_taken || drops(&param.name))
    });
    kept.map(|param| param.named(rules.name(&param.name)))
        .collect()
}

/// Strikes from a list the parameters that an object has.
struct Strike<'a, 'p>(&'a mut Vec<&'p Param>);

impl<'de> Visitor<'de> for Strike<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            self.0.retain(|param| param.name != name);
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

// ===== impl Param =====

impl Param {
    fn new(name: String, value: Value) -> Self {
        Self {
            json: format!("{}:{value}", Value::String(name.clone())).into_bytes(),
            name,
            value,
        }
    }

    /// The parameters of an object.
    pub(super) fn all(object: Map<String, Value>) -> Vec<Self> {
        let params = object.into_iter();
        params.map(|(name, value)| Self::new(name, value)).collect()
    }

    /// The same under another name.
    fn named(&self, name: &str) -> Self {
        Self::new(name.to_owned(), self.value.clone())
    }
}

impl fmt::Debug for Param {
    // The value is an operator's: it may hold what is not for a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Param").field(&self.name).finish()
    }
}
