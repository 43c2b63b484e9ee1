use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::greeting::Greeting;

/// A connection that does not wait for ever for a client that takes nothing.
///
/// ```text
///  reads: the greeting once more, and with it what has come since; then no timer here, HTTP has its own
///  a write waits ── the client takes something ──► all is well
///     └─ nothing in time ──► writes fail
/// ```
#[derive(Debug)]
pub(super) struct Guarded<T> {
    io: T,
    // Read already, and not handed on yet.
    greeting: Option<Greeting>,
    write_timeout: Duration,
    // Made when a write has to wait for the first time.
    stall: Option<Pin<Box<Sleep>>>,
    is_stalled: bool,
}

impl<T> Guarded<T> {
    /// Guards `io`, of which the greeting was read.
    pub(super) const fn new(io: T, greeting: Greeting, write_timeout: Duration) -> Self {
        Self {
            io,
            greeting: Some(greeting),
            write_timeout,
            stall: None,
            is_stalled: false,
        }
    }

    /// Passes on what became of a write, unless it has waited for too long.
    fn watch<R>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.is_stalled = false;
            return written;
        }
        let timeout = self.write_timeout;
        let stall = self.stall.get_or_insert_with(|| Box::pin(sleep(timeout)));
        if !self.is_stalled {
            self.is_stalled = true;
            stall.as_mut().reset(Instant::now() + timeout);
        }
        ready!(stall.as_mut().poll(cx));
        let why = "the client takes nothing";
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, why)))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Guarded<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let Some(greeting) = &mut this.greeting else {
            return Pin::new(&mut this.io).poll_read(cx, buf);
        };
        let count = greeting.bytes().len().min(buf.remaining());
        buf.put_slice(&greeting.bytes()[..count]);
        greeting.advance(count);
        if greeting.bytes().is_empty() {
            this.greeting = None;
            if buf.remaining() > 0 {
                // With what has come since, it is a whole head most often. An error comes again.
                let _ = Pin::new(&mut this.io).poll_read(cx, buf);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Guarded<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, buf);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, bufs);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
