use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use steeplechase_core::BoxError;
use tokio::net::TcpStream;
use tower::timeout::Timeout;
use tower::{Service, ServiceExt};

use super::HttpClientConfig;

/// Connects: DNS, TCP and TLS, within one limit.
///
/// The client clones it twice for each request, and hardly ever connects. So a clone is a handle, and what
/// is behind it is cloned for a connection.
#[derive(Clone)]
pub(super) struct Connector(Arc<Timeout<HttpsConnector<HttpConnector>>>);

/// A connection.
type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

impl Connector {
    pub(super) fn new(config: HttpClientConfig) -> Self {
        let mut tcp = HttpConnector::new();
        // Shared out among the addresses of a host, so that one that is dead does not take all of it.
        tcp.set_connect_timeout(Some(config.connect_timeout));
        tcp.set_keepalive(Some(config.ping_interval));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(
            rustls::crypto::ring::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .expect("the provider supports the default protocol versions")
        .with_webpki_roots()
        .with_no_client_auth();
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        Self(Arc::new(Timeout::new(https, config.connect_timeout)))
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    // Boxed, because the client wants a future that can be moved.
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        // What connects is made ready when there is something to connect to.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        Box::pin(Timeout::clone(&self.0).oneshot(to))
    }
}
