use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase::dialects::intake::{Rest, dialect_at, error_response};
use steeplechase::{Class, Dialect, Error};
use subtle::ConstantTimeEq;
use tower::{Layer, Service};

const REFUSED: &str = "steeplechase_gateway_refused_total";

/// Lets in who shows the master key. Without one, it lets in everybody.
#[derive(Clone)]
pub struct AuthLayer {
    lock: Lock,
}

/// Lets in who shows the master key.
#[derive(Clone)]
pub struct Auth<S> {
    inner: S,
    lock: Lock,
}

/// The master key, and where it is shown.
#[derive(Clone)]
struct Lock {
    key: Option<Arc<[u8]>>,
    /// `None` if it is where SDKs show keys.
    header: Option<HeaderName>,
}

pin_project! {
    /// The response future of [`Auth`].
    ///
    /// Dropping it drops what is inside.
    #[derive(Debug)]
    pub struct AuthFuture<F, ReqBody, B> {
        #[pin]
        state: State<F, ReqBody, B>,
    }
}

pin_project! {
    #[project = StateProj]
    #[derive(Debug)]
    enum State<F, ReqBody, B> {
        // Who asks is let in.
        LetIn { #[pin] inner: F },
        // Who asks is not, and is told when the rest of the request is there.
        Refused {
            #[pin]
            rest: Rest<ReqBody>,
            response: Option<Response<B>>,
        },
    }
}

impl AuthLayer {
    /// Lets in who shows `key`. Space around it does not count. One that is empty lets nobody in.
    pub fn new(key: Option<&str>) -> Self {
        Self {
            lock: Lock {
                key: key.map(|key| key.trim().as_bytes().into()),
                header: None,
            },
        }
    }

    /// Sets the only header that the key is shown in. `None` for all that SDKs have for it.
    #[must_use]
    pub fn header(mut self, header: Option<HeaderName>) -> Self {
        self.lock.header = header;
        self
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Auth<S> {
        Auth {
            inner,
            lock: self.lock.clone(),
        }
    }
}

impl<S, ReqBody, B> Service<Request<ReqBody>> for Auth<S>
where
    S: Service<Request<ReqBody>, Response = Response<B>, Error = Infallible>,
    ReqBody: Body<Data = Bytes>,
    B: From<Bytes>,
{
    type Response = Response<B>;
    type Error = Infallible;
    type Future = AuthFuture<S::Future, ReqBody, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        match self.lock.check(request.headers()) {
            Ok(()) => AuthFuture {
                state: State::LetIn {
                    inner: self.inner.call(request),
                },
            },
            Err(error) => {
                let dialect = dialect_at(request.uri().path());
                AuthFuture {
                    state: State::Refused {
                        response: Some(refusal(dialect, &error).map(B::from)),
                        rest: Rest::of(request.into_body()),
                    },
                }
            }
        }
    }
}

impl<F, ReqBody, B> Future for AuthFuture<F, ReqBody, B>
where
    F: Future<Output = Result<Response<B>, Infallible>>,
    ReqBody: Body<Data = Bytes>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::LetIn { inner } => inner.poll(cx),
            StateProj::Refused { rest, response } => {
                let is_over = ready!(rest.poll(cx));
                let response = response.take();
                let mut response = response.expect("`AuthFuture` polled after completion");
                if !is_over {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(CONNECTION, close);
                }
                Poll::Ready(Ok(response))
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

fn refusal(dialect: Dialect, error: &Error) -> Response<Bytes> {
    metrics::counter!(REFUSED).increment(1);
    tracing::info!(error = ?error.message(), "a request was refused");
    let mut response = error_response(dialect, error);
    let scheme = HeaderValue::from_static("Bearer");
    response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
    response
}

/// Describes the metrics of this layer to the recorder.
pub fn describe_metrics() {
    metrics::describe_counter!(REFUSED, "Requests that did not show the master key");
}

// ===== impl Lock =====

impl Lock {
    /// Checks the key that is shown, in a time that does not tell how much of it is right.
    fn check(&self, headers: &HeaderMap) -> Result<(), Error> {
        let Some(key) = self.key.as_deref() else {
            return Ok(());
        };
        let refused = |message: Box<str>| {
            Error::new(Class::Unauthenticated, message).with_code("invalid_api_key")
        };
        let shown = self.shown(headers).ok_or_else(|| {
            let header = self
                .header
                .as_ref()
                .map_or("Authorization", HeaderName::as_str);
            refused(format!("no key was shown; send it as `{header}: Bearer KEY`").into())
        })?;
        if !key.is_empty() && bool::from(shown.ct_eq(key)) {
            return Ok(());
        }
        Err(refused("the key that was shown is not valid".into()))
    }

    /// The key that a request shows, in the ways that SDKs have of showing one; the first that is there
    /// counts. If the operator has named a header, it is that one.
    fn shown<'h>(&self, headers: &'h HeaderMap) -> Option<&'h [u8]> {
        const OWN: &str = "x-litellm-api-key";
        const OTHERS: [&str; 3] = ["api-key", "x-api-key", "x-goog-api-key"];
        let plain = |name: &str| {
            let value = headers.get(name)?.as_bytes();
            Some(bearer(value).unwrap_or(value).trim_ascii())
        };
        if let Some(header) = &self.header {
            return plain(header.as_str());
        }
        plain(OWN)
            .or_else(|| bearer(headers.get(AUTHORIZATION)?.as_bytes()))
            .or_else(|| OTHERS.iter().find_map(|name| plain(name)))
    }
}

