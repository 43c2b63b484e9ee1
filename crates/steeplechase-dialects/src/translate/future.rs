use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http::response::Parts;
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase_core::{Attempts, BoxError, Class, Error};

use super::Chunks;
use super::framing::Framing;
use super::head::{self, Kind};
use super::mock::Mocked;
use super::plan::{Plan, Reading};
use super::reader::Reader;
use super::target::Target;
use crate::chat::truncated;
use crate::collect::Collect;

/// The most bytes of an error that are read.
const MAX_ERROR: usize = 64 * 1024;

/// The most bytes of a whole answer.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

pin_project! {
    /// The response future of [`Translate`](super::Translate).
    ///
    /// Dropping it drops the request, or the answer as far as it is there.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, B> {
        #[pin]
        state: State<F, B>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, B> {
        // There is no request for this call.
        Refused { error: Option<Error> },
        // There is none either, as the call has asked for. Few calls do, so it is boxed.
        Mocked { mocked: Pin<Box<Mocked>> },
        // Waits for the head.
        Head {
            #[pin]
            head: F,
            // Both are taken when it is there.
            target: Option<Arc<Target>>,
            plan: Option<Plan>,
            // Of a call of which somebody keeps a trace.
            traced: Option<Attempts>,
        },
        // Collects a body that is not a stream.
        Collect { answer: Answer<B> },
        // Has answered.
        Done,
    }
}

/// An answer whose body is being collected.
struct Answer<B> {
    // Taken when it is there.
    parts: Option<Parts>,
    body: B,
    collect: Collect,
    target: Arc<Target>,
    plan: Plan,
}

/// What comes after the head.
enum Next<B> {
    Answer(Result<Response<Chunks<B>>, Error>),
    Collect(Answer<B>),
}

// ===== impl ResponseFuture =====

impl<F, B> ResponseFuture<F, B> {
    pub(super) const fn new(
        head: F,
        target: Arc<Target>,
        plan: Plan,
        traced: Option<Attempts>,
    ) -> Self {
        Self {
            state: State::Head {
                head,
                target: Some(target),
                plan: Some(plan),
                traced,
            },
        }
    }

    pub(super) fn mocked(mocked: Mocked) -> Self {
        Self {
            state: State::Mocked {
                mocked: Box::pin(mocked),
            },
        }
    }

    pub(super) const fn refused(error: Error) -> Self {
        Self {
            state: State::Refused { error: Some(error) },
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    E: Into<BoxError>,
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<Chunks<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProj::Refused { error } => {
                    Next::Answer(Err(error.take().expect("taken once, here")))
                }
                StateProj::Mocked { mocked } => Next::Answer(ready!(mocked.as_mut().poll(cx))),
                StateProj::Head {
                    head,
                    target,
                    plan,
                    traced,
                } => {
                    let outcome = ready!(head.poll(cx));
                    let target = target.take().expect("taken once, here");
                    if let (Ok(_), Some(trace)) =
                        (&outcome, traced.as_ref().and_then(Attempts::trace))
                    {
                        trace.head(target.deployment());
                    }
                    let plan = plan.take().expect("taken once, here");
                    match outcome {
                        Err(error) => Next::Answer(Err(target.blame(Error::from(error.into())))),
                        Ok(response) => receive(response, target, plan),
                    }
                }
                StateProj::Collect { answer } => {
                    let outcome = ready!(answer.collect.poll(Pin::new(&mut answer.body), cx));
                    let outcome = answer.read(outcome.map_err(Into::into));
                    Next::Answer(outcome.map_err(|error| answer.target.blame(error)))
                }
                StateProj::Done => panic!("`ResponseFuture` polled after completion"),
            };
            match next {
                Next::Collect(answer) => state.set(State::Collect { answer }),
                Next::Answer(outcome) => {
                    state.set(State::Done);
                    return Poll::Ready(outcome);
                }
            }
        }
    }
}

impl<F, B> fmt::Debug for ResponseFuture<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// Decides by the head what happens to the body.
fn receive<B>(response: Response<B>, target: Arc<Target>, mut plan: Plan) -> Next<B> {
    let (parts, body) = response.into_parts();
    target.listen(&parts.headers);
    plan.head(&parts.headers);
    let stream = |mut parts: Parts, plan: Plan, body, target, framing| {
        head::rewrite(&mut parts, &plan);
        let chunks = Chunks::stream(body, target, framing, Reader::new(plan));
        Next::Answer(Ok(Response::from_parts(parts, chunks)))
    };
    let max = match (plan.is_stream, Kind::of(&parts.headers)) {
        _ if !parts.status.is_success() => MAX_ERROR,
        _ if matches!(plan.answer, Reading::Raw) => {
            let mut parts = parts;
            head::pass(&mut parts, &plan);
            let chunks = Chunks::raw(body, target);
            return Next::Answer(Ok(Response::from_parts(parts, chunks)));
        }
        (true, Kind::Stream(framing)) if plan.takes(framing) => {
            return stream(parts, plan, body, target, framing);
        }
        (true, Kind::Unsaid) => return stream(parts, plan, body, target, Framing::ServerSent),
        (_, Kind::Json) | (false, Kind::Unsaid) => MAX_ANSWER,
        (_, kind) => return Next::Answer(Err(target.blame(unexpected(kind, &parts, &plan)))),
    };
    Next::Collect(Answer {
        parts: Some(parts),
        body,
        collect: Collect::new(max),
        target,
        plan,
    })
}

/// An answer that is neither JSON nor a stream, or one for the other.
fn unexpected(kind: Kind, parts: &Parts, plan: &Plan) -> Error {
    let wanted = if plan.is_stream {
        "a stream of events"
    } else {
        "JSON"
    };
    let name = match kind {
        Kind::Encoded => http::header::CONTENT_ENCODING,
        _ => http::header::CONTENT_TYPE,
    };
    let value = parts.headers.get(&name);
    let value = value.map_or("".into(), |value| String::from_utf8_lossy(value.as_bytes()));
    let message = "the provider's answer is not what was asked for";
    Error::new(Class::Server, message)
        .with_detail(format!("instead of {wanted} there came {name}: {value}"))
}

// ===== impl Answer =====

impl<B> Answer<B> {
    /// Makes of what was collected the answer, or the failure.
    fn read(&mut self, outcome: Result<(), BoxError>) -> Result<Response<Chunks<B>>, Error> {
        let mut parts = self.parts.take().expect("taken once, here");
        if !parts.status.is_success() {
            // The status says enough, if the connection did not last for more.
            let body = self.collect.take();
            return Err(self.target.classify(parts.status, &parts.headers, &body));
        }
        if let Err(error) = outcome {
            let error = Error::from(error);
            if error.class() != Class::Transport || self.collect.is_empty() {
                return Err(error);
            }
            return Err(truncated().with_source(error));
        }
        if self.collect.is_cut() {
            let message = format!("the provider's answer is larger than {MAX_ANSWER} bytes");
            return Err(Error::new(Class::Server, message));
        }
        let chunk = self.plan.read(self.collect.take())?;
        head::rewrite(&mut parts, &self.plan);
        if let Some(usage) = chunk.usage().filter(|_| !self.plan.is_stream) {
            parts.extensions.insert(*usage);
        }
        Ok(Response::from_parts(parts, Chunks::whole(chunk)))
    }
}
