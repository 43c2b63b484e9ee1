//! Changes in a call what Azure, or a version of its API, would refuse.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use steeplechase_core::{Class, Error};

use super::family::Family;
use crate::json::Name;
use crate::translate::provider::Allowed;

/// What is to be changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules<'a> {
    pub(super) family: Family,
    /// Whether the version of the API is one that does not know `stream_options`.
    pub(super) without_stream_options: bool,
    /// Whether what the model refuses is left out.
    pub(super) drop_params: bool,
    /// What is passed on all the same.
    pub(super) allowed: Allowed<'a>,
}

/// A parameter of the sampling, and the value that it has if nobody says another.
const SAMPLING: [(&str, f64); 4] = [
    ("frequency_penalty", 0.0),
    ("presence_penalty", 0.0),
    ("temperature", 1.0),
    ("top_p", 1.0),
];

/// A field at the top of a call.
struct Field<'a> {
    name: Cow<'a, str>,
    /// From the quote of its name to the end of its value.
    span: Range<usize>,
    value: &'a str,
}

/// What becomes of a field.
enum Fate {
    Kept,
    /// It is left out; whether that is noted.
    Dropped(bool),
    Renamed(&'static str),
}

/// A call as it is sent, and the names of what was left out.
pub(super) struct Adapted {
    pub(super) body: Bytes,
    pub(super) dropped: Vec<Box<str>>,
}

// ===== impl Rules =====

impl Rules<'_> {
    /// Whether there is anything that could have to be changed.
    const fn is_empty(self) -> bool {
        matches!(self.family, Family::Plain) && !self.without_stream_options
    }

    /// Changes a call. If nothing has to be changed it is the same bytes, uncopied.
    ///
    /// # Errors
    ///
    /// [`Class::Internal`] if the bytes are no JSON object, which was checked before.
    pub(super) fn adapt(self, body: Bytes) -> Result<Adapted, Error> {
        let unchanged = |body| Adapted {
            body,
            dropped: Vec::new(),
        };
        if self.is_empty() {
            return Ok(unchanged(body));
        }
        let fields = fields(&body)?;
        let has_new_limit = fields
            .iter()
            .any(|field| field.name == "max_completion_tokens" && field.value != "null");
        let fates: Vec<_> = fields
            .iter()
            .map(|field| self.fate(field, has_new_limit))
            .collect();
        if fates.iter().all(|fate| matches!(fate, Fate::Kept)) {
            return Ok(unchanged(body));
        }
        let mut dropped = Vec::new();
        let mut out = Vec::with_capacity(body.len() + 16);
        out.push(b'{');
        for (field, fate) in fields.iter().zip(fates) {
            if let Fate::Dropped(is_noted) = fate {
                dropped.extend(is_noted.then(|| Box::from(&*field.name)));
                continue;
            }
            if out.len() > 1 {
                out.push(b',');
            }
            if let Fate::Renamed(name) = fate {
                out.extend_from_slice(format!("\"{name}\":{}", field.value).as_bytes());
            } else {
                out.extend_from_slice(&body[field.span.clone()]);
            }
        }
        out.push(b'}');
        Ok(Adapted {
            body: out.into(),
            dropped,
        })
    }

    #[allow(
        clippy::float_cmp,
        reason = "the defaults are compared as they were written"
    )]
    fn fate(self, field: &Field<'_>, has_new_limit: bool) -> Fate {
        if self.without_stream_options && field.name == "stream_options" {
            return Fate::Dropped(true);
        }
        if self.family == Family::Plain {
            return Fate::Kept;
        }
        if field.name == "max_tokens" {
            return if has_new_limit {
                Fate::Dropped(false)
            } else {
                Fate::Renamed("max_completion_tokens")
            };
        }
        // The limit with the other name may come in its place.
        if field.name == "max_completion_tokens" && !has_new_limit {
            return Fate::Dropped(false);
        }
        let mut sampling = SAMPLING.iter();
        let Some((_, usual)) = sampling.find(|(name, _)| field.name == *name) else {
            return Fate::Kept;
        };
        if field
            .value
            .parse::<f64>()
            .is_ok_and(|value| value == *usual)
        {
            return Fate::Dropped(false);
        }
        if self.drop_params && self.family == Family::Fixed && !self.allowed.has(&field.name) {
            return Fate::Dropped(true);
        }
        Fate::Kept
    }
}

/// The fields at the top of a call.
fn fields(body: &[u8]) -> Result<Vec<Field<'_>>, Error> {
    let mut json = serde_json::Deserializer::from_slice(body);
    json.deserialize_map(Fields(body)).map_err(|error| {
        let message = "the call could not be rewritten";
        Error::new(Class::Internal, message).with_source(error)
    })
}

struct Fields<'a>(&'a [u8]);

impl<'de> Visitor<'de> for Fields<'de> {
    type Value = Vec<Field<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let body = self.0;
        let mut fields = Vec::with_capacity(12);
        let mut end = 0;
        while let Some(Name(name)) = map.next_key()? {
            let value: &'de RawValue = map.next_value()?;
            let value = value.get();
            let start = value.as_ptr() as usize - body.as_ptr() as usize;
            // Before the name there are only spaces, a brace and a comma.
            let quote = body[end..start].iter().position(|b| *b == b'"');
            let name_start = end + quote.unwrap_or(0);
            end = start + value.len();
            fields.push(Field {
                name,
                span: name_start..end,
                value,
            });
        }
        Ok(fields)
    }
}
