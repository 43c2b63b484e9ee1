//! The clock is paused in all of these tests: the delays are real, the waiting is not.

mod behaviour;
mod budgets;
mod costs;
mod estimates;
mod model;
mod teaching;

use std::collections::VecDeque;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use steeplechase_core::attempts::{Attempt, Ending, Kind};
use steeplechase_core::{Attempts, Chunk, Class, Deployment, Dialect, Error, Usage};
use tokio::time::{self, Sleep};
use tower::{Layer, ServiceExt};

use super::*;

/// A body that plays frames, and waits a second before each.
#[derive(Debug)]
struct Script<D = Chunk> {
    frames: VecDeque<Result<D, Error>>,
    wait: Option<Pin<Box<Sleep>>>,
    data: PhantomData<D>,
}

impl<D> Script<D> {
    fn new(frames: impl IntoIterator<Item = Result<D, Error>>) -> Self {
        Self {
            frames: frames.into_iter().collect(),
            wait: None,
            data: PhantomData,
        }
    }
}

impl<D: bytes::Buf + Unpin> Body for Script<D> {
    type Data = D;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<D>, Error>>> {
        if self.frames.is_empty() {
            return Poll::Ready(None);
        }
        let second = || Box::pin(time::sleep(Duration::from_secs(1)));
        std::task::ready!(self.wait.get_or_insert_with(second).as_mut().poll(cx));
        self.wait = None;
        let frame = self.frames.pop_front();
        Poll::Ready(frame.map(|frame| frame.map(Frame::data)))
    }
}

/// A sink that keeps what it is told.
#[derive(Default)]
struct Kept(Mutex<Vec<Attempt>>);

impl Sink for Kept {
    fn attempt(&self, report: &AttemptReport<'_>) {
        assert_eq!(report.deployment.id(), "eu-1");
        assert_eq!(report.attempts.log().len(), 1, "it is in the log already");
        assert_eq!(report.started.elapsed(), report.attempt.elapsed);
        self.0.lock().unwrap().push(report.attempt.clone());
    }
}

fn deployment() -> Arc<Deployment> {
    Deployment::builder("eu-1", "fast", Dialect::OpenAi).build()
}

fn request() -> (Request<()>, Attempts) {
    let mut request = Request::new(());
    let attempts = Attempts::of(request.extensions_mut());
    (request, attempts)
}

fn word() -> Chunk {
    Chunk::content(Bytes::from_static(b"word"))
}

fn done() -> Chunk {
    Chunk::end(Bytes::from_static(b"done"))
}

fn usage(prompt: u64, completion: u64) -> Usage {
    Usage {
        prompt,
        completion,
        ..Usage::default()
    }
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Sends a request to a provider that answers after two seconds.
async fn answer<D>(
    request: Request<()>,
    frames: impl IntoIterator<Item = Result<D, Error>>,
) -> Response<crate::body::Watched<Script<D>, Recorder>>
where
    D: bytes::Buf + steeplechase_core::Carries + Unpin,
{
    let script = Mutex::new(Some(Script::new(frames)));
    let upstream = tower::service_fn(|_: Request<()>| {
        let script = script.lock().unwrap().take().expect("one request");
        async move {
            time::sleep(secs(2)).await;
            Ok::<_, Error>(Response::new(script))
        }
    });
    let service = ObserveLayer::new(&deployment()).layer(upstream);
    service.oneshot(request).await.expect("an answer")
}
