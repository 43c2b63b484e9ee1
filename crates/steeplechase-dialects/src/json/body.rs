use bytes::Bytes;
use serde::Serialize;
use steeplechase_core::{Class, Error};

/// Writes the body of a request.
///
/// # Errors
///
/// [`Class::Internal`] if it cannot be written, which no body of ours is.
pub(crate) fn body(body: &impl Serialize) -> Result<Bytes, Error> {
    let body = serde_json::to_vec(body).map_err(|error| {
        Error::new(Class::Internal, "the request could not be written").with_source(error)
    })?;
    Ok(body.into())
}
