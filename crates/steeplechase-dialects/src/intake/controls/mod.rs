//! What a call asks of the gateway itself: in fields of its body that no provider is shown, and in headers.
//!
//! ```text
//!  body     "num_retries": 0            ┐
//!           "metadata": {"tags": [...]} ├─► allowed? ─► Controls, in the call's Attempts
//!  headers  x-litellm-timeout: 20       ┘      │ no
//!           x-steeplechase-hedge: off          └─────► left out, and named in `ignored`
//! ```
//!
//! Nearly all calls ask for nothing: then this is a look at the names of the headers.

mod body;
mod headers;
mod mock;
mod overrides;
mod value;

#[cfg(test)]
mod tests;

use http::HeaderMap;
use steeplechase_core::call::Head;
use steeplechase_core::{Controls, Error};

pub use self::mock::mock_of;
pub use self::overrides::{Control, Overrides};
pub(crate) use self::value::plain_metadata;
pub(super) use self::value::{Fields, fields_of_body, fields_of_form};

/// What is read of one call.
struct Reader {
    controls: Controls,
    allowed: Overrides,
}

/// Reads what a call asks of the gateway itself. `None` if it is nothing.
///
/// What it asks and may not is left out of the controls, and out of the head.
///
/// # Errors
///
/// [`Class::InvalidRequest`](steeplechase_core::Class::InvalidRequest) for a value that makes no sense. The
/// error names the field or the header.
pub(super) fn read(
    fields: impl FnOnce(&Head) -> Fields,
    head: &mut Head,
    from: &HeaderMap,
    allowed: Overrides,
) -> Result<Option<Controls>, Error> {
    let has_headers = headers::is_any(from);
    if head.spans.own.is_empty() && !has_headers {
        return Ok(None);
    }
    let mut reader = Reader {
        controls: Controls::default(),
        allowed,
    };
    for (name, value) in fields(head).0 {
        reader.field(&name, &value)?;
    }
    if has_headers {
        reader.headers(from)?;
    }
    if head.fastest_response {
        head.fastest_response = reader.allows(Control::Race, "fastest_response");
    }
    let is_any = reader.controls != Controls::default();
    Ok(is_any.then_some(reader.controls))
}

// ===== impl Reader =====

impl Reader {
    /// Whether the caller may say this. What it may not say is named.
    fn allows(&mut self, control: Control, name: &'static str) -> bool {
        let allows = self.allowed.allows(control);
        if !allows && !self.controls.ignored.contains(&name) {
            self.controls.ignored.push(name);
        }
        allows
    }
}
