use std::fmt;
use std::iter::FusedIterator;

/// The headers of a message, one after the other: a name, and a value of one of ten types.
#[derive(Clone)]
pub struct Headers<'a> {
    rest: &'a [u8],
}

/// The value of a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// A flag.
    Bool(bool),
    /// 8 bits.
    Byte(i8),
    /// Bytes.
    Bytes(&'a [u8]),
    /// 32 bits.
    Int(i32),
    /// 64 bits.
    Long(i64),
    /// 16 bits.
    Short(i16),
    /// A text.
    Text(&'a str),
    /// Milliseconds since the epoch.
    Timestamp(i64),
    /// A UUID.
    Uuid([u8; 16]),
}

// ===== impl Headers =====

impl<'a> Headers<'a> {
    /// `bytes` must be headers that [`are_headers`].
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a str, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value, rest) = read(self.rest)?;
        self.rest = rest;
        Some((name, value))
    }
}

impl FusedIterator for Headers<'_> {}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Headers")
            .field("len", &self.rest.len())
            .finish()
    }
}

/// Whether all of `bytes` is headers.
pub(super) fn are_headers(mut bytes: &[u8]) -> bool {
    while let Some((_, _, rest)) = read(bytes) {
        bytes = rest;
    }
    bytes.is_empty()
}

/// The first header, and what comes after it.
fn read(bytes: &[u8]) -> Option<(&str, Value<'_>, &[u8])> {
    let (len, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*len))?;
    let name = std::str::from_utf8(name)
        .ok()
        .filter(|name| !name.is_empty())?;
    let (kind, rest) = rest.split_first()?;
    let (value, rest) = match kind {
        0 => (Value::Bool(true), rest),
        1 => (Value::Bool(false), rest),
        2 => number(rest, |bytes| Value::Byte(i8::from_be_bytes(bytes)))?,
        3 => number(rest, |bytes| Value::Short(i16::from_be_bytes(bytes)))?,
        4 => number(rest, |bytes| Value::Int(i32::from_be_bytes(bytes)))?,
        5 => number(rest, |bytes| Value::Long(i64::from_be_bytes(bytes)))?,
        6 => {
            let (bytes, rest) = sized(rest)?;
            (Value::Bytes(bytes), rest)
        }
        7 => {
            let (bytes, rest) = sized(rest)?;
            (Value::Text(std::str::from_utf8(bytes).ok()?), rest)
        }
        8 => number(rest, |bytes| Value::Timestamp(i64::from_be_bytes(bytes)))?,
        9 => number(rest, Value::Uuid)?,
        _ => return None,
    };
    Some((name, value, rest))
}

fn number<'a, const N: usize>(
    bytes: &'a [u8],
    read: impl FnOnce([u8; N]) -> Value<'a>,
) -> Option<(Value<'a>, &'a [u8])> {
    let (number, rest) = bytes.split_first_chunk::<N>()?;
    Some((read(*number), rest))
}

/// Bytes after their length.
fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))
}
