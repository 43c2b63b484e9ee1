use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Uri;
use steeplechase_core::BoxError;
use tower::Service;

use crate::http_client::{Connection, Connector};

/// The HTTP client's connector with an error of one type. With a boxed one, the compiler cannot tell that
/// a future over it is `Send`.
#[derive(Clone)]
pub(super) struct Named(pub(super) Connector);

/// Why there is no connection.
#[derive(Debug)]
pub(super) struct ConnectError(BoxError);

impl Service<Uri> for Named {
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
