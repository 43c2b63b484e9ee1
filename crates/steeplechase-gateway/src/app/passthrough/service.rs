use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body as PageBody;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Collected, Limited};
use steeplechase::dialects::intake::{error_response, nothing_here};
use steeplechase::dialects::openai::classify;
use steeplechase::dialects::translate::address;
use steeplechase::http_client::{HttpBody, HttpClientConfig};
use steeplechase::{BoxError, Class, Deployment, Dialect, Error, HttpClient};
use tower::Service;

use super::body::{PEEK, PassBody, look};
use super::place::Place;

/// Passes on to a provider what belongs to it and to no model, such as files and batches, as it comes.
///
/// Dropping the response future, or its body, drops the request to the provider.
#[derive(Clone)]
pub struct Passthrough {
    deployments: Arc<[Arc<Deployment>]>,
    client: HttpClient<PassBody>,
}

/// The provider of what nobody says whose it is.
const DEFAULT_PROVIDER: &str = "openai";

/// How long a provider may take to answer, once it has all of the request.
const ANSWER: Duration = Duration::from_secs(600);

/// The headers of a caller that say what form a request has, or is to have.
const TAKEN: [HeaderName; 3] = [ACCEPT, CONTENT_TYPE, HeaderName::from_static("openai-beta")];

/// The headers of an answer that say what form it has.
const GIVEN: [HeaderName; 5] = [
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    HeaderName::from_static("x-request-id"),
];

// ===== impl Passthrough =====

impl Passthrough {
    /// Passes requests on to the first of a provider's deployments.
    pub fn new(deployments: impl IntoIterator<Item = Arc<Deployment>>) -> Self {
        Self {
            deployments: called(deployments),
            client: HttpClient::of(HttpClientConfig::new()),
        }
    }

    /// Passes requests on to other deployments, over the same connections.
    #[must_use]
    pub fn to(&self, deployments: impl IntoIterator<Item = Arc<Deployment>>) -> Self {
        Self {
            deployments: called(deployments),
            client: self.client.clone(),
        }
    }

    async fn pass<B>(self, request: Request<B>) -> Result<Response<PageBody>, Error>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let (parts, body) = request.into_parts();
        let place = Place::of(&parts.uri, &parts.headers).ok_or_else(nothing_here)?;
        let (in_body, body) = look(body, parts.headers.get(CONTENT_TYPE)).await?;
        let provider = place.provider.or(in_body);
        let deployment = self.deployment(provider.as_deref().unwrap_or(DEFAULT_PROVIDER))?;
        let (uri, mut headers) = address(&deployment, &parts.method, place.path, &place.query)?;
        for name in TAKEN {
            if let Some(value) = parts.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        let mut request = Request::new(body);
        *request.method_mut() = parts.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let outcome = call(self.client, request).await;
        outcome.map_err(|error| error.with_deployment(deployment.id()))
    }

    /// The deployment over which a provider is called.
    fn deployment(&self, provider: &str) -> Result<Arc<Deployment>, Error> {
        let mut deployments = self.deployments.iter();
        deployments
            .find(|deployment| deployment.provider() == provider)
            .cloned()
            .ok_or_else(|| {
                let message = format!(
                    "no deployment is configured whose provider is `{provider}`; name another with \
                     `custom_llm_provider`"
                );
                Error::new(Class::InvalidRequest, message)
                    .with_param("custom_llm_provider")
                    .with_code("no_such_provider")
            })
    }
}

impl<B> Service<Request<B>> for Passthrough
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<PageBody>;
    type Error = Infallible;
    // Boxed: what takes a file along does not come by the thousand.
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let outcome = service.pass(request).await;
            Ok(outcome.unwrap_or_else(|error| {
                tracing::info!(
                    class = error.class().as_str(),
                    deployment = error.deployment(),
                    error = error.message(),
                    detail = error.detail(),
                    "a request was not passed on, or was refused"
                );
                error_response(Dialect::OpenAi, &error).map(PageBody::from)
            }))
        })
    }
}

impl fmt::Debug for Passthrough {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passthrough")
            .field("deployments", &self.deployments.len())
            .finish_non_exhaustive()
    }
}

/// Those that something can be passed on to.
fn called(deployments: impl IntoIterator<Item = Arc<Deployment>>) -> Arc<[Arc<Deployment>]> {
    let speaks = |deployment: &Arc<Deployment>| deployment.dialect() == Dialect::OpenAi;
    deployments.into_iter().filter(speaks).collect()
}

async fn call(
    mut client: HttpClient<PassBody>,
    request: Request<PassBody>,
) -> Result<Response<PageBody>, Error> {
    // It is always ready.
    let answer = tokio::time::timeout(ANSWER, client.call(request)).await;
    receive(answer.map_err(|elapsed| Error::from(BoxError::from(elapsed)))??).await
}

/// Makes of a provider's answer the caller's: as it comes if it is a success, and told as any other
/// failure if not, as a provider may repeat a key.
async fn receive(answer: Response<HttpBody>) -> Result<Response<PageBody>, Error> {
    let (mut parts, body) = answer.into_parts();
    if !parts.status.is_success() {
        let body = Limited::new(body, PEEK).collect().await;
        let body = body.map(Collected::to_bytes).unwrap_or_default();
        return Err(classify(parts.status, &parts.headers, &body));
    }
    let mut headers = HeaderMap::new();
    for name in GIVEN {
        if let Some(value) = parts.headers.remove(&name) {
            headers.insert(name, value);
        }
    }
    let mut response = Response::new(PageBody::new(body));
    *response.status_mut() = parts.status;
    *response.headers_mut() = headers;
    Ok(response)
}
