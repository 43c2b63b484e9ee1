use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// What a client on HTTP/2 begins with.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A connection that does not wait for ever for a client that says nothing, or that takes nothing.
///
/// ```text
///  accepted ── bytes tell the version ──► reads: no more timer here, HTTP has its own
///     └─ not told in time ──► reads fail
///  a write waits ── the client takes something ──► all is well
///     └─ nothing in time ──► writes fail
/// ```
///
/// Until the bytes tell HTTP/1.1 from HTTP/2, no timer of either is running.
#[derive(Debug)]
pub(super) struct Guarded<T> {
    io: T,
    greeting: Option<Greeting>,
    write_timeout: Duration,
    // Made when a write has to wait for the first time.
    stall: Option<Pin<Box<Sleep>>>,
    is_stalled: bool,
}

/// A client of which the version of HTTP is not known.
#[derive(Debug)]
struct Greeting {
    deadline: Pin<Box<Sleep>>,
    // How much of the preface has come.
    seen: usize,
}

impl<T> Guarded<T> {
    /// Guards `io`, from now on.
    pub(super) fn new(io: T, head_timeout: Duration, write_timeout: Duration) -> Self {
        Self {
            io,
            greeting: Some(Greeting {
                deadline: Box::pin(sleep(head_timeout)),
                seen: 0,
            }),
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
        Poll::Ready(Err(timed_out("the client takes nothing")))
    }
}

impl Greeting {
    /// Whether the version is known after `bytes`.
    fn is_over(&mut self, bytes: &[u8]) -> bool {
        let expected = &PREFACE[self.seen..];
        let compared = bytes.len().min(expected.len());
        self.seen += compared;
        bytes[..compared] != expected[..compared] || self.seen == PREFACE.len()
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Guarded<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        let read = Pin::new(&mut this.io).poll_read(cx, buf);
        let Some(greeting) = &mut this.greeting else {
            return read;
        };
        if greeting.is_over(&buf.filled()[before..]) {
            this.greeting = None;
        } else if read.is_pending() {
            ready!(greeting.deadline.as_mut().poll(cx));
            return Poll::Ready(Err(timed_out("the client has not begun to speak HTTP")));
        }
        read
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

fn timed_out(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, why)
}
