use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use steeplechase_core::{Chunk, Error};
use tokio::time::{self, Instant, Sleep};

use super::{KeepaliveConfig, metrics};

pin_project! {
    /// The body of an answer that is waited for with signs of life.
    ///
    /// Dropping it drops what is inside.
    pub struct KeepaliveBody<F, B> {
        #[pin]
        answer: Answer<F, B>,
        #[pin]
        pulse: Option<Pulse>,
    }
}

pin_project! {
    #[project = AnswerProj]
    enum Answer<F, B> {
        // The head was sent before the answer was there. `None` after it has failed.
        Awaited { inner: Option<Pin<Box<F>>> },
        // The answer is there.
        Here { #[pin] body: B },
    }
}

pin_project! {
    struct Pulse {
        #[pin]
        sleep: Sleep,
        every: Duration,
        comment: Bytes,
        // Whether the timer runs. It does not while the caller has yet to take a frame.
        armed: bool,
    }
}

// ===== impl KeepaliveBody =====

impl<F, B> KeepaliveBody<F, B> {
    pub(super) const fn direct(body: B) -> Self {
        Self {
            answer: Answer::Here { body },
            pulse: None,
        }
    }

    pub(super) fn streaming(body: B, config: KeepaliveConfig) -> Self {
        Self {
            answer: Answer::Here { body },
            pulse: Some(Pulse::new(config)),
        }
    }

    pub(super) fn waiting(inner: Pin<Box<F>>, config: KeepaliveConfig) -> Self {
        Self {
            answer: Answer::Awaited { inner: Some(inner) },
            pulse: Some(Pulse::new(config)),
        }
    }
}

impl<F, B> Body for KeepaliveBody<F, B>
where
    F: Future<Output = Result<Response<B>, Error>>,
    B: Body<Data = Chunk, Error = Error>,
{
    type Data = Chunk;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, Error>>> {
        let mut this = self.project();
        if let Poll::Ready(frame) = this.answer.as_mut().poll_frame(cx) {
            if let Some(pulse) = this.pulse.as_pin_mut() {
                *pulse.project().armed = false;
            }
            return Poll::Ready(frame);
        }
        match this.pulse.as_pin_mut() {
            Some(pulse) => pulse
                .poll_beat(cx)
                .map(|chunk| Some(Ok(Frame::data(chunk)))),
            None => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.answer {
            Answer::Awaited { inner } => inner.is_none(),
            Answer::Here { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.answer, &self.pulse) {
            (Answer::Here { body }, None) => body.size_hint(),
            _ => SizeHint::default(),
        }
    }
}

impl<F, B> fmt::Debug for KeepaliveBody<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeepaliveBody").finish_non_exhaustive()
    }
}

// ===== impl Answer =====

impl<F, B> Answer<F, B>
where
    F: Future<Output = Result<Response<B>, Error>>,
    B: Body<Data = Chunk, Error = Error>,
{
    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, Error>>> {
        loop {
            let body = match self.as_mut().project() {
                AnswerProj::Here { body } => return body.poll_frame(cx),
                AnswerProj::Awaited { inner } => {
                    let Some(future) = inner else {
                        return Poll::Ready(None);
                    };
                    match ready!(future.as_mut().poll(cx)) {
                        Ok(response) => response.into_body(),
                        Err(error) => {
                            *inner = None;
                            return Poll::Ready(Some(Err(error)));
                        }
                    }
                }
            };
            self.set(Self::Here { body });
        }
    }
}

// ===== impl Pulse =====

impl Pulse {
    fn new(config: KeepaliveConfig) -> Self {
        Self {
            sleep: time::sleep(config.every),
            every: config.every,
            comment: config.comment,
            armed: true,
        }
    }

    /// Is ready when there was silence for long enough.
    fn poll_beat(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Chunk> {
        let mut this = self.project();
        if !*this.armed {
            this.sleep.as_mut().reset(Instant::now() + *this.every);
            *this.armed = true;
        }
        ready!(this.sleep.poll(cx));
        *this.armed = false;
        metrics::comment_sent();
        Poll::Ready(Chunk::opaque(this.comment.clone()))
    }
}
