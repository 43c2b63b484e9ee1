use std::collections::VecDeque;

use crate::chat::ThinkingPatch;

/// Parts of an answer that have to wait until the tool that is being called has got all of its input.
#[derive(Default)]
pub(super) struct Held {
    pieces: VecDeque<Piece>,
    bytes: usize,
}

/// A part of an answer, as far as it is there.
pub(super) enum Piece {
    Redacted(String),
    Text(String),
    Thinking {
        /// The decoder's number for it, if it has one.
        block: Option<u64>,
        text: String,
        seal: Option<String>,
    },
    Tool {
        number: u64,
        id: String,
        name: String,
        is_custom: bool,
        args: String,
        is_over: bool,
    },
}

/// The most bytes that are held. What is more is not worth waiting for: the call that it waits for is taken
/// to be complete.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// The most parts, for the same reason.
const MAX_PIECES: usize = 1024;

// ===== impl Held =====

impl Held {
    pub(super) fn is_full(&self) -> bool {
        self.bytes > MAX_BYTES || self.pieces.len() > MAX_PIECES
    }

    pub(super) fn pop(&mut self) -> Option<Piece> {
        let piece = self.pieces.pop_front();
        if self.pieces.is_empty() {
            self.bytes = 0;
        }
        piece
    }

    pub(super) fn text(&mut self, more: &str) {
        self.bytes += more.len();
        if let Some(Piece::Text(text)) = self.pieces.back_mut() {
            text.push_str(more);
        } else {
            self.pieces.push_back(Piece::Text(more.to_owned()));
        }
    }

    pub(super) fn thinking(&mut self, number: Option<u64>, patch: ThinkingPatch<'_>) {
        let (ThinkingPatch::Redacted(more)
        | ThinkingPatch::Signature(more)
        | ThinkingPatch::Text(more)) = patch;
        self.bytes += more.len();
        if let ThinkingPatch::Redacted(data) = patch {
            self.pieces.push_back(Piece::Redacted(data.to_owned()));
            return;
        }
        let fits = matches!(
            self.pieces.back(),
            Some(Piece::Thinking { block, seal: None, .. })
                if number.is_none() || block.is_none() || *block == number
        );
        if !fits {
            self.pieces.push_back(Piece::Thinking {
                block: number,
                text: String::new(),
                seal: None,
            });
        }
        if let Some(Piece::Thinking { text, seal, block }) = self.pieces.back_mut() {
            *block = block.or(number);
            match patch {
                ThinkingPatch::Signature(more) => *seal = Some(more.to_owned()),
                _ => text.push_str(more),
            }
        }
    }

    pub(super) fn tool(&mut self, number: u64, (id, name): (&str, &str), is_custom: bool) {
        self.bytes += id.len() + name.len();
        self.pieces.push_back(Piece::Tool {
            number,
            id: id.to_owned(),
            name: name.to_owned(),
            is_custom,
            args: String::new(),
            is_over: false,
        });
    }

    /// Adds to the input of a tool that is held.
    pub(super) fn args(&mut self, wanted: u64, more: &str) {
        self.bytes += more.len();
        if let Some(Piece::Tool { args, .. }) = self.tool_mut(wanted) {
            args.push_str(more);
        }
    }

    /// Notes that a tool that is held has got all of its input.
    pub(super) fn end(&mut self, wanted: u64) {
        if let Some(Piece::Tool { is_over, .. }) = self.tool_mut(wanted) {
            *is_over = true;
        }
    }

    fn tool_mut(&mut self, wanted: u64) -> Option<&mut Piece> {
        self.pieces.iter_mut().rev().find(|piece| match piece {
            Piece::Tool {
                number, is_over, ..
            } => *number == wanted && !is_over,
            _ => false,
        })
    }
}
