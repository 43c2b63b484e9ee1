//! Calls that are in Cohere's second version already, and the answers to them.

use std::fmt;

use bytes::Bytes;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use steeplechase_core::{Chunk, Error};

use super::native;
use crate::intake::is_own;
use crate::json::Name;

/// Whether a call says nothing but what the second version knows: documents that are texts, and none of
/// the fields of the first version. It is one pass, and nothing is built.
pub(crate) fn is_second_version(raw: &[u8]) -> bool {
    let mut json = serde_json::Deserializer::from_slice(raw);
    json.deserialize_map(Call).unwrap_or(false)
}

/// Says what an answer carries. The bytes stay as they are.
///
/// # Errors
///
/// Those of an answer that is none.
pub(crate) fn relay_answer(body: &[u8]) -> Result<Chunk, Error> {
    let ranking = native::read(body, usize::MAX)?;
    Ok(Chunk::whole(Bytes::copy_from_slice(body)).and_usage(ranking.usage))
}

struct Call;

/// Whether all items of a list are texts.
struct Texts(bool);

impl<'de> Visitor<'de> for Call {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut is_it = true;
        while let Some(Name(name)) = map.next_key()? {
            match &*name {
                "documents" => is_it &= map.next_value::<Texts>()?.0,
                "max_tokens_per_doc" | "model" | "query" | "top_n" => {
                    map.next_value::<IgnoredAny>()?;
                }
                name => {
                    is_it &= is_own(name);
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(is_it)
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(TextsVisitor)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Texts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Texts, A::Error> {
        let mut are_texts = true;
        while let Some(item) = seq.next_element::<&RawValue>()? {
            are_texts &= item.get().starts_with('"');
        }
        Ok(Texts(are_texts))
    }
}
