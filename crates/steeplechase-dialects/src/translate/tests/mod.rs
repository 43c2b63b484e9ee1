mod forward;
mod headroom;
mod merging;
mod mocks;
mod params;
mod pricing;
mod profiles;
mod properties;
mod relay;
mod requests;
mod tallies;
mod translated;
mod unrolled;
mod usage;
mod whole;

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use steeplechase_core::call::{Call, Dialect, Operation};
use steeplechase_core::deployment::{Auth, Deployment};
use steeplechase_core::{ApiKey, Chunk, Error};
use tower::{Layer, ServiceExt};

use super::*;
use crate::intake::scan;

const KEY: &str = "sk-verysecret-0123456789";

/// A body that does what it is told, frame by frame. It can be seen whether it was dropped.
#[derive(Debug, Default)]
struct Script {
    steps: VecDeque<Step>,
    alive: Arc<()>,
}

#[derive(Clone, Debug)]
enum Step {
    Data(Bytes),
    Fail,
    Trailers,
    /// Nothing comes any more.
    Hang,
}

impl Body for Script {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.steps.pop_front() {
            None => Poll::Ready(None),
            Some(Step::Data(data)) => Poll::Ready(Some(Ok(Frame::data(data)))),
            Some(Step::Trailers) => Poll::Ready(Some(Ok(Frame::trailers(http::HeaderMap::new())))),
            Some(Step::Fail) => {
                let error = io::Error::new(io::ErrorKind::ConnectionReset, "reset by peer");
                Poll::Ready(Some(Err(error)))
            }
            Some(Step::Hang) => {
                self.steps.push_front(Step::Hang);
                Poll::Pending
            }
        }
    }
}

fn data(text: &str) -> Step {
    Step::Data(Bytes::copy_from_slice(text.as_bytes()))
}

fn script(steps: impl IntoIterator<Item = Step>) -> Script {
    Script {
        steps: steps.into_iter().collect(),
        alive: Arc::default(),
    }
}

fn openai() -> Arc<Deployment> {
    Deployment::builder("eu-1", "fast", Dialect::OpenAi)
        .upstream_model("gpt-4o-mini")
        .base_url("https://api.example.com/v1/".parse().unwrap())
        .auth(Auth::Bearer(ApiKey::new(KEY)))
        .build()
}

fn anthropic() -> Arc<Deployment> {
    Deployment::builder("eu-2", "fast", Dialect::Anthropic)
        .upstream_model("claude-sonnet-4-5")
        .base_url("https://api.example.com".parse().unwrap())
        .auth(Auth::Header(
            http::HeaderName::from_static("x-api-key"),
            ApiKey::new(KEY),
        ))
        .build()
}

fn call(raw: &str) -> Call {
    let raw = Bytes::copy_from_slice(raw.as_bytes());
    let head = scan(&raw).unwrap();
    Call::new(Operation::Chat, Dialect::OpenAi, raw, head)
}

fn whole_call() -> Call {
    call(r#"{"model":"fast","messages":[{"role":"user","content":"hi"}]}"#)
}

fn streamed_call() -> Call {
    call(r#"{"model":"fast","messages":[{"role":"user","content":"hi"}],"stream":true}"#)
}

/// An answer of an event stream.
fn event_stream(body: Script) -> Response<Script> {
    let response = Response::builder().header("content-type", "text/event-stream");
    response.body(body).unwrap()
}

fn json(status: u16, body: &str) -> Response<Script> {
    let response = Response::builder()
        .status(status)
        .header("content-type", "application/json");
    response.body(script([data(body)])).unwrap()
}

/// What came of a call, and the request that was sent for it.
async fn ask(
    deployment: &Arc<Deployment>,
    call: Call,
    answer: Response<Script>,
) -> (
    Result<Response<Chunks<Script>>, Error>,
    Option<Request<Full<Bytes>>>,
) {
    let sent = Arc::new(Mutex::new(None));
    let answer = Mutex::new(Some(answer));
    let keep = Arc::clone(&sent);
    let client = tower::service_fn(move |request: Request<Full<Bytes>>| {
        keep.lock().unwrap().replace(request);
        let answer = answer.lock().unwrap().take().unwrap();
        async { Ok::<_, io::Error>(answer) }
    });
    let service = TranslateLayer::to(deployment).layer(client);
    let outcome = service.oneshot(Request::new(call)).await;
    let sent = sent.lock().unwrap().take();
    (outcome, sent)
}

/// All chunks of a body, and how it ended.
async fn read<B>(mut body: B) -> (Vec<Chunk>, Option<Error>)
where
    B: Body<Data = Chunk, Error = Error> + Unpin,
{
    let mut chunks = Vec::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => chunks.push(frame.into_data().unwrap()),
            Err(error) => {
                assert!(
                    body.frame().await.is_none(),
                    "nothing comes after a failure"
                );
                return (chunks, Some(error));
            }
        }
    }
    (chunks, None)
}

/// Of each chunk: whether it is content, an end, nothing of the answer's.
fn flags(chunks: &[Chunk]) -> Vec<(bool, bool, bool)> {
    let flags = chunks
        .iter()
        .map(|chunk| (chunk.is_content(), chunk.is_end(), chunk.is_opaque()));
    flags.collect()
}

fn text(chunks: &[Chunk]) -> String {
    let bytes: Vec<u8> = chunks
        .iter()
        .flat_map(|chunk| chunk.data().to_vec())
        .collect();
    String::from_utf8(bytes).unwrap()
}

/// Streams `steps` as the answer of a deployment to a streamed call.
async fn stream(
    deployment: &Arc<Deployment>,
    steps: impl IntoIterator<Item = Step>,
) -> (Vec<Chunk>, Option<Error>) {
    let answer = event_stream(script(steps));
    let (outcome, _) = ask(deployment, streamed_call(), answer).await;
    read(outcome.unwrap().into_body()).await
}
