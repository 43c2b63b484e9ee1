use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use pin_project_lite::pin_project;
use steeplechase::dialects::intake::error_response;
use steeplechase::{Class, Dialect, Error};
use subtle::ConstantTimeEq;
use tower::{Layer, Service};

/// Lets in who shows the master key. Without one, it lets in everybody.
#[derive(Clone)]
pub struct AuthLayer {
    key: Option<Arc<[u8]>>,
}

/// Lets in who shows the master key.
#[derive(Clone)]
pub struct Auth<S> {
    inner: S,
    key: Option<Arc<[u8]>>,
}

pin_project! {
    /// The response future of [`Auth`].
    ///
    /// Dropping it drops what is inside.
    #[derive(Debug)]
    pub struct AuthFuture<F, B> {
        #[pin]
        state: State<F, B>,
    }
}

pin_project! {
    #[project = StateProj]
    #[derive(Debug)]
    enum State<F, B> {
        // Who asks is let in.
        LetIn { #[pin] inner: F },
        // Who asks is not. Taken when they are told.
        Refused { response: Option<Response<B>> },
    }
}

impl AuthLayer {
    /// Lets in who shows `key`.
    pub fn new(key: Option<&str>) -> Self {
        Self {
            key: key.map(|key| key.as_bytes().into()),
        }
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Auth<S> {
        Auth {
            inner,
            key: self.key.clone(),
        }
    }
}

impl<S, ReqBody, B> Service<Request<ReqBody>> for Auth<S>
where
    S: Service<Request<ReqBody>, Response = Response<B>, Error = Infallible>,
    B: From<Bytes>,
{
    type Response = Response<B>;
    type Error = Infallible;
    type Future = AuthFuture<S::Future, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        match check(self.key.as_deref(), request.headers()) {
            Ok(()) => AuthFuture {
                state: State::LetIn {
                    inner: self.inner.call(request),
                },
            },
            Err(error) => AuthFuture {
                state: State::Refused {
                    response: Some(error_response(Dialect::OpenAi, &error).map(B::from)),
                },
            },
        }
    }
}

impl<F, B> Future for AuthFuture<F, B>
where
    F: Future<Output = Result<Response<B>, Infallible>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::LetIn { inner } => inner.poll(cx),
            StateProj::Refused { response } => {
                let response = response.take();
                Poll::Ready(Ok(response.expect("`AuthFuture` polled after completion")))
            }
        }
    }
}

impl fmt::Debug for AuthLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthLayer").finish_non_exhaustive()
    }
}

impl<S: fmt::Debug> fmt::Debug for Auth<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

/// Checks the key that is shown, in a time that does not tell how much of it is right.
fn check(key: Option<&[u8]>, headers: &HeaderMap) -> Result<(), Error> {
    let Some(key) = key else { return Ok(()) };
    let refused =
        |message| Error::new(Class::Unauthenticated, message).with_code("invalid_api_key");
    let shown = shown(headers)
        .ok_or_else(|| refused("no key was shown; send it as `Authorization: Bearer KEY`"))?;
    if bool::from(shown.ct_eq(key)) {
        return Ok(());
    }
    Err(refused("the key that was shown is not valid"))
}

/// The key that a request shows, in the ways that SDKs have of showing one.
fn shown(headers: &HeaderMap) -> Option<&[u8]> {
    const OWN: [&str; 3] = ["x-litellm-api-key", "x-api-key", "api-key"];
    let bearer = |value: &'_ [u8]| -> Option<usize> {
        let scheme = value.get(..7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then_some(7)
    };
    if let Some(value) = headers.get(AUTHORIZATION) {
        let value = value.as_bytes();
        return bearer(value).map(|scheme| value[scheme..].trim_ascii());
    }
    let value = OWN.iter().find_map(|name| headers.get(*name))?.as_bytes();
    Some(bearer(value).map_or(value, |scheme| value[scheme..].trim_ascii()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn with(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static(value))])
    }

    #[test]
    fn who_shows_the_key_is_let_in_and_nobody_else() {
        let key = Some(&b"sk-1234"[..]);
        for headers in [
            with("authorization", "Bearer sk-1234"),
            with("authorization", "bearer  sk-1234 "),
            with("x-api-key", "sk-1234"),
            with("api-key", "sk-1234"),
            with("x-litellm-api-key", "Bearer sk-1234"),
        ] {
            assert!(check(key, &headers).is_ok(), "{headers:?}");
        }
        for headers in [
            HeaderMap::new(),
            with("authorization", "sk-1234"),
            with("authorization", "Basic sk-1234"),
            with("authorization", "Bearer sk-12345"),
            with("authorization", "Bearer "),
            with("x-api-key", "sk-123"),
        ] {
            let error = check(key, &headers).unwrap_err();
            assert_eq!(error.class(), Class::Unauthenticated);
            assert!(!error.message().contains("1234"));
        }
    }

    #[test]
    fn without_a_key_everybody_is_let_in() {
        assert!(check(None, &HeaderMap::new()).is_ok());
    }
}
