//! What the provider sends: shapes that borrow from its bytes where they can.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::usage::Counts;
use crate::chat::Annotation;
use crate::json::{Text, text};

/// A whole answer.
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) model: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) content: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(super) stop_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) stop_details: Option<StopDetails<'a>>,
    #[serde(borrow)]
    pub(super) usage: Option<Counts<'a>>,
}

#[derive(Deserialize)]
pub(super) struct StopDetails<'a> {
    #[serde(borrow)]
    pub(super) explanation: Option<Text<'a>>,
}

/// One block of an answer, whole or at its start.
#[derive(Deserialize)]
pub(super) struct Block<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) thinking: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) signature: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) data: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) citations: Option<Vec<Citation<'a>>>,
}

/// Where a text is from.
#[derive(Deserialize)]
pub(super) struct Citation<'a> {
    #[serde(borrow)]
    pub(super) url: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) source: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) title: Option<Text<'a>>,
}

/// An event of a stream: the fields of all of them.
#[derive(Deserialize)]
pub(super) struct StreamEvent<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Text<'a>>,
    pub(super) index: Option<u64>,
    #[serde(borrow)]
    pub(super) message: Option<Message<'a>>,
    #[serde(borrow)]
    pub(super) content_block: Option<Block<'a>>,
    #[serde(borrow)]
    pub(super) delta: Option<Delta<'a>>,
    #[serde(borrow)]
    pub(super) usage: Option<Counts<'a>>,
}

/// What an event adds.
#[derive(Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(borrow)]
    pub(super) text: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) thinking: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) signature: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) partial_json: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) citation: Option<Citation<'a>>,
    #[serde(borrow)]
    pub(super) stop_reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) stop_details: Option<StopDetails<'a>>,
}

/// The kind of an object of which nothing else may be as expected.
#[derive(Deserialize)]
pub(super) struct Kind<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Text<'a>>,
}

// ===== impl Block =====

impl Block<'_> {
    pub(super) fn kind(&self) -> &str {
        text(self.kind.as_ref())
    }
}

// ===== impl Citation =====

impl Citation<'_> {
    /// The citation of a part of the answer. `None` if it is of a document that has no address.
    pub(super) fn annotation(&self, start: usize, end: usize) -> Option<Annotation> {
        let address = self.url.as_ref().or(self.source.as_ref());
        let url = address.filter(|url| !url.is_empty())?;
        Some(Annotation {
            start,
            end,
            url: url.to_string(),
            title: self.title.as_ref().map(|title| title.to_string()),
        })
    }
}
