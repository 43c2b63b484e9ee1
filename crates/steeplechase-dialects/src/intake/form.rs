use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use memchr::memmem;
use steeplechase_core::call::Head;
use steeplechase_core::{Class, Error};

use super::scan::is_own;

/// The most bytes of a field of a form that is looked at.
const MAX_VALUE: usize = 1024;

/// Scans a form in parts for the model, as [`scan`](super::scan) does a JSON object.
///
/// ```text
/// --X                                                    ┐
/// content-disposition: form-data; name="model"           │ a part, of which the value is the span of
///                                                        │ the model; a part that is for the gateway
/// whisper-1                                              │ is a span of its own, all of it
/// --X                                                    ┘
/// content-disposition: form-data; name="file"; filename="a.wav"
/// …
/// --X--
/// ```
///
/// # Errors
///
/// [`Class::InvalidRequest`] if it is no form, or one without a model.
pub(super) fn scan_form(raw: &Bytes, content_type: &HeaderValue) -> Result<Head, Error> {
    let boundary = boundary(content_type).ok_or_else(|| {
        let message = "the `content-type` of a form must have a `boundary`";
        Error::new(Class::InvalidRequest, message).with_code("invalid_form")
    })?;
    let mut head = Head::default();
    for part in Parts::new(raw, &boundary) {
        let Some(part) = part else {
            let message = "the request body is no form, or is cut off";
            return Err(Error::new(Class::InvalidRequest, message).with_code("invalid_form"));
        };
        let text = &raw[part.value.clone()];
        match &*part.name {
            "model" if head.model.is_empty() => {
                let text = text.get(..MAX_VALUE).unwrap_or(text);
                head.model = Arc::from(String::from_utf8_lossy(text).trim());
                head.spans.model = part.value;
            }
            "stream" => head.stream = text.eq_ignore_ascii_case(b"true"),
            name if is_own(name) => head.spans.own.push(part.all),
            _ => {}
        }
    }
    if head.model.is_empty() {
        let message = "the form must have a field `model` with the name of a model";
        return Err(Error::new(Class::InvalidRequest, message)
            .with_param("model")
            .with_code("missing_required_parameter"));
    }
    Ok(head)
}

/// The fields of a form for the gateway, as far as they are in its first bytes: their names, their
/// values, and where they are with all that belongs to them.
pub(crate) fn fields_of(
    raw: &[u8],
    content_type: &HeaderValue,
) -> Vec<(String, String, Range<usize>)> {
    let Some(boundary) = boundary(content_type) else {
        return Vec::new();
    };
    let parts = Parts::new(raw, &boundary).map_while(|part| part);
    let own = parts.filter(|part| is_own(&part.name));
    own.map(|part| {
        let value = String::from_utf8_lossy(&raw[part.value]).into_owned();
        (part.name, value, part.all)
    })
    .collect()
}

/// The text between the parts, with the line break before it.
fn boundary(content_type: &HeaderValue) -> Option<Vec<u8>> {
    let text = content_type.to_str().ok()?;
    let mut params = text.split(';').skip(1).map(str::trim);
    let value = params.find_map(|param| {
        let (name, value) = param.split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then_some(value)
    })?;
    let value = value.trim_matches('"');
    (!value.is_empty()).then(|| format!("\r\n--{value}").into_bytes())
}

/// A part of a form.
struct Part {
    name: String,
    value: Range<usize>,
    /// From its boundary to the next.
    all: Range<usize>,
}

/// The parts of a form. `None` is what is no part.
struct Parts<'a> {
    raw: &'a [u8],
    boundary: memmem::Finder<'a>,
    /// Where the boundary of the next part begins, without the line break before it.
    at: usize,
    is_over: bool,
}

// ===== impl Parts =====

impl<'a> Parts<'a> {
    fn new(raw: &'a [u8], boundary: &'a [u8]) -> Self {
        // Before the first boundary there need be no line break.
        let first = if raw.starts_with(&boundary[2..]) {
            Some(0)
        } else {
            memmem::find(raw, boundary).map(|at| at + 2)
        };
        Self {
            raw,
            boundary: memmem::Finder::new(boundary),
            at: first.unwrap_or(raw.len()),
            is_over: false,
        }
    }

    fn part(&self) -> Option<Part> {
        let start = self.at + self.boundary.needle().len() - 2;
        let fields = self.raw.get(start..)?.strip_prefix(b"\r\n")?;
        let len = memmem::find(fields, b"\r\n\r\n")?;
        let value = start + 2 + len + 4;
        let end = value + self.boundary.find(self.raw.get(value..)?)?;
        Some(Part {
            name: name(&fields[..len]).unwrap_or_default(),
            value: value..end,
            all: self.at..end + 2,
        })
    }
}

impl Iterator for Parts<'_> {
    type Item = Option<Part>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.raw.get(self.at..)?;
        let after = rest.get(self.boundary.needle().len() - 2..);
        let is_last = after.is_some_and(|after| after.starts_with(b"--"));
        if self.is_over || is_last {
            return None;
        }
        let part = self.part();
        match &part {
            Some(part) => self.at = part.all.end,
            None => self.is_over = true,
        }
        Some(part)
    }
}

/// The name of a part, from its header fields. One with a file has none that matters here.
fn name(fields: &[u8]) -> Option<String> {
    let fields = std::str::from_utf8(fields).ok()?;
    let disposition = fields.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim()
            .eq_ignore_ascii_case("content-disposition")
            .then_some(value)
    })?;
    let params = || disposition.split(';').map(str::trim);
    if params().any(|param| param.starts_with("filename")) {
        return None;
    }
    let value = params().find_map(|param| param.strip_prefix("name="))?;
    Some(value.trim_matches('"').to_owned())
}
