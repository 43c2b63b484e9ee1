use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use steeplechase_core::{Class, Error};

use crate::json::Name;

/// A body for Vertex AI.
#[derive(Debug)]
pub(super) struct Adapted {
    pub(super) body: Bytes,
    /// The fields that are not known there.
    pub(super) dropped: Vec<Box<str>>,
    /// Whether the model may search the web.
    pub(super) searches: bool,
}

/// The fields of an object, in their order, unread.
struct Fields<'a>(Vec<(Name<'a>, &'a RawValue)>);

/// Says which version of Anthropic's API is spoken there.
const VERSION: &str = "vertex-2023-10-16";

/// What is not known there.
const UNKNOWN: [&str; 5] = [
    "container",
    "inference_geo",
    "mcp_servers",
    "service_tier",
    "speed",
];

/// Makes of a body for Anthropic one for Vertex AI. `keeps_model` if the URL does not name the model.
///
/// # Errors
///
/// It is no JSON object, which can only be if a caller's bytes are passed on.
pub(super) fn adapt(body: &[u8], keeps_model: bool) -> Result<Adapted, Error> {
    let Fields(fields) = serde_json::from_slice(body).map_err(|error| {
        Error::new(Class::InvalidRequest, "the body must be a JSON object")
            .with_code("invalid_json")
            .with_source(error)
    })?;
    let mut out = Vec::with_capacity(body.len() + 48);
    let mut dropped = Vec::new();
    let mut searches = false;
    out.extend_from_slice(b"{\"anthropic_version\":\"");
    out.extend_from_slice(VERSION.as_bytes());
    out.push(b'"');
    for (Name(name), value) in &fields {
        match &**name {
            "anthropic_version" => continue,
            "model" if !keeps_model => continue,
            name if UNKNOWN.contains(&name) => {
                dropped.push(name.into());
                continue;
            }
            "tools" => searches = value.get().contains("\"web_search_20"),
            _ => {}
        }
        out.push(b',');
        out.extend_from_slice(serde_json::Value::from(&**name).to_string().as_bytes());
        out.push(b':');
        out.extend_from_slice(value.get().as_bytes());
    }
    out.push(b'}');
    Ok(Adapted {
        body: out.into(),
        dropped,
        searches,
    })
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::with_capacity(16);
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
