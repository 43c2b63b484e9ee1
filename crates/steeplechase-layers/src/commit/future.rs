use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::{Body, Frame};
use pin_project_lite::pin_project;
use steeplechase_core::{Attempts, BoxError, Carries, Class, Error};

use super::body::Held;
use super::{CommitConfig, CommitOn, Replay, metrics};

pin_project! {
    /// The response future of [`Commit`](super::Commit).
    ///
    /// Dropping it drops the response that it holds.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, B: Body> {
        #[pin]
        state: State<F, B>,
        config: CommitConfig,
        attempts: Option<Attempts>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, B: Body> {
        // Waits for the head.
        Head { #[pin] head: F },
        // Has the head, and waits for what it commits on.
        Peek {
            // Taken when it is committed.
            response: Option<Response<B>>,
            held: Held<B::Data>,
            ended: bool,
        },
        // Has answered.
        Done,
    }
}

/// What a frame, or the end, means to a response that is not committed.
enum Verdict {
    Hold,
    Commit,
    Fail(Error),
}

// ===== impl ResponseFuture =====

impl<F, B: Body> ResponseFuture<F, B> {
    pub(super) fn new(head: F, config: CommitConfig, attempts: Option<Attempts>) -> Self {
        Self {
            state: State::Head { head },
            config,
            attempts,
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    E: Into<BoxError>,
    B: Body + Unpin,
    B::Data: Carries,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<Replay<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let verdict = match this.state.as_mut().project() {
                StateProj::Head { head } => match ready!(head.poll(cx)) {
                    Err(error) => Verdict::Fail(Error::from(error.into())),
                    Ok(response) => {
                        // What is no success has its reason in its body, and no content to wait for.
                        let at_once =
                            this.config.on == CommitOn::Head || !response.status().is_success();
                        this.state.set(State::Peek {
                            response: Some(response),
                            held: Held::new(),
                            ended: false,
                        });
                        if at_once {
                            Verdict::Commit
                        } else {
                            Verdict::Hold
                        }
                    }
                },
                StateProj::Peek {
                    response,
                    held,
                    ended,
                } => {
                    let body = response.as_mut().expect("taken at the commit").body_mut();
                    match ready!(Pin::new(body).poll_frame(cx)) {
                        Some(Err(error)) => Verdict::Fail(Error::from(error.into())),
                        Some(Ok(frame)) => {
                            let verdict = judge(&frame, held, *this.config, this.attempts.as_ref());
                            held.push(frame);
                            verdict
                        }
                        None => {
                            *ended = true;
                            at_end::<B::Data>(this.config.on)
                        }
                    }
                }
                StateProj::Done => panic!("`ResponseFuture` polled after completion"),
            };
            match verdict {
                Verdict::Hold => {}
                // The response is dropped with the state, and the upstream sees it.
                Verdict::Fail(error) => {
                    this.state.set(State::Done);
                    return Poll::Ready(Err(error));
                }
                Verdict::Commit => {
                    let StateProj::Peek {
                        response,
                        held,
                        ended,
                    } = this.state.as_mut().project()
                    else {
                        unreachable!("only a response that is held is committed");
                    };
                    let (held, ended) = (std::mem::replace(held, Held::new()), *ended);
                    let response = response.take().expect("taken once, here");
                    this.state.set(State::Done);
                    return Poll::Ready(Ok(response.map(|rest| Replay::new(held, rest, ended))));
                }
            }
        }
    }
}

impl<F, B: Body> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// What a frame means to a response that is not committed.
fn judge<D: Carries>(
    frame: &Frame<D>,
    held: &Held<D>,
    config: CommitConfig,
    attempts: Option<&Attempts>,
) -> Verdict {
    let Some(data) = frame.data_ref() else {
        // Trailers: they are kept in order, and say nothing about content.
        return Verdict::Hold;
    };
    let commits = match config.on {
        CommitOn::Head => true,
        CommitOn::FirstByte => data.size() > 0,
        CommitOn::Content => data.is_content(),
        CommitOn::Complete => false,
    };
    if commits {
        return Verdict::Commit;
    }
    if data.is_end() && config.on == CommitOn::Content {
        // Of an answer with nothing in it, a second one is likely what the model means.
        let again = attempts.is_none_or(|attempts| attempts.mark_empty() && attempts.left() > 0);
        if again {
            metrics::empty();
            let message = "the provider's answer was empty";
            return Verdict::Fail(Error::new(Class::Empty, message));
        }
        return Verdict::Commit;
    }
    if held.bytes() + data.size() as u64 > config.max_held as u64 {
        metrics::full();
        return Verdict::Commit;
    }
    Verdict::Hold
}

/// What it means that the body ends before it was committed on anything.
fn at_end<D: Carries>(on: CommitOn) -> Verdict {
    if on == CommitOn::Complete || !D::SAYS_END {
        return Verdict::Commit;
    }
    metrics::truncated();
    let message = "the provider's answer ended before its first content";
    Verdict::Fail(Error::new(Class::Truncated, message))
}
