use std::fmt;

use bytes::BytesMut;
use steeplechase_core::Dialect;

use super::frames::{Page, field};
use super::wire::{WireItem, WireSummary};
use crate::chat::{ThinkingBlock, ThinkingPatch};
use crate::responses::seal::Sealed;

/// What the model thinks: parts to read, and what its provider has sealed.
#[derive(Default)]
pub(in crate::responses) struct Reasoning {
    parts: Vec<String>,
    /// What the last part is of, if it is open.
    open: Option<Of>,
    blocks: Vec<Block>,
    /// Seals on calls that come next.
    calls: Vec<(String, String)>,
}

/// What a part is of.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(in crate::responses) enum Of {
    /// A sealed piece.
    Block(u64),
    /// Nothing that is sealed.
    Nothing,
}

/// One sealed piece.
struct Block {
    number: u64,
    text: String,
    seal: String,
    is_redacted: bool,
}

// ===== impl Reasoning =====

impl Reasoning {
    pub(in crate::responses) fn open(page: &mut Page<'_>) -> Self {
        page.added(&WireItem::Reasoning {
            id: &page.place.id,
            summary: Vec::new(),
            encrypted_content: None,
        });
        Self::default()
    }

    /// Adds a text to read, which may be of a sealed piece.
    pub(in crate::responses) fn think(&mut self, of: Of, text: &str, page: &mut Page<'_>) {
        if self.open != Some(of) {
            self.end_part(page);
            page.about("reasoning_summary_part.added", |out| {
                field(out, "summary_index", &self.parts.len());
                field(out, "part", &WireSummary { text: "" });
            });
            self.parts.push(String::new());
            self.open = Some(of);
        }
        let index = self.parts.len() - 1;
        self.parts[index].push_str(text);
        page.about("reasoning_summary_text.delta", |out| {
            field(out, "summary_index", &index);
            field(out, "delta", text);
        });
    }

    /// Adds to a sealed piece.
    pub(in crate::responses) fn patch(
        &mut self,
        number: u64,
        patch: ThinkingPatch<'_>,
        page: &mut Page<'_>,
    ) {
        let index = self.block(number);
        let block = &mut self.blocks[index];
        match patch {
            ThinkingPatch::Redacted(data) => {
                data.clone_into(&mut block.seal);
                block.is_redacted = true;
            }
            ThinkingPatch::Signature(seal) => block.seal.push_str(seal),
            ThinkingPatch::Text(text) => {
                block.text.push_str(text);
                self.think(Of::Block(number), text, page);
            }
        }
    }

    /// Adds a seal on a call that comes next.
    pub(in crate::responses) fn seal_call(&mut self, call: &str, seal: &str) {
        self.calls.push((call.to_owned(), seal.to_owned()));
    }

    /// Completes the item. Gives back its JSON. What is sealed is in it if it is said who has sealed it.
    pub(in crate::responses) fn close(
        mut self,
        by: Option<Dialect>,
        page: &mut Page<'_>,
    ) -> BytesMut {
        self.end_part(page);
        let parts = std::mem::take(&mut self.parts);
        let sealed = by.and_then(|by| self.sealed().write(by));
        page.done(&WireItem::Reasoning {
            id: &page.place.id,
            summary: parts.iter().map(|text| WireSummary { text }).collect(),
            encrypted_content: sealed.as_deref(),
        })
    }

    fn sealed(self) -> Sealed {
        // What has no seal is not taken back by anybody.
        let blocks = self
            .blocks
            .into_iter()
            .filter(|block| !block.seal.is_empty());
        let blocks = blocks.map(|block| {
            if block.is_redacted {
                return ThinkingBlock::Redacted { data: block.seal };
            }
            ThinkingBlock::Thinking {
                text: block.text,
                signature: Some(block.seal),
            }
        });
        Sealed {
            blocks: blocks.collect(),
            calls: self.calls,
        }
    }

    /// The place of a sealed piece. A new one takes for its own the open text that is of none.
    fn block(&mut self, number: u64) -> usize {
        let mut blocks = self.blocks.iter();
        if let Some(index) = blocks.rposition(|block| block.number == number) {
            return index;
        }
        let mut text = String::new();
        if self.open == Some(Of::Nothing) {
            self.open = Some(Of::Block(number));
            text = self.parts.last().cloned().unwrap_or_default();
        }
        self.blocks.push(Block {
            number,
            text,
            seal: String::new(),
            is_redacted: false,
        });
        self.blocks.len() - 1
    }

    fn end_part(&mut self, page: &mut Page<'_>) {
        let index = self.parts.len().saturating_sub(1);
        let (Some(_), Some(text)) = (self.open.take(), self.parts.last()) else {
            return;
        };
        page.about("reasoning_summary_text.done", |out| {
            field(out, "summary_index", &index);
            field(out, "text", text);
        });
        page.about("reasoning_summary_part.done", |out| {
            field(out, "summary_index", &index);
            field(out, "part", &WireSummary { text });
        });
    }
}

impl fmt::Debug for Reasoning {
    // It is somebody's text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reasoning")
            .field("parts", &self.parts.len())
            .field("blocks", &self.blocks.len())
            .finish_non_exhaustive()
    }
}
