use std::str;
use std::sync::Arc;

use bytes::Bytes;
use steeplechase_core::call::{Forward, Head};
use steeplechase_core::{Call, Class, Error, FieldPath, Operation, Retry};

use super::scan;
use crate::json::{self, each_field};

/// Makes of a call the same call for another model, with some fields of its own: those at the top of
/// `fields`, a JSON object, take the place of the call's, whole. All other bytes stay as they are.
///
/// `model` is the model, whatever `fields` say of it.
///
/// # Errors
///
/// [`Class::Unsupported`] if the call is no JSON or `fields` are no JSON object, if the call makes no sense
/// with them, or if they would have it streamed that was not, or the other way round. Another model may do
/// all the same.
pub fn with_fields(call: &Call, fields: &Bytes, model: &Arc<str>) -> Result<Call, Error> {
    if call.forward().is_some_and(Forward::is_form) {
        return Err(refused("a form cannot take fields of a fallback"));
    }
    let fields = Fields::of(fields)?;
    let raw = fields.splice_into(call.raw())?;
    let mut head = scan(&raw).map_err(|error| refused(error.message()))?;
    if head.stream != call.head().stream {
        return Err(refused("`stream` is for the call itself to say"));
    }
    // That several models race is the call's own wish, and for its own models.
    head.fastest_response = false;
    let patched = remade(call, raw, head);
    Ok(patched.with_model(Arc::clone(model)))
}

/// A call without some of its fields, and where those were.
pub(crate) type Left = (Call, Vec<Box<str>>);

/// The same call without the fields at some paths, and those paths that led to any. `None` if none did.
///
/// A form stays as it is.
///
/// # Errors
///
/// None that the call itself does not have.
pub(crate) fn without_fields<'p>(
    call: &Call,
    paths: impl IntoIterator<Item = &'p FieldPath>,
) -> Result<Option<Left>, Error> {
    if call.forward().is_some_and(Forward::is_form) {
        return Ok(None);
    }
    let Some((raw, led)) = json::without(call.raw(), paths) else {
        return Ok(None);
    };
    let raw = Bytes::from(raw);
    let head = scan(&raw)?;
    let left = remade(call, raw, head).with_model(Arc::clone(call.model_handle()));
    let led = led.into_iter().map(|path| path.as_str().into());
    Ok(Some((left, led.collect())))
}

/// A call with other bytes.
fn remade(call: &Call, raw: Bytes, head: Head) -> Call {
    let (operation, dialect) = (call.operation(), call.dialect());
    match (operation, call.forward()) {
        (Operation::Forward, Some(forward)) => Call::forwarded(forward.clone(), dialect, raw, head),
        _ => Call::new(operation, dialect, raw, head),
    }
}

/// The fields that replace those of a call, each once, with their values as they are written.
pub(crate) struct Fields<'a>(pub(crate) Vec<(String, &'a str)>);

// ===== impl Fields =====

impl<'a> Fields<'a> {
    fn of(object: &'a [u8]) -> Result<Self, Error> {
        const WRONG: &str = "the fields of a fallback must be a JSON object";
        let object = str::from_utf8(object).map_err(|_| refused(WRONG))?;
        let mut fields: Vec<(String, &str)> = Vec::new();
        each_field(object, |name, value| {
            // Of a name that is there twice the last is meant, as everywhere.
            match fields.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => *known = value,
                None if name == "model" => {}
                None => fields.push((name.to_owned(), value)),
            }
        })
        .map_err(|_| refused(WRONG))?;
        Ok(Self(fields))
    }

    /// The bytes of a call with these fields: in the place of those of the same name, or at the end.
    pub(crate) fn splice_into(&self, call: &[u8]) -> Result<Bytes, Error> {
        const WRONG: &str = "the call must be a JSON object";
        let call = str::from_utf8(call).map_err(|_| refused(WRONG))?;
        let size = call.len()
            + self
                .0
                .iter()
                .map(|(n, v)| n.len() + v.len() + 8)
                .sum::<usize>();
        let mut out = String::with_capacity(size);
        let mut written = vec![false; self.0.len()];
        let (mut at, mut is_empty) = (0, true);
        each_field(call, |name, value| {
            is_empty = false;
            let place = self.0.iter().position(|(field, _)| field == name);
            if let Some(place) = place {
                // The value is a part of the call.
                let start = value.as_ptr() as usize - call.as_ptr() as usize;
                out.push_str(&call[at..start]);
                out.push_str(self.0[place].1);
                at = start + value.len();
                written[place] = true;
            }
        })
        .map_err(|_| refused(WRONG))?;
        let end = call.rfind('}').ok_or_else(|| refused(WRONG))?;
        out.push_str(&call[at..end]);
        let new = self.0.iter().zip(written).filter(|(_, written)| !written);
        for ((name, value), _) in new {
            if !is_empty {
                out.push(',');
            }
            is_empty = false;
            let name = serde_json::to_string(name).map_err(|_| refused(WRONG))?;
            out.push_str(&name);
            out.push(':');
            out.push_str(value);
        }
        out.push_str(&call[end..]);
        Ok(out.into())
    }
}

fn refused(message: impl Into<Box<str>>) -> Error {
    Error::new(Class::Unsupported, message)
        .with_param("fallbacks")
        .with_retry(Retry::OtherModel)
}
