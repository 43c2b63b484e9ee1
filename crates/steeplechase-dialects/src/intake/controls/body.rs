use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};
use steeplechase_core::attempts::Attempts;
use steeplechase_core::controls::{Hedge, Leg, Legs};
use steeplechase_core::{Class, Error, FieldPath};

use super::value::{flag, seconds, seconds_or_none, text, texts, whole, wrong};
use super::{Control, Reader};

/// How many models a list of fallbacks may name.
const MAX_LEGS: usize = 32;

/// The most retries anybody can mean.
const MOST: i64 = u8::MAX as i64;

// ===== impl Reader =====

impl Reader {
    /// Reads a field of the body. One that nobody listens to is passed over.
    pub(super) fn field(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        match name {
            "num_retries" | "x-litellm-num-retries" | "x-steeplechase-num-retries" => {
                if let Some(retries) = whole(name, value, 0, MOST)?
                    && self.allows(Control::Retries, "num_retries")
                {
                    self.controls.num_retries = u8::try_from(retries).ok();
                }
            }
            "timeout" | "request_timeout" | "stream_timeout" => self.timeout(name, value)?,
            "tags" | "metadata.tags" => self.tags(name, value)?,
            "litellm_metadata" | "metadata" => {
                if let Some(tags) = value.get("tags") {
                    self.tags("metadata.tags", tags)?;
                }
            }
            "allowed_model_region" => {
                let region = text(name, value)?;
                if region.is_some() && self.allows(Control::Tags, "allowed_model_region") {
                    self.controls.region = region;
                }
            }
            "litellm_session_id" => {
                let session = text(name, value)?;
                if session.is_some() && self.allows(Control::Tags, "litellm_session_id") {
                    self.controls.session = session;
                }
            }
            "cache" => self.missing("cache", value),
            "caching" => self.missing("caching", value),
            "guardrails" => self.missing("guardrails", value),
            // A caller may always ask for less.
            "additional_drop_params" => {
                let paths = texts(name, value)?.into_iter();
                let paths = paths.map(|path| {
                    FieldPath::parse(&path)
                        .map_err(|right| wrong(name, &format!("a list, each {right}")))
                });
                self.controls.drop_fields = paths.collect::<Result<_, _>>()?;
            }
            "allowed_openai_params" => {
                let names = texts(name, value)?;
                if !names.is_empty() && self.allows(Control::Params, "allowed_openai_params") {
                    self.controls.allowed_params = names;
                }
            }
            "priority" => self.priority(name, value)?,
            "keepalive_seconds" => self.keepalive(name, value)?,
            "hedge" => self.hedge(name, value)?,
            "race" => self.race(name, value)?,
            _ if name.contains("fallback") && !name.starts_with("mock_") => {
                self.fallback_field(name, value)?;
            }
            _ if name.starts_with("mock_") => self.mock(name, value)?,
            _ => {}
        }
        Ok(())
    }

    pub(super) fn timeout(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        if let Some(time) = seconds(name, value)? {
            let is_of_stream = name.contains("stream");
            self.timeout_of(time, is_of_stream);
        }
        Ok(())
    }

    /// A caller may always ask for less: it could as well go away.
    pub(super) fn timeout_of(&mut self, time: Duration, is_of_stream: bool) {
        self.controls.only_shorter = !self.allowed.allows(Control::Timeout);
        let slot = if is_of_stream {
            &mut self.controls.stream_timeout
        } else {
            &mut self.controls.timeout
        };
        *slot = Some(time);
    }

    /// Whether anybody listens depends on the deployments, of which nobody knows yet.
    pub(super) fn keepalive(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        let keepalive = seconds_or_none(name, value)?;
        self.controls.keepalive = keepalive.or(self.controls.keepalive);
        Ok(())
    }

    /// There is no such thing here, and who asks for it is told.
    fn missing(&mut self, name: &'static str, value: &Value) {
        if !matches!(value, Value::Null | Value::Bool(false)) {
            self.controls.ignored.push(name);
        }
    }

    pub(super) fn tags(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        let tags = texts(name, value)?;
        if !tags.is_empty() && self.allows(Control::Tags, "tags") {
            for tag in tags {
                if !self.controls.tags.contains(&tag) {
                    self.controls.tags.push(tag);
                }
            }
        }
        Ok(())
    }

    pub(super) fn priority(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        if let Some(priority) = whole(name, value, i64::MIN, i32::MAX.into())?
            && self.allows(Control::Priority, "priority")
        {
            self.controls.priority = Some(i32::try_from(priority).unwrap_or(i32::MIN));
        }
        Ok(())
    }

    pub(super) fn hedge(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        let hedge = match value {
            Value::Null => return Ok(()),
            Value::Bool(false) => Hedge::Off,
            Value::Bool(true) => Hedge::Auto,
            Value::String(text) if text == "off" || text == "false" => Hedge::Off,
            Value::String(text) if text == "auto" || text == "true" => Hedge::Auto,
            _ => {
                let right = "true, false, or how many seconds the first attempt has";
                let delay = seconds(name, value).map_err(|_| wrong(name, right))?;
                delay.map_or(Hedge::Auto, Hedge::After)
            }
        };
        if self.allows(Control::Hedge, "hedge") {
            self.controls.hedge = Some(hedge);
        }
        Ok(())
    }

