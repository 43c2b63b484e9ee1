use std::borrow::Cow;

use serde::de::Deserialize;

/// Parses JSON; if an escape in it is half a surrogate pair, with U+FFFD in its place.
///
/// Some languages cut strings between the halves of a pair. What is left is JSON to them and not to
/// us, and not worth losing a call for.
///
/// # Errors
///
/// What is wrong with the JSON otherwise.
pub(crate) fn from_slice<T>(raw: &[u8]) -> Result<T, serde_json::Error>
where
    T: for<'de> Deserialize<'de>,
{
    serde_json::from_slice(raw).or_else(|error| match mend(raw) {
        Cow::Owned(mended) => serde_json::from_slice(&mended),
        Cow::Borrowed(_) => Err(error),
    })
}

/// The same for what borrows from the JSON, or else from `mended`.
///
/// # Errors
///
/// What is wrong with the JSON otherwise.
pub(crate) fn in_place<'a, T>(
    raw: &'a [u8],
    mended: &'a mut Vec<u8>,
) -> Result<T, serde_json::Error>
where
    T: Deserialize<'a>,
{
    serde_json::from_slice(raw).or_else(|error| {
        let Cow::Owned(other) = mend(raw) else {
            return Err(error);
        };
        *mended = other;
        serde_json::from_slice(mended).map_err(|_| error)
    })
}

/// Whether JSON could not be parsed because it ends too early. What ends in the middle of a number is no
/// number to the parser, wherever more of it may be.
pub(crate) fn is_cut(raw: &[u8], error: &serde_json::Error) -> bool {
    let is_half_a_number = || {
        let last = raw.last().copied();
        last.is_some_and(|b| matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'))
    };
    error.is_eof() || is_half_a_number()
}

/// Replaces lone surrogate escapes. Borrowed if there are none.
pub(crate) fn mend(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &raw[at..]) {
        at += found;
        match unit(raw, at) {
            Some(0xd800..=0xdbff) if matches!(unit(raw, at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                out.extend_from_slice(&raw[copied..at]);
                out.extend_from_slice(b"\\ufffd");
                at += 6;
                copied = at;
            }
            // Any other escape; at the end of the input, half of one.
            _ => at = (at + 2).min(raw.len()),
        }
    }
    if copied == 0 {
        return Cow::Borrowed(raw);
    }
    out.extend_from_slice(&raw[copied..]);
    Cow::Owned(out)
}

/// The code unit of an escape such as `\u00e9`.
fn unit(raw: &[u8], at: usize) -> Option<u16> {
    let digits = raw.get(at..at + 6)?.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}
