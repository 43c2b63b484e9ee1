//! The sim on a socket.
//!
//! ```text
//! client ═══ TCP ═══ HTTP/1.1 or HTTP/2 ─► Sim
//!                │
//!                ├─ SimErrorKind::Reset    the socket is reset (HTTP/2: the stream is)
//!                └─ SimErrorKind::Cut      what was sent is flushed, then the connection closes
//! ```

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::body::SimBody;
use crate::error::SimError;
use crate::sim::Sim;

/// A [`Sim`] that listens on a socket.
///
/// It speaks HTTP/1.1, and HTTP/2 to clients that know of it beforehand, without TLS. Dropping it
/// closes the socket and every connection.
///
/// ```
/// use steeplechase_sim::{Sim, SimServer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let server = SimServer::bind("127.0.0.1:0", Sim::new("north")).await?;
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// server.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "dropping it closes the socket"]
pub struct SimServer {
    sim: Sim,
    address: SocketAddr,
    // The one that accepts. It holds those that serve, so that they end with it.
    accepting: JoinSet<()>,
}

impl SimServer {
    /// Listens on `address`, such as `127.0.0.1:0` for any port that is free.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on.
    pub async fn bind(address: impl tokio::net::ToSocketAddrs, sim: Sim) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, sim.clone()));
        Ok(Self {
            sim,
            address,
            accepting,
        })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The same as a URL, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The sim: a handle to script it, and to ask what it has seen.
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// Closes the socket and every connection, and waits until that is done.
    ///
    /// What is in flight counts as cancelled.
    pub async fn shutdown(mut self) {
        self.accepting.shutdown().await;
    }
}

async fn accept(listener: TcpListener, sim: Sim) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, sim.clone()));
                }
                // Such as too many open files: let the others go on, and some of them end.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, sim: Sim) {
    // Without it, small frames wait for the acknowledgement of those before them.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let reset = Arc::new(AtomicBool::new(false));
    let socket = Socket {
        stream,
        reset: Arc::clone(&reset),
    };
    let service = service_fn(move |request: Request<Incoming>| {
        let sim = sim.clone();
        let reset = Arc::clone(&reset);
        async move {
            let shared = request.version() == Version::HTTP_2;
            let answer = sim.oneshot(request).await;
            if answer.is_err() && !shared {
                reset.store(true, Ordering::Relaxed);
            }
            answer.map(|response: Response<SimBody>| response.map(FlushFirst::new))
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    builder.http2().timer(TokioTimer::new());
    // A failed connection is either the sim's own doing or the client's.
    let _ = builder
        .serve_connection(TokioIo::new(socket), service)
        .await;
}

/// A body that gives what came before an error the time to be sent: whoever writes it to a socket
/// flushes when there is nothing to do, and throws all away at an error.
#[derive(Debug)]
struct FlushFirst {
    body: SimBody,
    error: Option<SimError>,
}

impl FlushFirst {
    fn new(body: SimBody) -> Self {
        Self { body, error: None }
    }
}

impl Body for FlushFirst {
    type Data = Bytes;
    type Error = SimError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, SimError>>> {
        if let Some(error) = self.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
            Some(Err(error)) => {
                self.error = Some(error);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            next => Poll::Ready(next),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.error.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.error.is_some() {
            return SizeHint::default();
        }
        self.body.size_hint()
    }
}

/// A socket that can be told to be reset when it is closed.
#[derive(Debug)]
struct Socket {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            // Should it fail, the connection is closed without an answer all the same.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }
}
