use std::convert::Infallible;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, UPGRADE};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body;
use steeplechase_core::{Attempts, BoxError, Call, Chunk, Class, Error};
use tower::Service;

use super::path::{dialect_at, endpoint};
use super::{IntakeConfig, ResponseBody, ResponseFuture};

/// Makes calls of requests, and responses of answers and failures.
///
/// See the [module documentation](super) for what happens, and for an example.
///
/// # Requirements on the inner service
///
/// It must be [`Clone`] and ready when it is called, as every service of ours is: a call is handed to
/// a clone, when its body has been collected.
#[derive(Clone, Debug)]
#[must_use]
pub struct Intake<S> {
    inner: S,
    config: IntakeConfig,
}

impl<S> Intake<S> {
    /// Wraps `inner`.
    pub const fn new(inner: S, config: IntakeConfig) -> Self {
        Self { inner, config }
    }

    /// Gets a reference to the inner service.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Gets a mutable reference to the inner service.
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Consumes `self`, returning the inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Intake<S>
where
    S: Service<Request<Call>, Response = Response<ResBody>, Error = Error> + Clone,
    ReqBody: Body<Data = Bytes>,
    ReqBody::Error: Into<BoxError>,
    ResBody: Body<Data = Chunk, Error = Error>,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = Infallible;
    type Future = ResponseFuture<S, ReqBody>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // The service is made ready when there is a call for it.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let (mut parts, body) = request.into_parts();
        let attempts = Attempts::of(&mut parts.extensions);
        let max = self.config.max_body;
        let path = parts.uri.path();
        let refused =
            |error, body| ResponseFuture::refused(error, body, dialect_at(path), attempts.clone());
        match endpoint(&parts.method, path) {
            Err(error) if parts.headers.contains_key(UPGRADE) => refused(no_upgrade(error), body),
            Err(error) => refused(error, body),
            Ok(_) if is_encoded(&parts.headers) => refused(unsupported_encoding(), body),
            Ok(_) if body.size_hint().lower() > max as u64 => refused(too_large(max), body),
            Ok((operation, dialect)) => {
                let service = self.inner.clone();
                let config = self.config.clone();
                ResponseFuture::collect(service, parts, body, operation, dialect, config, attempts)
            }
        }
    }
}

/// That a connection stays one of HTTP. A caller who has asked for another then does without.
fn no_upgrade(error: Error) -> Error {
    error
        .with_message("calls are made by POST only, and not over WebSocket")
        .with_status(StatusCode::UPGRADE_REQUIRED)
        .with_code("upgrade_not_possible")
}

pub(super) fn too_large(max: usize) -> Error {
    let message =
        format!("the request body is larger than {max} bytes, which is the most it may be");
    Error::new(Class::TooLarge, message).with_code("request_too_large")
}

/// Whether a body is compressed. A layer that decompresses it takes the header away.
fn is_encoded(headers: &HeaderMap) -> bool {
    let encodings = headers.get_all(CONTENT_ENCODING).into_iter();
    encodings
        .flat_map(|value| value.as_bytes().split(|b| *b == b','))
        .map(<[u8]>::trim_ascii)
        .any(|encoding| !encoding.is_empty() && !encoding.eq_ignore_ascii_case(b"identity"))
}

fn unsupported_encoding() -> Error {
    let message = "a compressed request body cannot be read; send it without `content-encoding`";
    Error::new(Class::InvalidRequest, message)
        .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
        .with_code("unsupported_content_encoding")
}
