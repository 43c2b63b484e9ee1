use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use steeplechase_core::{BoxError, Error, Limits};
use tower::Service;

use super::connector::Connector;
use super::{HttpBody, HttpClientConfig, ResponseFuture};

/// The HTTP client at the bottom of the stack.
///
/// It is always ready, and cloning it clones a handle. See the [module documentation](super).
pub struct HttpClient<B = Full<Bytes>> {
    pools: Arc<[Pool<B>]>,
}

struct Pool<B> {
    client: Client<Connector, B>,
    in_flight: Arc<Limits>,
}

// ===== impl HttpClient =====

impl HttpClient {
    /// A client with the default settings.
    pub fn new() -> Self {
        Self::with(HttpClientConfig::new())
    }

    /// A client with the given settings.
    pub fn with(config: HttpClientConfig) -> Self {
        Self::of(config)
    }
}

impl<B> HttpClient<B>
where
    B: Body<Data: Send> + Send + 'static,
{
    /// A client with the given settings, of requests with bodies of another kind, which may be streamed.
    pub fn of(config: HttpClientConfig) -> Self {
        let connector = Connector::new(config);
        let pool = |_| Pool {
            client: client(connector.clone(), config),
            in_flight: Arc::new(Limits::new(Some(config.streams_per_pool))),
        };
        Self {
            pools: (0..config.pools.max(1)).map(pool).collect(),
        }
    }
}

impl<B> Clone for HttpClient<B> {
    fn clone(&self) -> Self {
        Self {
            pools: Arc::clone(&self.pools),
        }
    }
}

impl Default for HttpClient {
    fn default() -> Self {
        Self::new()
    }
}

impl<B> Service<Request<B>> for HttpClient<B>
where
    B: Body<Data: Send, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    type Response = Response<HttpBody>;
    type Error = Error;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        // The first with a place, so that connections are reused and not spread. If all are full, the
        // last one queues: what is in flight is limited elsewhere.
        let mut chosen = None;
        for pool in &*self.pools {
            chosen = Some((pool, pool.in_flight.try_acquire()));
            if let Some((_, Some(_))) = chosen {
                break;
            }
        }
        let (pool, permit) = chosen.expect("there is at least one pool");
        ResponseFuture::new(pool.client.request(request), permit)
    }
}

impl<B> fmt::Debug for HttpClient<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_flight: u32 = self
            .pools
            .iter()
            .map(|pool| pool.in_flight.in_flight())
            .sum();
        f.debug_struct("HttpClient")
            .field("pools", &self.pools.len())
            .field("in_flight", &in_flight)
            .finish()
    }
}

fn client<B>(connector: Connector, config: HttpClientConfig) -> Client<Connector, B>
where
    B: Body<Data: Send> + Send,
{
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(config.idle_timeout)
        .pool_max_idle_per_host(config.max_idle_per_host)
        .http2_only(config.http2_prior_knowledge)
        .http2_adaptive_window(true)
        .http2_keep_alive_interval(config.ping_interval)
        .http2_keep_alive_timeout(config.ping_interval)
        .http2_keep_alive_while_idle(true)
        .build(connector)
}
