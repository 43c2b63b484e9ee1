//! Who may ask.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::config::Secret;
use crate::dialect::Dialect;
use crate::refusal::{Refusal, Why};

/// The token of an `Authorization: Bearer` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ")
}

/// The value of the first of these headers that is there.
pub(crate) fn header<'h>(headers: &'h HeaderMap, names: &[&str]) -> Option<&'h str> {
    names
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
}

/// A bearer token, or else a key in one of these headers.
pub(crate) fn key<'h>(headers: &'h HeaderMap, names: &[&str]) -> Option<&'h str> {
    bearer(headers).or_else(|| header(headers, names))
}

/// Refuses any key but the one that is needed, if one is.
pub(crate) fn same<D: Dialect + ?Sized>(
    needed: Option<&Secret>,
    given: Option<&str>,
    dialect: &D,
) -> Result<(), Refusal> {
    match (needed, given) {
        (None, _) => Ok(()),
        (Some(needed), Some(given)) if needed.0 == given => Ok(()),
        (Some(_), Some(_)) => Err(dialect.refusal(&Why::WrongKey)),
        (Some(_), None) => Err(dialect.refusal(&Why::NoKey)),
    }
}
