//! The socket: accepts, keeps slow clients from holding on for ever, and ends gracefully.
//!
//! ```text
//!  a place is free ─► accept ─► TCP_NODELAY ─► greeting ─► guard ─► HTTP/1.1 or HTTP/2 ─► service
//!    │                                          │ nothing said, no head, idle: closed after 30 s
//!    │                                          │ nothing taken of an answer: closed after 60 s
//!    └─ told to stop: no new connections, answers in flight finish, up to the drain time
//! ```

mod config;
mod greeting;
mod guarded;
mod head_timer;
mod named;
mod placed;

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use steeplechase::controls::Caller;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower::{BoxError, Service};

pub use self::config::ServerConfig;
use self::greeting::{Greeting, Version};
use self::guarded::Guarded;
use self::head_timer::HeadTimer;
use self::named::Named;
use self::placed::Placed;

/// How often a client on HTTP/2 is pinged. One that does not answer in as long is gone.
const PING_INTERVAL: Duration = Duration::from_secs(20);

/// How long to wait when a connection cannot be accepted, as when there are too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A socket that is bound.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    config: ServerConfig,
}

/// A connection of which the version is known.
struct Greeted {
    io: TokioIo<Guarded<TcpStream>>,
    version: Version,
    place: OwnedSemaphorePermit,
    caller: Caller,
}

impl Server {
    /// Binds the socket.
    ///
    /// # Errors
    ///
    /// Those of the operating system, such as an address that is in use.
    pub async fn bind(addr: SocketAddr, config: ServerConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        Ok(Self { listener, config })
    }

    /// The address that is bound.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is ready and the answers in flight have finished, or had their time.
    ///
    /// Dropping the future closes everything at once.
    pub async fn serve<S, B>(self, service: S, stop: impl Future<Output = ()>)
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let mut stop = pin!(stop);
        let graceful = GracefulShutdown::new();
        // Those of which the version is not known have no answer in flight, and are not waited for.
        let mut greetings = JoinSet::new();
        let mut connections = JoinSet::new();
        let places = Arc::new(Semaphore::new(self.config.max_connections));
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(_) = connections.join_next() => {}
                Some(greeted) = greetings.join_next() => {
                    // A client that has gone, or has said nothing, has been logged.
                    let Ok(Some(Greeted { io, version, place, caller })) = greeted else { continue };
                    let service = TowerToHyperService::new(Named::new(service.clone(), caller));
                    match version {
                        Version::Http1 => {
                            let connection = self.http1().serve_connection(io, service);
                            connections.spawn(Placed::new(graceful.watch(connection), place));
                        }
                        Version::Http2 => {
                            let connection = http2().serve_connection(io, service);
                            connections.spawn(Placed::new(graceful.watch(connection), place));
                        }
                    }
                }
                accepted = self.accept(&places) => match accepted {
                    Ok((stream, place, caller)) => {
                        greetings.spawn(greet(stream, place, caller, self.config));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
        drop(greetings);
        // Nobody new gets in while the others finish.
        drop(self.listener);
        if tokio::time::timeout(self.config.drain, graceful.shutdown())
            .await
            .is_err()
        {
            let left = connections.len();
            tracing::warn!(
                connections = left,
                "answers in flight were cut off at the drain time"
            );
        }
        connections.shutdown().await;
    }

    /// Waits for a place, and then for a connection to take it.
    async fn accept(
        &self,
        places: &Arc<Semaphore>,
    ) -> io::Result<(TcpStream, OwnedSemaphorePermit, Caller)> {
        let place = Arc::clone(places).acquire_owned().await;
        let place = place.map_err(io::Error::other)?;
        let (stream, peer) = self.listener.accept().await?;
        let caller = Caller(peer.ip().to_string().into());
        Ok((stream, place, caller))
    }

    fn http1(&self) -> http1::Builder {
        let mut builder = http1::Builder::new();
        builder
            .timer(HeadTimer::default())
            .header_read_timeout(self.config.head_timeout);
        builder
    }
}

/// Waits for the greeting of a client.
async fn greet(
    mut stream: TcpStream,
    place: OwnedSemaphorePermit,
    caller: Caller,
    config: ServerConfig,
) -> Option<Greeted> {
    // With Nagle's algorithm a token can wait 40 ms for the client's ACK.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let (greeting, version) = Greeting::read(&mut stream, config.head_timeout)
        .await
        .inspect_err(|error| tracing::debug!(%error, "a connection ended without a request"))
        .ok()?;
    Some(Greeted {
        io: TokioIo::new(Guarded::new(stream, greeting, config.write_timeout)),
        version,
        place,
        caller,
    })
}

fn http2() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .adaptive_window(true)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_INTERVAL);
    builder
}
