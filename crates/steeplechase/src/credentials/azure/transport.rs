//! Microsoft's library over our HTTP client.

use std::fmt;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, Request as AzureRequest};
use azure_core::{Error, Result};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full, Limited};
use steeplechase_core::BoxError;
use tower::{Service, ServiceExt};

/// The most bytes of an answer.
const MAX_ANSWER: usize = 256 * 1024;

/// An HTTP client of ours.
pub(super) struct Client<S>(pub(super) S);

#[async_trait]
impl<S, B> azure_core::http::HttpClient for Client<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    async fn execute_request(&self, request: &AzureRequest) -> Result<AsyncRawResponse> {
        let request = ours(request)?;
        let response = self.0.clone().oneshot(request).await.map_err(io)?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(io)?;
        let mut headers = Headers::new();
        for (name, value) in &parts.headers {
            if let Ok(value) = value.to_str() {
                headers.insert(name.as_str().to_owned(), value.to_owned());
            }
        }
        let status = parts.status.as_u16().into();
        Ok(AsyncRawResponse::from_bytes(
            status,
            headers,
            body.to_bytes(),
        ))
    }
}

impl<S> fmt::Debug for Client<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

fn ours(request: &AzureRequest) -> Result<Request<Full<Bytes>>> {
    let body: Bytes = request.body().into();
    let mut ours = Request::new(Full::new(body));
    *ours.uri_mut() = request.url().as_str().parse().map_err(wrong)?;
    *ours.method_mut() = Method::from_bytes(request.method().as_str().as_bytes()).map_err(wrong)?;
    for (name, value) in request.headers().iter() {
        let name: HeaderName = name.as_str().parse().map_err(wrong)?;
        let value = HeaderValue::from_str(value.as_str()).map_err(wrong)?;
        ours.headers_mut().insert(name, value);
    }
    Ok(ours)
}

fn io(error: impl Into<BoxError>) -> Error {
    Error::new(ErrorKind::Io, error)
}

fn wrong(error: impl Into<BoxError>) -> Error {
    Error::new(ErrorKind::DataConversion, error)
}
