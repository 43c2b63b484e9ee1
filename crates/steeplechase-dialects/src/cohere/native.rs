//! What the provider sends: shapes that borrow from its bytes where they can.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::citation::Citation;
use super::logprobs::Logprob;
use super::usage::Counts;
use crate::json::Text;

/// A whole answer.
#[derive(serde::Deserialize)]
pub(super) struct Reply<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) finish_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) message: Option<Message<'a>>,
    pub(super) usage: Option<Counts>,
    #[serde(borrow)]
    pub(super) logprobs: Option<Vec<Logprob<'a>>>,
}

/// What the model says.
#[derive(serde::Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Vec<Block<'a>>>,
    #[serde(borrow)]
    pub(super) tool_plan: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) tool_calls: Option<Vec<Call<'a>>>,
    #[serde(borrow)]
    pub(super) citations: Option<Vec<&'a RawValue>>,
}

/// A block of text or of thoughts, or a part of one.
#[derive(serde::Deserialize)]
pub(super) struct Block<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) thinking: Option<Text<'a>>,
}

/// A call of a tool, or a part of one.
#[derive(serde::Deserialize)]
pub(super) struct Call<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) function: Option<Function<'a>>,
}

#[derive(serde::Deserialize)]
pub(super) struct Function<'a> {
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) arguments: Option<Text<'a>>,
}

/// An event of a stream: the fields of all of them.
#[derive(serde::Deserialize)]
pub(super) struct StreamEvent<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    pub(super) index: Option<u64>,
    #[serde(borrow)]
    pub(super) delta: Option<Delta<'a>>,
    #[serde(borrow)]
    pub(super) logprobs: Option<Logprob<'a>>,
}

/// What an event adds.
#[derive(serde::Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(borrow)]
    pub(super) message: Option<MessageDelta<'a>>,
    #[serde(borrow)]
    pub(super) finish_reason: Option<Text<'a>>,
    pub(super) usage: Option<Counts>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
}

/// What an event adds to what the model says. Each is one thing, and in some events an empty list.
#[derive(serde::Deserialize)]
pub(super) struct MessageDelta<'a> {
    #[serde(borrow, default)]
    pub(super) content: One<Block<'a>>,
    #[serde(borrow)]
    pub(super) tool_plan: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) tool_calls: One<Call<'a>>,
    #[serde(borrow, default)]
    pub(super) citations: One<Citation<'a>>,
}

/// The kind of an object of which nothing else may be as expected.
#[derive(serde::Deserialize)]
pub(super) struct Kind<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) message: Option<&'a RawValue>,
}

/// An object, or the first of a list of them. Anything else is none.
pub(super) struct One<T>(pub(super) Option<T>);

// ===== impl Kind =====

impl Kind<'_> {
    /// Whether it is the body of an error, which has a message and no type.
    pub(super) fn is_error(&self) -> bool {
        let message = self.message.map(RawValue::get);
        self.kind.is_none() && message.is_some_and(|message| message.starts_with('"'))
    }
}

// ===== impl One =====

impl<T> Default for One<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneVisitor(PhantomData))
    }
}

struct OneVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneVisitor<T> {
    type Value = One<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of them")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<One<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| One(Some(one)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<One<T>, A::Error> {
        let first = seq.next_element()?;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(One(first))
    }

    fn visit_str<E>(self, _: &str) -> Result<One<T>, E> {
        Ok(One(None))
    }

    fn visit_unit<E>(self) -> Result<One<T>, E> {
        Ok(One(None))
    }
}
