//! The dialect of these tests: a frame is a word, `.` is the end, and whoever goes on is asked with what was
//! said so far after the prompt.

mod behaviour;
mod cancelling;
mod model;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use steeplechase_core::attempts::Kind;
use steeplechase_core::call::Head;
use steeplechase_core::{Attempts, Call, Chunk, Class, Dialect, Error, Operation};
use tower::{Layer, ServiceExt};

use super::*;

#[derive(Clone, Copy, Debug)]
struct Words;

#[derive(Clone, Debug, Default)]
struct Said(String);

impl Splice for Words {
    type Seam = Said;

    fn watch(&self, call: &Call) -> Option<Said> {
        call.head().stream.then(Said::default)
    }
}

impl Seam for Said {
    fn hear(&mut self, chunk: &Chunk) -> bool {
        self.0.push_str(str::from_utf8(chunk.data()).unwrap());
        !self.0.contains('#')
    }

    fn call(&mut self, call: &Call) -> Option<Call> {
        let raw = [&call.raw()[..], self.0.as_bytes()].concat();
        let (operation, dialect) = (call.operation(), call.dialect());
        let call = Call::new(operation, dialect, raw.into(), call.head().clone());
        (!self.0.is_empty()).then_some(call)
    }

    fn mark(&self, model: &str) -> Option<Chunk> {
        Some(Chunk::opaque(format!("<{model}>").into()))
    }

    fn join(&mut self, chunk: Chunk) -> Result<Option<Chunk>, Error> {
        match &chunk.data()[..] {
            b"(start)" => Ok(None),
            b"?" => Err(Error::new(Class::Server, "it cannot be read")),
            _ => Ok(Some(chunk)),
        }
    }
}

/// Words as they come, and then the end, a failure, or nothing more.
#[derive(Debug, Default)]
struct Script {
    words: VecDeque<Step>,
    /// What lives as long as the body does.
    _alive: Option<Arc<()>>,
}

#[derive(Clone, Debug)]
enum Step {
    Word(&'static str),
    Fail(Class),
    Hang,
}

impl Body for Script {
    type Data = Chunk;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, Error>>> {
        Poll::Ready(match self.words.pop_front() {
            None => None,
            Some(Step::Word(word)) => Some(Ok(Frame::data(Chunk::content(word.into())))),
            Some(Step::Fail(class)) => Some(Err(Error::new(class, class.as_str()))),
            Some(Step::Hang) => {
                self.words.push_front(Step::Hang);
                return Poll::Pending;
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.words.is_empty()
    }
}

/// What one attempt gets: a body, or a failure.
type Answer = Result<Vec<Step>, Class>;

/// The answers of one attempt after the other.
#[derive(Clone, Default)]
struct World {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<String>>>,
    alive: Arc<()>,
}

type Upstream = tower::util::BoxCloneService<Request<Call>, Response<Script>, Error>;

impl World {
    fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            ..Self::default()
        }
    }

    fn service(&self) -> Upstream {
        let world = self.clone();
        Upstream::new(tower::service_fn(move |request: Request<Call>| {
            let raw = String::from_utf8(request.body().raw().to_vec()).unwrap();
            let continues = request.extensions().get::<Continues>().is_some();
            let mark = if continues { "+" } else { "" };
            world.asked.lock().unwrap().push(format!("{mark}{raw}"));
            let answer = world.answers.lock().unwrap().pop_front().unwrap();
            let alive = Some(Arc::clone(&world.alive));
            async move {
                match answer {
                    Ok(words) => Ok(Response::new(Script {
                        words: words.into(),
                        _alive: alive,
                    })),
                    Err(class) => Err(Error::new(class, "the rest has failed")),
                }
            }
        }))
    }

    /// All that the caller gets of a streamed call, and how it ends.
    async fn ask(&self) -> (String, Option<Error>) {
        self.ask_with(request(true).0).await
    }

    async fn ask_with(&self, request: Request<Call>) -> (String, Option<Error>) {
        let service = ContinuationLayer::new(Words).layer(self.service());
        let mut body = service.oneshot(request).await.unwrap().into_body();
        let mut got = String::new();
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => {
                    got.push_str(str::from_utf8(frame.into_data().unwrap().data()).unwrap());
                }
                Err(error) => {
                    assert!(
                        body.frame().await.is_none(),
                        "nothing comes after a failure"
                    );
                    return (got, Some(error));
                }
            }
        }
        assert!(body.is_end_stream());
        (got, None)
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

fn request(stream: bool) -> (Request<Call>, Attempts) {
    let mut head = Head::default();
    head.model = "fast".into();
    head.stream = stream;
    let call = Call::new(
        Operation::Chat,
        Dialect::OpenAi,
        Bytes::from_static(b"Q "),
        head,
    );
    let mut request = Request::new(call);
    let attempts = Attempts::of(request.extensions_mut());
    (request, attempts)
}

fn words(words: &[&'static str]) -> Vec<Step> {
    words.iter().map(|word| Step::Word(word)).collect()
}

/// Words, and then a failure.
fn broken(said: &[&'static str], class: Class) -> Vec<Step> {
    let mut steps = words(said);
    steps.push(Step::Fail(class));
    steps
}
