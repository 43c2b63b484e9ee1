//! What JSON takes that `serde_json` does not do by itself.

use std::borrow::Cow;
use std::fmt;

use serde::de::Deserialize;
use serde::de::Deserializer;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

/// The name of a field. Borrowed, unless something in it is escaped.
pub(crate) struct Name<'de>(pub(crate) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// Shows `look` each field of an object: its name, and its value as it is written. Nothing is copied, but for
/// a name in which something is escaped.
///
/// # Errors
///
/// What is wrong with the JSON, or that it is no object.
pub(crate) fn each_field<'j>(
    json: &'j str,
    look: impl FnMut(&str, &'j str),
) -> Result<(), serde_json::Error> {
    struct Fields<F>(F);

    impl<'de, F: FnMut(&str, &'de str)> Visitor<'de> for Fields<F> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
            while let Some(Name(name)) = map.next_key()? {
                let value: &'de RawValue = map.next_value()?;
                (self.0)(&name, value.get());
            }
            Ok(())
        }
    }

    let mut deserializer = serde_json::Deserializer::from_str(json);
    deserializer.deserialize_map(Fields(look))?;
    deserializer.end()
}

/// Shows `look` each item of an array, as it is written, until it fails.
///
/// # Errors
///
/// `None` if it is no array, or if something in it is no JSON; else that of `look`.
pub(crate) fn each_item<'j, E>(
    json: &'j str,
    mut look: impl FnMut(&'j str) -> Result<(), E>,
) -> Result<(), Option<E>> {
    struct Items<'l, L, E>(&'l mut L, &'l mut Option<E>);

    impl<'de, E, L: FnMut(&'de str) -> Result<(), E>> Visitor<'de> for Items<'_, L, E> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
            while let Some(value) = seq.next_element::<&'de RawValue>()? {
                if let Err(error) = (self.0)(value.get()) {
                    *self.1 = Some(error);
                    return Err(serde::de::Error::custom("it is given up"));
                }
            }
            Ok(())
        }
    }

    let mut failure = None;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let outcome = deserializer.deserialize_seq(Items(&mut look, &mut failure));
    match outcome {
        Ok(()) => Ok(()),
        Err(_) => Err(failure),
    }
}

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

/// A JSON text without the white space between its tokens.
pub(crate) fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_string = false;
    let mut escaped = false;
    for c in text.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if c.is_ascii_whitespace() {
            continue;
        } else {
            in_string = c == '"';
        }
        out.push(c);
    }
    out
}
