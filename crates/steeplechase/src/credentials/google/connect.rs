use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{ConfigBuilderExt, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use steeplechase_core::BoxError;
use tokio::net::TcpStream;
use tower::Service;
use tower::util::BoxCloneSyncService;

/// Connects to whoever hands out tokens.
///
/// Its error has one type: with a boxed one, the compiler cannot tell that a future over it is `Send`.
#[derive(Clone)]
pub(super) struct Connector(BoxCloneSyncService<Uri, Connection, BoxError>);

/// A connection, with TLS or without.
type Connection = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Why there is no connection.
#[derive(Debug)]
pub(super) struct ConnectError(BoxError);

/// How long it may take to reach a host.
const TIMEOUT: Duration = Duration::from_secs(5);

// ===== impl Connector =====

impl Connector {
    pub(super) fn new() -> Self {
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(TIMEOUT));
        tcp.enforce_http(false);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider supports the default protocol versions")
            .with_webpki_roots()
            .with_no_client_auth();
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            // The metadata server has no TLS: it is on the machine itself.
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        Self(BoxCloneSyncService::new(https))
    }

    /// One that connects to whatever `service` does.
    #[cfg(test)]
    pub(super) const fn over(service: BoxCloneSyncService<Uri, Connection, BoxError>) -> Self {
        Self(service)
    }
}

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Connection, ConnectError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        self.0.poll_ready(cx).map_err(ConnectError)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        Box::pin(async move { connecting.await.map_err(ConnectError) })
    }
}

// ===== impl ConnectError =====

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}
