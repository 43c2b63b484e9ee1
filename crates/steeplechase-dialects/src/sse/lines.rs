//! The grammar below events: where a line ends, and where the blank line is that ends a block.

use memchr::memchr2;
use memchr::memchr2_iter;

/// A stretch of a buffer, by offsets. A [`Range`](std::ops::Range) that is `Copy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The lines of one block, without their line ends, up to its blank line.
#[derive(Clone, Debug)]
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    done: bool,
}

/// The end of the first block in `bytes`, after its blank line.
///
/// `before` is the byte of the same block that came right before `bytes`, if there was one.
///
/// A lone CR at the very end of `bytes` ends its line at once: whoever sends lone CRs would wait
/// for ever if we waited for the LF. Should an LF follow after all, it stands at the start of the
/// next block, where it reads as a blank line and means nothing.
pub(super) fn first_block_end(before: Option<u8>, bytes: &[u8]) -> Option<usize> {
    memchr2_iter(b'\n', b'\r', bytes)
        .find(|&at| ends_blank_line(before, bytes, at))
        .map(|at| after_line_end(bytes, at))
}

/// The end of the last block in `bytes`, after its blank line. `bytes` begins with a block.
pub(super) fn last_block_end(bytes: &[u8]) -> Option<usize> {
    // Nearly every frame ends with an event, and then there is nothing to search.
    if bytes.ends_with(b"\n\n") {
        return Some(bytes.len());
    }
    memchr2_iter(b'\n', b'\r', bytes)
        .rfind(|&at| ends_blank_line(None, bytes, at))
        .map(|at| after_line_end(bytes, at))
}

/// The next line end at or after `from`: LF, CRLF or CR.
pub(super) fn line_end(bytes: &[u8], from: usize) -> Option<Span> {
    let start = from + memchr2(b'\n', b'\r', &bytes[from..])?;
    Some(Span {
        start,
        end: after_line_end(bytes, start),
    })
}

/// Whether the line end at `at` ends a line without text.
///
/// It does if another line end, or nothing at all, comes right before it. The one exception are the
/// two bytes of a CRLF, which are one line end. The rule is local, so that a search can begin
/// anywhere, also at the back.
fn ends_blank_line(before: Option<u8>, bytes: &[u8], at: usize) -> bool {
    let previous = if at == 0 { before } else { Some(bytes[at - 1]) };
    match previous {
        None | Some(b'\n') => true,
        Some(b'\r') => bytes[at] == b'\r',
        Some(_) => false,
    }
}

/// Where the next line starts, if a line end starts at `at`.
fn after_line_end(bytes: &[u8], at: usize) -> usize {
    if bytes[at..].starts_with(b"\r\n") {
        at + 2
    } else {
        at + 1
    }
}

// ===== impl Lines =====

impl<'a> Lines<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            done: false,
        }
    }

    /// Where the next line starts, and after the last line, where the block ends.
    pub(super) const fn at(&self) -> usize {
        self.at
    }
}

impl Iterator for Lines<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        if self.done || self.at == self.bytes.len() {
            return None;
        }
        let start = self.at;
        let (end, next) = match line_end(self.bytes, start) {
            Some(end) => (end.start, end.end),
            None => (self.bytes.len(), self.bytes.len()),
        };
        self.at = next;
        self.done = start == end;
        (!self.done).then_some(Span { start, end })
    }
}

// ===== impl Span =====

impl Span {
    pub(super) fn of(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start..self.end]
    }

    pub(super) const fn is_empty(self) -> bool {
        self.start == self.end
    }
}
