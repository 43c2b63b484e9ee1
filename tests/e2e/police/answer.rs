use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use http::{HeaderMap, Response, StatusCode};
use http_body::{Body, Frame};
use tokio::time::{self, Sleep};

use super::gauges::Flight;
use super::{Act, Step};

/// The response future of a [`Police`](super::Police). It holds the request until it resolves.
pub(crate) struct AnswerFuture<D, E, R> {
    /// `None` after it has resolved.
    player: Option<Player<D, E>>,
    head: (StatusCode, HeaderMap),
    request: Option<R>,
}

/// The body of its answer.
pub(crate) struct AnswerBody<D, E> {
    /// `None` after its end.
    player: Option<Player<D, E>>,
}

/// Plays the steps of one call.
struct Player<D, E> {
    steps: VecDeque<Step<D, E>>,
    sleep: Option<Pin<Box<Sleep>>>,
    flight: Flight,
}

// ===== impl Player =====

impl<D, E> Player<D, E> {
    /// The next step that is no wait. `None` at the end of the script.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Option<Step<D, E>>> {
        loop {
            if let Some(sleep) = &mut self.sleep {
                ready!(sleep.as_mut().poll(cx));
                self.sleep = None;
            }
            match self.steps.pop_front() {
                Some(Step::Polls(0)) => {}
                Some(Step::Polls(left)) => {
                    self.steps.push_front(Step::Polls(left - 1));
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Some(Step::After(time)) => self.sleep = Some(Box::pin(time::sleep(time))),
                Some(Step::Hang) => {
                    self.steps.push_front(Step::Hang);
                    return Poll::Pending;
                }
                other => return Poll::Ready(other),
            }
        }
    }
}

// ===== impl AnswerFuture =====

impl<D, E, R> AnswerFuture<D, E, R> {
    pub(super) fn new(act: Act<D, E>, flight: Flight, request: R) -> Self {
        let player = Player {
            steps: act.steps.into(),
            sleep: None,
            flight,
        };
        Self {
            player: Some(player),
            head: (act.status, act.headers),
            request: Some(request),
        }
    }
}

// Nothing of it is pinned in place.
impl<D, E, R> Unpin for AnswerFuture<D, E, R> {}

impl<D, E, R> Future for AnswerFuture<D, E, R> {
    type Output = Result<Response<AnswerBody<D, E>>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let player = this
            .player
            .as_mut()
            .expect("police: a future was polled after it had resolved");
        let step = ready!(player.poll_step(cx));
        let mut player = this.player.take().expect("it was polled above");
        this.request = None;
        match step {
            Some(Step::Fail(error)) => {
                player.flight.fail();
                Poll::Ready(Err(error))
            }
            Some(Step::Head) => {
                if player.steps.is_empty() {
                    player.flight.complete();
                }
                let mut response = Response::new(AnswerBody {
                    player: Some(player),
                });
                *response.status_mut() = this.head.0;
                *response.headers_mut() = std::mem::take(&mut this.head.1);
                Poll::Ready(Ok(response))
            }
            _ => panic!("police: the script has a body and no head"),
        }
    }
}

// ===== impl AnswerBody =====

impl<D, E> Unpin for AnswerBody<D, E> {}

impl<D: Buf, E> Body for AnswerBody<D, E> {
    type Data = D;
    type Error = E;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<D>, E>>> {
        let player = self.player.as_mut();
        let player = player.expect("police: a body was polled after its end");
        match ready!(player.poll_step(cx)) {
            Some(Step::Frame(data)) => {
                if player.steps.is_empty() {
                    player.flight.complete();
                }
                Poll::Ready(Some(Ok(Frame::data(data))))
            }
            Some(Step::Fail(error)) => {
                player.flight.fail();
                self.player = None;
                Poll::Ready(Some(Err(error)))
            }
            None => {
                player.flight.complete();
                self.player = None;
                Poll::Ready(None)
            }
            Some(_) => panic!("police: the script has two heads"),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.player
            .as_ref()
            .is_none_or(|player| player.steps.is_empty())
    }
}

impl<D, E, R> fmt::Debug for AnswerFuture<D, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerFuture").finish_non_exhaustive()
    }
}

impl<D, E> fmt::Debug for AnswerBody<D, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerBody").finish_non_exhaustive()
    }
}
