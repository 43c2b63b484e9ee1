//! The clock is paused in all of these tests: the delays are real, the waiting is not.

mod behaviour;
mod model;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};
use steeplechase_core::{BoxError, Chunk};

/// A body that plays frames: `None` is a moment without one.
#[derive(Debug)]
struct Script {
    frames: VecDeque<Option<Result<Frame<Chunk>, BoxError>>>,
    /// How many bodies are alive.
    alive: Arc<()>,
}

impl Script {
    fn new(frames: impl IntoIterator<Item = Result<Chunk, BoxError>>) -> Self {
        Self::paced(frames.into_iter().map(Some))
    }

    fn paced(frames: impl IntoIterator<Item = Option<Result<Chunk, BoxError>>>) -> Self {
        let frames = frames.into_iter();
        Self {
            frames: frames.map(|f| f.map(|f| f.map(Frame::data))).collect(),
            alive: Arc::new(()),
        }
    }
}

impl Body for Script {
    type Data = Chunk;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, BoxError>>> {
        match self.frames.pop_front() {
            Some(Some(frame)) => Poll::Ready(Some(frame)),
            Some(None) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            None => Poll::Ready(None),
        }
    }
}

fn bytes(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

fn role() -> Chunk {
    Chunk::preamble(bytes("role;"))
}

fn word() -> Chunk {
    Chunk::content(bytes("word;"))
}

fn done() -> Chunk {
    Chunk::end(bytes("done;"))
}
