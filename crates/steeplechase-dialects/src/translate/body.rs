use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use steeplechase_core::{BoxError, Chunk, Class, Error};

use super::framing::Framing;
use super::reader::Reader;
use super::stream::Stream;
use super::target::Target;
use crate::chat::truncated;

/// The body of an answer, in the caller's dialect.
///
/// Its failures are classified and name the deployment. After one there is nothing, and what was
/// under the body is dropped.
pub struct Chunks<B> {
    state: State<B>,
}

#[allow(
    clippy::large_enum_variant,
    reason = "a body is moved a few times, and a box would be an allocation"
)]
enum State<B> {
    Done,
    Stream {
        stream: Stream<B>,
        target: Arc<Target>,
    },
    Raw {
        // Taken when it has ended.
        body: Option<B>,
        target: Arc<Target>,
    },
    Whole {
        // Taken when it is asked for.
        chunk: Option<Chunk>,
    },
}

// ===== impl Chunks =====

impl<B> Chunks<B> {
    pub(super) fn stream(body: B, target: Arc<Target>, framing: Framing, reader: Reader) -> Self {
        let stream = Stream::new(body, framing, reader);
        Self {
            state: State::Stream { stream, target },
        }
    }

    /// A body that is passed on as it is. Any byte of it is a part of the answer.
    pub(super) const fn raw(body: B, target: Arc<Target>) -> Self {
        Self {
            state: State::Raw {
                body: Some(body),
                target,
            },
        }
    }

    pub(super) const fn whole(chunk: Chunk) -> Self {
        Self {
            state: State::Whole { chunk: Some(chunk) },
        }
    }
}

impl<B> Body for Chunks<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Chunk;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, Error>>> {
        let outcome = match &mut self.state {
            State::Done => return Poll::Ready(None),
            State::Whole { chunk } => Poll::Ready(chunk.take().map(Ok)),
            State::Raw { body, target } => {
                poll_raw(body, cx).map(|next| next.map(|next| next.map_err(|e| target.blame(e))))
            }
            State::Stream { stream, target } => stream
                .poll_chunk(cx)
                .map(|next| next.map(|next| next.map_err(|error| target.blame(error)))),
        };
        if let Poll::Ready(None | Some(Err(_))) = outcome {
            self.state = State::Done;
        }
        outcome.map(|next| next.map(|next| next.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.state, State::Done | State::Whole { chunk: None })
    }

    fn size_hint(&self) -> SizeHint {
        match &self.state {
            State::Done => SizeHint::with_exact(0),
            State::Raw { .. } | State::Stream { .. } => SizeHint::default(),
            State::Whole { chunk } => {
                let size = chunk.as_ref().map_or(0, Buf::remaining);
                SizeHint::with_exact(size as u64)
            }
        }
    }
}

/// The next frame of a body that is passed on as it is, and after the last one that it is complete.
fn poll_raw<B>(slot: &mut Option<B>, cx: &mut Context<'_>) -> Poll<Option<Result<Chunk, Error>>>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    let Some(body) = slot else {
        return Poll::Ready(None);
    };
    loop {
        match ready!(Pin::new(&mut *body).poll_frame(cx)) {
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Poll::Ready(Some(Ok(Chunk::content(data))));
                }
            }
            Some(Err(error)) => {
                let error = Error::from(error.into());
                let error = match error.class() {
                    Class::Transport => truncated().with_source(error),
                    _ => error,
                };
                return Poll::Ready(Some(Err(error)));
            }
            None => {
                *slot = None;
                return Poll::Ready(Some(Ok(Chunk::end(Bytes::new()))));
            }
        }
    }
}

impl<B> Default for Chunks<B> {
    /// A body with nothing in it.
    fn default() -> Self {
        Self { state: State::Done }
    }
}

impl<B> fmt::Debug for Chunks<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Done => "done",
            State::Raw { .. } => "raw",
            State::Stream { .. } => "stream",
            State::Whole { .. } => "whole",
        };
        f.debug_struct("Chunks")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
