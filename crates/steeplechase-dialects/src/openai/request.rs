use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};
use steeplechase_core::{Call, Class, Deployment, Error};

use super::wildcard::UpstreamModel;
use crate::json::Name;

/// Rewrites calls for a deployment that speaks the caller's dialect.
///
/// ```text
/// {"model":"fast","messages":[…],"fastest_response":true}
///          ──────               ────────────────────────
///          the provider's model ours: taken out           ,"temperature":0.2  } the deployment's
/// {"model":"gpt-4o-mini","messages":[…]                   ,"temperature":0.2  }
/// ```
///
/// All other bytes stay as the caller wrote them: fields that nobody here knows, numbers as they were
/// written, the order, the spaces. If there is nothing to rewrite it is the same bytes, uncopied.
#[derive(Clone, Debug)]
pub struct Rewrite {
    model: UpstreamModel,
    params: Vec<Param>,
    fault: Option<Error>,
}

/// A parameter for calls that do not set it.
#[derive(Clone)]
struct Param {
    name: String,
    /// `"name":value`.
    json: Vec<u8>,
}

// ===== impl Rewrite =====

impl Rewrite {
    /// Prepares the rewriting for a deployment.
    ///
    /// If its [`default_params`](Deployment::default_params) are no JSON object, each call fails.
    pub fn new(deployment: &Deployment) -> Self {
        Self::with(deployment, |params| params)
    }

    /// Prepares the rewriting for a deployment whose parameters have to be others for its dialect: those
    /// that `change` makes of them.
    pub(crate) fn with(
        deployment: &Deployment,
        change: impl FnOnce(Map<String, Value>) -> Map<String, Value>,
    ) -> Self {
        let params = deployment.default_params().map_or(Ok(Map::new()), object);
        let (params, fault) = match params {
            Ok(params) => (change(params), None),
            Err(error) => (Map::new(), Some(error)),
        };
        Self {
            model: UpstreamModel::new(deployment.model(), deployment.upstream_model()),
            params: params.into_iter().map(Param::new).collect(),
            fault,
        }
    }

    /// Whether there are parameters for calls that do not set them.
    pub fn has_params(&self) -> bool {
        !self.params.is_empty()
    }

    /// The provider's name for the model of a call.
    ///
    /// # Errors
    ///
    /// [`Class::NotFound`] if the deployment serves a pattern of models, and this is none of them.
    pub fn model(&self, call: &Call) -> Result<Cow<'_, str>, Error> {
        self.model.of(call.model())
    }

    /// The bytes of a call for the provider.
    ///
    /// # Errors
    ///
    /// [`Class::NotFound`] as for [`model`](Self::model), and [`Class::Internal`] if the deployment's
    /// parameters are no JSON object, or if the call's head is not that of its bytes.
    pub fn write(&self, call: &Call) -> Result<Bytes, Error> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let model = self.model.json_of(call.model())?;
        let raw = call.raw();
        let missing = self.missing(raw)?;
        let spans = &call.head().spans;
        let current = raw.get(spans.model.clone()).ok_or_else(not_its_head)?;
        if current.is_empty() {
            return Err(not_its_head());
        }
        if spans.own.is_empty() && missing.is_empty() && current == &*model {
            return Ok(raw.clone());
        }
        let more: usize = missing.iter().map(|param| param.json.len() + 1).sum();
        let mut out = Vec::with_capacity(raw.len() + model.len() - current.len() + more);
        let end = raw
            .iter()
            .rposition(|b| *b == b'}')
            .ok_or_else(not_its_head)?;
        let mut at = 0;
        let mut copy = |out: &mut Vec<u8>, upto: usize, next: usize| {
            out.extend_from_slice(raw.get(at..upto).ok_or_else(not_its_head)?);
            at = next;
            Ok::<_, Error>(())
        };
        let mut is_written = false;
        for own in &spans.own {
            if !is_written && own.start >= spans.model.end {
                copy(&mut out, spans.model.start, spans.model.end)?;
                out.extend_from_slice(&model);
                is_written = true;
            }
            copy(&mut out, own.start, own.end)?;
        }
        if !is_written {
            copy(&mut out, spans.model.start, spans.model.end)?;
            out.extend_from_slice(&model);
        }
        copy(&mut out, end, end)?;
        for param in missing {
            out.push(b',');
            out.extend_from_slice(&param.json);
        }
        copy(&mut out, raw.len(), raw.len())?;
        Ok(Bytes::from(out))
    }

    /// The parameters that a call does not set.
    fn missing(&self, raw: &[u8]) -> Result<Vec<&Param>, Error> {
        let mut missing: Vec<_> = self.params.iter().collect();
        if !missing.is_empty() {
            serde_json::Deserializer::from_slice(raw)
                .deserialize_map(Strike(&mut missing))
                .map_err(|_| not_its_head())?;
        }
        Ok(missing)
    }
}

fn not_its_head() -> Error {
    Error::new(Class::Internal, "the call could not be rewritten")
        .with_detail("the head of the call is not the head of its bytes")
}

fn object(object: &Bytes) -> Result<Map<String, Value>, Error> {
    let mut object: Map<String, Value> = serde_json::from_slice(object).map_err(|error| {
        let message = "the deployment's settings are wrong";
        let detail = format!("default_params must be a JSON object: {error}");
        Error::new(Class::Internal, message).with_detail(detail)
    })?;
    // The model is no parameter: it is what the deployment is for.
    object.shift_remove("model");
    Ok(object)
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
    fn new((name, value): (String, Value)) -> Self {
        let json = format!("{}:{value}", Value::String(name.clone()));
        Self {
            name,
            json: json.into_bytes(),
        }
    }
}

impl fmt::Debug for Param {
    // The value is an operator's: it may hold what is not for a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Param").field(&self.name).finish()
    }
}
