use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use steeplechase_core::{BoxError, Chunk, Class, Error};
use tokio::time::{self, Sleep};

use super::framing::{Cutter, Framing, Unframed};
use super::reader::{Reader, Step};
use crate::chat::truncated;
use crate::collect::Collect;

/// The most bytes after the end of an answer that are read to use the connection again.
const MAX_AFTER_END: usize = 64 * 1024;

/// The most bytes of a body that is no stream.
const MAX_BARE: usize = 64 * 1024;

/// How long the end of the connection's answer is waited for after that of the model's. The caller has
/// all of it by then, and a new connection costs more than that.
const GRACE: Duration = Duration::from_millis(100);

/// A stream of events, read as it comes.
///
/// ```text
/// frame ──► cutter ──► a piece: whole events ──► reader ──► a chunk, and an error after it
/// ```
pub(super) struct Stream<B> {
    /// `None` when there is nothing more to come from it.
    body: Option<B>,
    cutter: Cutter,
    reader: Reader,
    /// What comes when the cutter is empty.
    failed: Option<Error>,
    /// A body that is no stream, and what it is if it is no error either.
    bare: Option<(Collect, Error)>,
    /// Bytes that came after the end.
    after_end: usize,
    /// Runs while the end of the connection's answer is waited for. Boxed, as a timer does not move.
    grace: Option<Pin<Box<Sleep>>>,
}

// ===== impl Stream =====

impl<B> Stream<B> {
    pub(super) fn new(body: B, framing: Framing, reader: Reader) -> Self {
        Self {
            body: Some(body),
            cutter: Cutter::new(framing),
            reader,
            failed: None,
            bare: None,
            after_end: 0,
            grace: None,
        }
    }

    /// Lets go of the upstream.
    fn fail(&mut self, error: Error) {
        self.body = None;
        self.failed = Some(error);
    }
}

impl<B> Stream<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    pub(super) fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Chunk, Error>>> {
        loop {
            if self.reader.is_done() {
                return self.poll_after_end(cx).map(|()| None);
            }
            if !self.cutter.is_empty() {
                let Step { chunk, error } = self.reader.piece(&mut self.cutter);
                if let Some(error) = error {
                    // What comes after an error is not looked at.
                    self.cutter.clear();
                    self.fail(error);
                }
                if let Some(chunk) = chunk {
                    return Poll::Ready(Some(Ok(chunk)));
                }
                continue;
            }
            if let Some(error) = self.failed.take() {
                return Poll::Ready(Some(Err(error)));
            }
            let Some(body) = &mut self.body else {
                return Poll::Ready(None);
            };
            match ready!(Pin::new(body).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.push(data);
                    }
                }
                Some(Err(error)) => {
                    let error = self.broken(error.into());
                    self.fail(error);
                }
                None if self.bare.is_some() => self.end_bare(),
                None => {
                    self.body = None;
                    return Poll::Ready(self.reader.at_end(&mut self.cutter).transpose());
                }
            }
        }
    }

    fn push(&mut self, data: Bytes) {
        if let Some((bare, _)) = &mut self.bare {
            bare.push(data);
            if bare.is_cut() {
                self.end_bare();
            }
            return;
        }
        let Err(Unframed { error, raw }) = self.cutter.push(data) else {
            return;
        };
        if raw.trim_ascii_start().starts_with(b"{") {
            let mut bare = Collect::new(MAX_BARE);
            bare.push(raw);
            self.bare = Some((bare, error));
        } else {
            self.fail(error);
        }
    }

    /// Says what it was that came in the place of a stream.
    fn end_bare(&mut self) {
        if let Some((mut bare, error)) = self.bare.take() {
            let error = self.reader.bare_error(&bare.take()).unwrap_or(error);
            self.fail(error);
        }
    }

    /// A connection that broke off. With content before it, what has failed is the answer.
    fn broken(&self, error: BoxError) -> Error {
        let error = Error::from(error);
        if error.class() != Class::Transport || !self.reader.has_content() {
            return error;
        }
        truncated().with_source(error)
    }

    /// Reads what is there after the end, so that the connection can be used again.
    ///
    /// The caller has its answer, so it is not kept for long by a provider that does not close its own.
    fn poll_after_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Some(body) = &mut self.body {
            match Pin::new(body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) if self.after_end <= MAX_AFTER_END => {
                    self.after_end += frame.data_ref().map_or(0, Bytes::len).max(1);
                }
                Poll::Pending => {
                    let grace = || Box::pin(time::sleep(GRACE));
                    let grace = self.grace.get_or_insert_with(grace);
                    ready!(grace.as_mut().poll(cx));
                    self.body = None;
                }
                // It is over, or it is not worth it.
                Poll::Ready(_) => self.body = None,
            }
        }
        Poll::Ready(())
    }
}
