//! A signature over a request, of the fourth version.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use steeplechase_core::{BoxError, Class, Error};

/// For what a signature is good.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) time: SystemTime,
}

/// Adds a signature to the headers of a request.
///
/// It is over the path as it is sent, encoded once more: that is what all services want but one.
pub(super) fn add(
    scope: Scope<'_>,
    credentials: &Credentials,
    (method, uri): (&Method, &Uri),
    headers: &mut HeaderMap,
    body: &[u8],
) -> Result<(), Error> {
    let added = signed(scope, credentials, (method, uri), headers, body);
    let added = added.map_err(|error| {
        let message = "the request could not be signed";
        Error::new(Class::Internal, message).with_detail(error.to_string())
    })?;
    headers.extend(added);
    Ok(())
}

fn signed(
    scope: Scope<'_>,
    credentials: &Credentials,
    (method, uri): (&Method, &Uri),
    headers: &HeaderMap,
    body: &[u8],
) -> Result<HeaderMap, BoxError> {
    if uri.host().is_none() {
        return Err("there is no host in the URI".into());
    }
    let identity = credentials.clone().into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(scope.time)
        .settings(SigningSettings::default())
        .build()?;
    let mut covered = Vec::with_capacity(4);
    for (name, value) in headers {
        if is_covered(name) {
            covered.push((name.as_str(), value.to_str()?));
        }
    }
    let request = SignableRequest::new(
        method.as_str(),
        uri.to_string(),
        covered.into_iter(),
        SignableBody::Bytes(body),
    )?;
    let (instructions, _) = sign(request, &params.into())?.into_parts();
    let mut added = HeaderMap::with_capacity(3);
    for (name, value) in instructions.headers() {
        let mut value = HeaderValue::from_str(value)?;
        value.set_sensitive(true);
        added.insert(HeaderName::try_from(name)?, value);
    }
    Ok(added)
}

/// Whether a header is a part of what is signed. The host is too, from the URI.
fn is_covered(name: &HeaderName) -> bool {
    name == CONTENT_TYPE || name.as_str().starts_with("x-amz-")
}
