//! OpenAI's own encodings.

use std::sync::LazyLock;

use tiktoken::CoreBpe;

use super::{Count, Family};

/// The most bytes that are encoded at once. What is longer is cut where the encoding would cut it.
const BLOCK: usize = 64 * 1024;

type Encoding = Option<&'static CoreBpe>;

// Unpacked when they are first asked for.
static CL100K: LazyLock<Encoding> = LazyLock::new(|| tiktoken::get_encoding("cl100k_base"));
static O200K: LazyLock<Encoding> = LazyLock::new(|| tiktoken::get_encoding("o200k_base"));

/// How many tokens a text has. `None` if the family's encoding is not one of these.
pub(super) fn count(family: Family, text: &str) -> Option<Count> {
    let encoding = match family {
        Family::Cl100k => (*CL100K)?,
        Family::O200k => (*O200K)?,
        _ => return None,
    };
    let mut count = Count::NONE;
    let mut rest = text;
    while !rest.is_empty() {
        let (block, is_exact) = block(rest);
        count += Count {
            tokens: encoding.count(block) as u64,
            is_exact,
        };
        rest = &rest[block.len()..];
    }
    Some(count)
}

/// The first block of a text, and whether it ends where a token does.
///
/// A space after anything else than space always begins a token. If there is none in reach, as in a text of one
/// letter alone, the cut is anywhere, and may add a token.
fn block(text: &str) -> (&str, bool) {
    if text.len() <= BLOCK {
        return (text, true);
    }
    let mut ends = (0..=BLOCK).rev();
    let end = ends.find(|at| text.is_char_boundary(*at)).unwrap_or(BLOCK);
    let bytes = text.as_bytes();
    let begins_token = |at: &usize| {
        let before = bytes[at - 1];
        bytes[*at] == b' ' && before.is_ascii_graphic()
    };
    // In the second half, so that there are no more blocks than twice the fewest.
    match (BLOCK / 2..end).rev().find(begins_token) {
        Some(at) => (&text[..at], true),
        None => (&text[..end], false),
    }
}
