//! The fields at the top of a call's bytes, and the bytes without some of them.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Name;

/// A field at the top of a call, and what becomes of it.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    pub(crate) name: Cow<'a, str>,
    /// The value, as it is written.
    pub(crate) value: &'a str,
    pub(crate) fate: Fate<'a>,
    /// Where the name is, with its quotes.
    key: Range<usize>,
    span: Range<usize>,
    /// Where the field before has ended.
    after: usize,
}

/// What becomes of a field.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Fate<'a> {
    #[default]
    Kept,
    Cut,
    /// It is called this instead, in JSON.
    Named(&'a [u8]),
    /// Its value is this instead, in JSON.
    Valued(Cow<'a, [u8]>),
    /// Both.
    Replaced(&'a [u8], Cow<'a, [u8]>),
}

// ===== impl Field =====

impl Field<'_> {
    /// Gives it another value, in JSON.
    pub(crate) fn set(&mut self, value: Vec<u8>) {
        let value = Cow::Owned(value);
        self.fate = match self.fate {
            Fate::Named(name) | Fate::Replaced(name, _) => Fate::Replaced(name, value),
            _ => Fate::Valued(value),
        };
    }
}

/// Looks at the fields of an object. `None` if it is none.
pub(crate) fn survey(raw: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::with_capacity(16);
    let survey = Survey {
        raw,
        fields: &mut fields,
    };
    let mut json = serde_json::Deserializer::from_slice(raw);
    json.deserialize_map(survey).ok()?;
    Some(fields)
}

/// Writes an object again, with its fields as they are to become, and with `more` fields after them.
///
/// All bytes that are not a changed name, a changed value or a cut field with one of its commas stay.
pub(crate) fn write(raw: &[u8], fields: &[Field<'_>], more: &[&[u8]]) -> Option<Vec<u8>> {
    let extra: usize = more.iter().map(|field| field.len() + 1).sum();
    let mut out = Vec::with_capacity(raw.len() + extra + 32);
    let mut at = 0;
    let mut has_kept = false;
    for field in fields {
        match &field.fate {
            Fate::Kept => {}
            Fate::Cut => {
                out.extend_from_slice(raw.get(at..field.after).unwrap_or_default());
                at = field.span.end;
                // A field at the start has no comma before it, so the one after it goes with it.
                if !has_kept {
                    at += comma(&raw[at..]);
                }
                continue;
            }
            Fate::Named(name) => at = replace(raw, at, &field.key, name, &mut out)?,
            Fate::Valued(value) => at = replace(raw, at, &field.span, value, &mut out)?,
            Fate::Replaced(name, value) => {
                at = replace(raw, at, &field.key, name, &mut out)?;
                at = replace(raw, at, &field.span, value, &mut out)?;
            }
        }
        has_kept = true;
    }
    let end = raw.iter().rposition(|b| *b == b'}')?;
    out.extend_from_slice(raw.get(at..end)?);
    for field in more {
        if has_kept {
            out.push(b',');
        }
        has_kept = true;
        out.extend_from_slice(field);
    }
    out.extend_from_slice(&raw[end..]);
    Some(out)
}

/// How many bytes there are up to and with a comma, if it comes next.
fn comma(rest: &[u8]) -> usize {
    let spaces = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    if rest.get(spaces) == Some(&b',') {
        spaces + 1
    } else {
        0
    }
}

/// Copies up to a span, writes `with` in its place, and returns its end.
fn replace(
    raw: &[u8],
    at: usize,
    span: &Range<usize>,
    with: &[u8],
    out: &mut Vec<u8>,
) -> Option<usize> {
    out.extend_from_slice(raw.get(at..span.start)?);
    out.extend_from_slice(with);
    Some(span.end)
}

struct Survey<'a, 'f> {
    raw: &'a [u8],
    fields: &'f mut Vec<Field<'a>>,
}

impl<'de> Visitor<'de> for Survey<'de, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut after = 1 + self.raw.iter().position(|b| *b == b'{').unwrap_or(0);
        while let Some(Name(name)) = map.next_key()? {
            let value: &'de RawValue = map.next_value()?;
            let value = value.get();
            let start = value.as_ptr() as usize - self.raw.as_ptr() as usize;
            let span = start..start + value.len();
            let end = span.end;
            self.fields.push(Field {
                name,
                value,
                fate: Fate::Kept,
                key: key(self.raw, after, start),
                span,
                after,
            });
            after = end;
        }
        Ok(())
    }
}

/// Where a name is, between the end of the field before and the start of the value.
fn key(raw: &[u8], after: usize, value: usize) -> Range<usize> {
    let between = &raw[after..value];
    let start = between.iter().position(|b| *b == b'"').unwrap_or(0);
    // After the colon there are only spaces.
    let colon = between.iter().rposition(|b| *b == b':').unwrap_or(0);
    let end = between[..colon].trim_ascii_end().len();
    after + start..after + end.max(start)
}