/// What follows `Bearer`, if that is what a value begins with.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, key) = value.split_at_checked(7)?;
    let is_bearer = scheme.eq_ignore_ascii_case(b"bearer ");
    is_bearer.then(|| key.trim_ascii())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// What lets in who shows `key`.
    fn check(key: Option<&[u8]>, headers: &HeaderMap) -> Result<(), Error> {
        lock(key, None).check(headers)
    }

    fn lock(key: Option<&[u8]>, header: Option<&'static str>) -> Lock {
        Lock {
            key: key.map(Arc::from),
            header: header.map(HeaderName::from_static),
        }
    }

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
            with("x-goog-api-key", "sk-1234"),
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

    #[test]
    fn of_several_keys_the_first_in_the_order_of_the_names_counts() {
        const ORDER: [&str; 5] = [
            "x-litellm-api-key",
            "authorization",
            "api-key",
            "x-api-key",
            "x-goog-api-key",
        ];
        for (index, first) in ORDER.into_iter().enumerate() {
            let later = ORDER[index + 1..].iter();
            let mut headers: HeaderMap = later
                .map(|name| {
                    (
                        name.parse().unwrap(),
                        HeaderValue::from_static("Bearer wrong"),
                    )
                })
                .collect();
            headers.insert(first, HeaderValue::from_static("Bearer right"));
            assert_eq!(
                lock(None, None).shown(&headers),
                Some(&b"right"[..]),
                "{first}"
            );
        }
    }

    #[test]
    fn what_is_no_bearer_does_not_hide_a_key() {
        let mut headers = with("authorization", "Basic abc");
        headers.insert("x-api-key", HeaderValue::from_static("sk-1234"));
        assert!(check(Some(b"sk-1234"), &headers).is_ok());
    }

    #[test]
    fn a_key_of_nothing_but_space_lets_nobody_in() {
        let layer = AuthLayer::new(Some(" \n"));
        let key = layer.lock.key.as_deref();
        assert!(check(key, &with("x-api-key", "")).is_err());
        assert!(check(key, &with("x-api-key", " ")).is_err());
        assert!(check(key, &HeaderMap::new()).is_err());
    }

    #[test]
    fn space_around_the_configured_key_does_not_count() {
        let layer = AuthLayer::new(Some("sk-1234\n"));
        assert!(check(layer.lock.key.as_deref(), &with("x-api-key", "sk-1234")).is_ok());
    }

    #[test]
    fn where_a_header_is_named_no_other_counts() {
        let lock = lock(Some(b"sk-1234"), Some("x-team-key"));
        let mut headers = with("x-team-key", "Bearer sk-1234");
        headers.insert("authorization", HeaderValue::from_static("Bearer other"));
        assert!(
            lock.check(&headers).is_ok(),
            "who needs the usual one for another"
        );
        assert!(lock.check(&with("x-team-key", "sk-1234")).is_ok());
        for name in ["authorization", "x-litellm-api-key", "api-key"] {
            let error = lock.check(&with(name, "Bearer sk-1234")).unwrap_err();
            assert!(error.message().contains("`x-team-key: Bearer KEY`"));
        }
        assert!(lock.check(&with("x-team-key", "sk-12345")).is_err());
    }

    #[test]
    fn a_refusal_says_how_to_show_a_key() {
        let error = check(Some(b"sk-1234"), &HeaderMap::new()).unwrap_err();
        let response = refusal(Dialect::OpenAi, &error);
        assert_eq!(response.status(), http::StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
    }
}
