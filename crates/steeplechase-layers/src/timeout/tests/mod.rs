//! The clock is paused in all of these tests: the delays are real, the waiting is not.

mod behaviour;
mod body;
mod model;
mod pace;
mod patience;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use steeplechase_core::{BoxError, Chunk, Class, Error, Phase};
use tokio::time::{self, Instant, Sleep};
use tower::{Layer, ServiceExt};

use super::*;

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A body whose frames are there at set times, whether it is polled or not, and which then ends or,
/// after the last of them, hangs.
#[derive(Debug)]
struct Script {
    frames: VecDeque<(Instant, Result<Chunk, BoxError>)>,
    hangs: bool,
    next: Option<Pin<Box<Sleep>>>,
    alive: Arc<()>,
}

impl Script {
    /// The times are from now.
    fn new(frames: impl IntoIterator<Item = (Duration, Chunk)>) -> Self {
        let now = Instant::now();
        let frames = frames.into_iter();
        Self {
            frames: frames.map(|(at, chunk)| (now + at, Ok(chunk))).collect(),
            hangs: false,
            next: None,
            alive: Arc::new(()),
        }
    }

    fn then_hangs(mut self) -> Self {
        self.hangs = true;
        self
    }
}

impl Body for Script {
    type Data = Chunk;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, BoxError>>> {
        let Some((at, _)) = self.frames.front() else {
            return if self.hangs {
                Poll::Pending
            } else {
                Poll::Ready(None)
            };
        };
        let at = *at;
        if Instant::now() < at {
            let next = self
                .next
                .get_or_insert_with(|| Box::pin(time::sleep(secs(0))));
            if next.deadline() != at {
                next.as_mut().reset(at);
            }
            ready!(next.as_mut().poll(cx));
        }
        let (_, frame) = self.frames.pop_front().unwrap();
        Poll::Ready(Some(frame.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && !self.hangs
    }

    fn size_hint(&self) -> SizeHint {
        let chunks = self.frames.iter().filter_map(|(_, f)| f.as_ref().ok());
        SizeHint::with_exact(chunks.map(|chunk| chunk.data().len() as u64).sum())
    }
}

fn word() -> Chunk {
    Chunk::content(Bytes::from_static(b"word"))
}

fn ping() -> Chunk {
    Chunk::opaque(Bytes::from_static(b": ping"))
}

/// The body of an answer whose head was there at once.
async fn body_of(layer: TimeoutLayer, body: Script) -> TimeoutBody<Script> {
    answer(layer, Request::new(()), Duration::ZERO, body)
        .await
        .unwrap()
        .into_body()
}

async fn answer(
    layer: TimeoutLayer,
    request: Request<()>,
    head: Duration,
    body: Script,
) -> Result<Response<TimeoutBody<Script>>, Error> {
    let mut body = Some(body);
    let upstream = tower::service_fn(move |_: Request<()>| {
        let body = body.take().expect("one request");
        async move {
            time::sleep(head).await;
            Ok::<_, BoxError>(Response::new(body))
        }
    });
    layer.layer(upstream).oneshot(request).await
}

/// Reads a body to its end: how many frames it had, and how it ended.
async fn read(body: &mut TimeoutBody<Script>) -> (usize, Result<(), Error>) {
    let mut frames = 0;
    loop {
        match body.frame().await {
            Some(Ok(_)) => frames += 1,
            Some(Err(error)) => return (frames, Err(error)),
            None => return (frames, Ok(())),
        }
    }
}

/// The phase that took too long.
fn phase(error: &Error) -> Phase {
    match error.class() {
        Class::Timeout(phase) => phase,
        other => panic!("not a timeout: {other:?}"),
    }
}
