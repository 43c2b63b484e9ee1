//! Our HTTP client, as AWS's libraries want one.

use std::io;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use steeplechase_core::BoxError;
use tokio::time;
use tower::ServiceExt;

/// The most bytes of an answer. Credentials are small.
const MAX_ANSWER: usize = 1024 * 1024;

#[derive(Clone, Debug)]
pub(super) struct Connector {
    client: crate::HttpClient,
    /// The limits of the library's own, such as those for instances that are none.
    settings: Option<HttpConnectorSettings>,
}

// ===== impl Connector =====

impl Connector {
    pub(super) const fn new(client: crate::HttpClient) -> Self {
        Self {
            client,
            settings: None,
        }
    }

    async fn send(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let settings = self.settings.unwrap_or_default();
        let limits = [settings.connect_timeout(), settings.read_timeout()];
        let limit = limits
            .into_iter()
            .flatten()
            .reduce(|one, other| one + other);
        let answer = exchange(self.client, request);
        let outcome = match limit {
            Some(limit) => time::timeout(limit, answer).await,
            None => Ok(answer.await),
        };
        match outcome {
            Ok(outcome) => outcome.map_err(ConnectorError::io),
            Err(elapsed) => Err(ConnectorError::timeout(elapsed.into())),
        }
    }
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Self {
            client: self.client.clone(),
            settings: Some(settings.clone()),
        })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(self.clone().send(request))
    }
}

async fn exchange(
    client: crate::HttpClient,
    request: HttpRequest,
) -> Result<HttpResponse, BoxError> {
    let (parts, body) = request.try_into_http1x()?.into_parts();
    let body = body.bytes().map(Bytes::copy_from_slice);
    let body = body.ok_or_else(|| io::Error::other("a body that is a stream is not expected"))?;
    let request = http::Request::from_parts(parts, Full::new(body));
    let (parts, body) = client.oneshot(request).await?.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await?.to_bytes();
    let response = http::Response::from_parts(parts, SdkBody::from(body));
    Ok(HttpResponse::try_from(response)?)
}
