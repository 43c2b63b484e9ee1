//! The least that a proxy can be: what arrives is sent on, what comes back is handed back.

use std::net::SocketAddr;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Request, Response, Uri, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tower::BoxError;

use crate::process;

type Pool = Client<HttpConnector, Incoming>;

/// Serves until the process is told to stop.
pub(crate) fn serve(upstream: &str) -> Result<(), BoxError> {
    let upstream: Authority = upstream.parse()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        println!("http://{}", listener.local_addr()?);
        tokio::spawn(accept(listener, upstream));
        process::until_told().await;
        Ok(())
    })
}

async fn accept(listener: TcpListener, upstream: Authority) {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let pool: Pool = Client::builder(TokioExecutor::new()).build(connector);
    while let Ok((stream, _)) = listener.accept().await {
        // Without it a small frame can wait 40 ms for an acknowledgement.
        let _ = stream.set_nodelay(true);
        let (pool, upstream) = (pool.clone(), upstream.clone());
        let service = service_fn(move |request| forward(pool.clone(), upstream.clone(), request));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

async fn forward(
    pool: Pool,
    upstream: Authority,
    mut request: Request<Incoming>,
) -> Result<Response<Incoming>, Error> {
    let mut uri = std::mem::take(request.uri_mut()).into_parts();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Some(upstream);
    uri.path_and_query
        .get_or_insert(PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from_parts(uri).expect("each part is there");
    strip(request.headers_mut());
    let mut response = pool.request(request).await?;
    strip(response.headers_mut());
    Ok(response)
}

/// Removes what is about the connection.
fn strip(headers: &mut HeaderMap) {
    headers.remove(header::HOST);
    headers.remove(header::CONNECTION);
    headers.remove(header::TRANSFER_ENCODING);
}
