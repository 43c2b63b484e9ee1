use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use steeplechase_core::BoxError;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use crate::credentials::google::connect::Connector;

/// A server that hands out tokens. Dropping it stops it.
pub(super) struct Server {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _serving: JoinSet<()>,
}

/// What was asked of it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) uri: Uri,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Server {
    /// One that answers everything with `answer`.
    pub(super) async fn start(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                    let seen = Arc::clone(&seen);
                    async move {
                        let (parts, body) = request.into_parts();
                        let body = body.collect().await.unwrap().to_bytes();
                        seen.lock().unwrap().push(Asked {
                            uri: parts.uri,
                            headers: parts.headers,
                            body: String::from_utf8(body.to_vec()).unwrap(),
                        });
                        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(answer)))
                    }
                });
                let connection = hyper::server::conn::http1::Builder::new();
                open.spawn(async move {
                    _ = connection
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self {
            url,
            asked,
            _serving: serving,
        }
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// A connector for which every host is this server.
    pub(super) fn connector(&self) -> Connector {
        let addr = self.url["http://".len()..].to_owned();
        Connector::over(BoxCloneSyncService::new(service_fn(move |_: Uri| {
            let addr = addr.clone();
            async move {
                let stream = TcpStream::connect(addr).await?;
                Ok::<_, BoxError>(MaybeHttpsStream::Http(TokioIo::new(stream)))
            }
        })))
    }
}