    pub(super) fn race(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        let most = i64::from(Attempts::HARD_CAP);
        let Some(width) = whole(name, value, 1, most + 1)? else {
            return Ok(());
        };
        if width > most {
            return Err(wrong(name, &format!("a whole number from 1 to {most}")));
        }
        if self.allows(Control::Race, "race") {
            self.controls.race = u8::try_from(width).ok();
        }
        Ok(())
    }

    fn fallback_field(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        match name {
            "disable_fallbacks" => {
                // A caller may always ask for less.
                self.controls.disable_fallbacks = flag(name, value)?;
            }
            "include_fallback_errors" => {
                self.controls.include_fallback_errors = flag(name, value)?;
            }
            _ => {
                let legs = legs(name, value)?;
                let Some(slot) = (match name {
                    "fallbacks" => Some(&mut self.controls.fallbacks),
                    "context_window_fallbacks" | "context_window_fallback_dict" => {
                        Some(&mut self.controls.context_window_fallbacks)
                    }
                    "content_policy_fallbacks" => Some(&mut self.controls.content_policy_fallbacks),
                    _ => None,
                }) else {
                    return Ok(());
                };
                if legs.is_some() && self.allowed.allows(Control::Fallbacks) {
                    *slot = legs;
                } else if legs.is_some() {
                    self.allows(Control::Fallbacks, "fallbacks");
                }
            }
        }
        Ok(())
    }
}

/// Models to ask: a name, a list of names or of objects with a `model`, or the same by the model that they
/// are asked instead of, which may be `*`. `None` for `null`.
pub(super) fn legs(name: &str, value: &Value) -> Result<Option<Legs>, Error> {
    let mut legs = Vec::new();
    match value {
        Value::Null => return Ok(None),
        Value::String(_) => leg(name, value, None, &mut legs)?,
        Value::Array(items) => {
            for item in items {
                leg(name, item, None, &mut legs)?;
            }
        }
        Value::Object(map) => by_model(name, map, &mut legs)?,
        _ => return Err(wrong(name, "a list of models")),
    }
    if legs.len() > MAX_LEGS {
        return Err(wrong(name, &format!("a list of at most {MAX_LEGS} models")));
    }
    Ok(Some(legs.into()))
}

fn leg(
    name: &str,
    item: &Value,
    instead_of: Option<&str>,
    legs: &mut Vec<Leg>,
) -> Result<(), Error> {
    let right = "a list of models, or of objects with a `model`";
    let mut leg = match item {
        Value::String(model) if !model.is_empty() => Leg::to(model.as_str()),
        Value::Object(fields) => match fields.get("model") {
            Some(Value::String(model)) if !model.is_empty() => Leg {
                patch: patch(fields),
                ..Leg::to(model.as_str())
            },
            // `[{"gpt-4o": ["claude"]}]`, as in a configuration.
            None if instead_of.is_none() => return by_model(name, fields, legs),
            _ => return Err(wrong(name, right)),
        },
        _ => return Err(wrong(name, right)),
    };
    leg.instead_of = instead_of.map(Arc::from);
    legs.push(leg);
    Ok(())
}

fn by_model(name: &str, map: &Map<String, Value>, legs: &mut Vec<Leg>) -> Result<(), Error> {
    for (model, targets) in map {
        match targets {
            Value::Array(targets) => {
                for target in targets {
                    leg(name, target, Some(model), legs)?;
                }
            }
            Value::String(_) => leg(name, targets, Some(model), legs)?,
            _ => return Err(wrong(name, "lists of models, by the model that fails")),
        }
    }
    Ok(())
}

/// The fields of an object that replace those of the call. `None` if there are none but the model.
fn patch(fields: &Map<String, Value>) -> Option<Bytes> {
    let mut fields = fields.clone();
    fields.remove("model");
    (!fields.is_empty()).then(|| Bytes::from(Value::Object(fields).to_string()))
}

/// What class a name of `LiteLLM`'s exceptions is.
pub(super) fn class_of(name: &str) -> Option<Class> {
    use steeplechase_core::Phase;
    Some(match name {
        "AuthenticationError" | "PermissionDeniedError" => Class::Auth,
        "BadRequestError" | "InvalidRequestError" | "UnprocessableEntityError" => {
            Class::InvalidRequest
        }
        "ContentPolicyViolationError" => Class::ContentPolicy,
        "ContextWindowExceededError" => Class::ContextWindow,
        "NotFoundError" => Class::NotFound,
        "RateLimitError" => Class::RateLimited,
        "ServiceUnavailableError" => Class::Overloaded,
        "Timeout" => Class::Timeout(Phase::FirstToken),
        "APIConnectionError" => Class::Transport,
        "InternalServerError" | "APIError" | "BadGatewayError" => Class::Server,
        _ => return None,
    })
}
