//! JSON as it is written: values that are looked at in place.

use memchr::memchr;
use memchr::memmem::Finder;

/// Whether a value has anything in it. What has nothing: `null`, `false`, `""`, `[]`, `{}`.
pub(crate) fn is_filled(value: &str) -> bool {
    match value.as_bytes() {
        [b'[' | b'{', inside @ .., _] => !inside.trim_ascii().is_empty(),
        _ => !matches!(value, "null" | "false" | r#""""#),
    }
}

/// How long a text is, from after its first quote to before its last. `None` if it has no last one.
pub(crate) fn text_len(json: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', &json[from..])?;
        let escapes = json[..at].iter().rev().take_while(|b| **b == b'\\');
        if escapes.count() % 2 == 0 {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The text of the first field that has one and is not empty, wherever it is, as it is written. `name` is the end
/// of the field's, with the quote after it.
///
/// In JSON a quote inside of a text is escaped, so it is never found in what a text says.
pub(crate) fn text_of<'j>(name: &Finder<'_>, json: &'j [u8]) -> Option<&'j [u8]> {
    let mut rest = json;
    while let Some(at) = name.find(rest) {
        rest = &rest[at + name.needle().len()..];
        if let Some([b'"', text @ ..]) = value_after(rest)
            && text.first().is_some_and(|next| *next != b'"')
        {
            return Some(&text[..text_len(text).unwrap_or(text.len())]);
        }
    }
    None
}

/// The value of a field, and what comes after it, from what comes after its name.
pub(crate) fn value_after(name: &[u8]) -> Option<&[u8]> {
    let value = name.trim_ascii_start().strip_prefix(b":")?;
    Some(value.trim_ascii_start())
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
