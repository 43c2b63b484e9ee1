//! The upstreams, the stacks over them, and what drives a call.

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use steeplechase::call::{Call, Dialect, Operation};
use steeplechase::deployment::Profile;
use steeplechase::dialects::intake::scan;
use steeplechase::layers::fallback::Fallbacks;
use steeplechase::layers::hedge::{Delay, HedgeConfig};
use steeplechase::layers::keepalive::KeepaliveConfig;
use steeplechase::preset::{Group, Preset, Stack};
use steeplechase::{Chunk, Deployment, Error};
use steeplechase_sim::Sim;
use tokio::runtime::{Builder, EnterGuard, Runtime};
use tower::{Service, ServiceExt};

use crate::recorder::Atomics;

/// More polls than any answer takes.
const MOST_POLLS: usize = 100_000;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime can be built");
    // With a timer that is due soon, setting a later one wakes nobody: as in a process that is busy.
    runtime.spawn(async {
        loop {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    runtime
});

/// An upstream that has its answer ready. Its bodies never fail.
pub(crate) struct Canned<D, E = Infallible> {
    content_type: HeaderValue,
    frames: Arc<[D]>,
    waits: bool,
    error: PhantomData<fn() -> E>,
}

/// The response future of [`Canned`].
pub(crate) struct Answer<D, E> {
    response: Option<Response<CannedBody<D, E>>>,
    waits: bool,
}

/// The body of [`Canned`]'s answers.
pub(crate) struct CannedBody<D, E> {
    frames: Arc<[D]>,
    next: usize,
    waits: bool,
    has_waited: bool,
    error: PhantomData<fn() -> E>,
}

/// To be held while something is measured that sets timers.
pub(crate) fn enter() -> EnterGuard<'static> {
    RUNTIME.enter()
}

/// Sends a request, and reads the answer to its end. Returns how many bytes it has.
pub(crate) fn run<S, R, B>(service: S, request: R) -> usize
where
    S: Service<R, Response = Response<B>>,
    S::Error: Debug,
    B: Body,
    B::Error: Debug,
{
    let response = finish(service.oneshot(request)).expect("the upstream never fails");
    let mut body = pin!(response.into_body());
    let mut bytes = 0;
    while let Some(frame) = finish(std::future::poll_fn(|cx| body.as_mut().poll_frame(cx))) {
        let frame = frame.expect("the upstream never fails");
        bytes += frame.data_ref().map_or(0, Buf::remaining);
    }
    bytes
}

fn finish<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..MOST_POLLS {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
    panic!("there is no answer after {MOST_POLLS} polls");
}

/// A call as a caller sends it, for a group named `fast`.
pub(crate) fn call(stream: bool) -> Call {
    call_in(Dialect::OpenAi, raw(stream))
}

/// A call for a stream, in a dialect.
pub(crate) fn call_of(dialect: Dialect) -> Call {
    let (_, body) = request(dialect, "fast", true, 1_000);
    call_in(dialect, body)
}

fn call_in(dialect: Dialect, raw: Bytes) -> Call {
    let head = scan(&raw).expect("it is a good request");
    Call::new(Operation::Chat, dialect, raw, head)
}

/// Where a call in a dialect goes, and its bytes.
fn request(dialect: Dialect, model: &str, stream: bool, tokens: usize) -> (&'static str, Bytes) {
    let (path, body) = match dialect {
        Dialect::Anthropic => (
            "/v1/messages",
            serde_json::json!({
                "model": model,
                "max_tokens": tokens + 1,
                "stream": stream,
                "messages": [{"role": "user", "content": "hi"}],
            }),
        ),
        Dialect::Responses => (
            "/v1/responses",
            serde_json::json!({"model": model, "stream": stream, "input": "hi"}),
        ),
        _ => return ("/v1/chat/completions", raw(stream)),
    };
    (path, body.to_string().into())
}

/// The same, before the intake.
pub(crate) fn http_request(raw: &Bytes) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(Bytes::clone(raw)));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = http::Uri::from_static("/v1/chat/completions");
    request
}

/// The bytes of a call: a prompt of some two hundred words.
pub(crate) fn raw(stream: bool) -> Bytes {
    let prompt = "The horses go over hedges, over walls and through water. ".repeat(20);
    let request = serde_json::json!({
        "model": "fast",
        "messages": [
            {"role": "system", "content": "You are a steward."},
            {"role": "user", "content": prompt},
        ],
        "temperature": 0.2,
        "stream": stream,
    });
    request.to_string().into()
}

/// What a provider of `dialect` answers: its frames, one event each if it is a stream.
pub(crate) fn answer(dialect: Dialect, stream: bool, tokens: usize) -> Arc<[Bytes]> {
    let sim = Sim::instant("provider").tokens(tokens);
    let (path, body) = request(dialect, "sim-model", stream, tokens);
    let mut request = http_request(&body);
    *request.uri_mut() = http::Uri::from_static(path);
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if dialect == Dialect::Anthropic {
        let version = HeaderValue::from_static("2023-06-01");
        headers.insert("anthropic-version", version);
    }
    RUNTIME.block_on(async {
        let response = sim.oneshot(request).await.expect("the sim answers");
        assert!(response.status().is_success(), "{response:?}");
        let mut body = response.into_body();
        let mut frames = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.expect("the sim answers");
            frames.push(frame.into_data().expect("a sim sends no trailers"));
        }
        frames.into()
    })
}

/// The recommended stack, with its defaults, over two deployments.
pub(crate) fn preset(dialect: Dialect, upstream: Canned<Bytes>) -> Stack {
    let preset = Preset::new().group(group("fast", dialect));
    preset.build(upstream).expect("the groups are good")
}

/// The recommended stack with all layers on: hedge, keepalive, a fallback, and metrics that count.
pub(crate) fn everything(dialect: Dialect, upstream: Canned<Bytes>) -> Stack {
    metrics::with_local_recorder(&Atomics, || {
        Preset::new()
            .group(group("fast", dialect))
            .group(group("slow", dialect))
            .fallbacks(Fallbacks::default().general("fast", ["slow"]))
            .hedge(HedgeConfig::new(Delay::Auto))
            .keepalive(KeepaliveConfig::new())
            .build(upstream)
            .expect("the groups are good")
    })
}

fn group(model: &'static str, dialect: Dialect) -> Group {
    Group::new(model, deployments(model, dialect))
}

/// Two deployments that are alike.
pub(crate) fn deployments(model: &'static str, dialect: Dialect) -> [Arc<Deployment>; 2] {
    let (upstream_model, spoken) = match dialect {
        Dialect::Anthropic => ("claude-sonnet-4-5", dialect),
        _ => ("sim-model", Dialect::OpenAi),
    };
    let mut profile = Profile::default();
    if dialect == Dialect::Responses {
        profile.responses = Some("/responses".into());
    }
    ["one", "two"].map(|id| {
        Deployment::builder(format!("{model}-{id}"), model, spoken)
            .upstream_model(upstream_model)
            .profile(profile.clone())
            .build()
    })
}

// ===== impl Canned =====

impl Canned<Bytes> {
    /// A provider of `dialect`.
    pub(crate) fn provider(dialect: Dialect, stream: bool, tokens: usize) -> Self {
        let content_type = if stream {
            "text/event-stream; charset=utf-8"
        } else {
            "application/json"
        };
        Self {
            content_type: HeaderValue::from_static(content_type),
            frames: answer(dialect, stream, tokens),
            waits: false,
            error: PhantomData,
        }
    }
}

impl Canned<Chunk, Error> {
    /// A service above the translation: a whole answer in a single frame.
    pub(crate) fn chunk() -> Self {
        let chunk = Chunk::whole(Bytes::from_static(b"{}"));
        Self {
            content_type: HeaderValue::from_static("application/json"),
            frames: [chunk].into(),
            waits: false,
            error: PhantomData,
        }
    }
}

impl<D, E> Canned<D, E> {
    /// Is never ready at once.
    pub(crate) fn waited(mut self) -> Self {
        self.waits = true;
        self
    }
}

impl<D, E> Clone for Canned<D, E> {
    fn clone(&self) -> Self {
        Self {
            content_type: self.content_type.clone(),
            frames: Arc::clone(&self.frames),
            waits: self.waits,
            error: PhantomData,
        }
    }
}

impl<R, D: Buf + Clone, E> Service<R> for Canned<D, E> {
    type Response = Response<CannedBody<D, E>>;
    type Error = E;
    type Future = Answer<D, E>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: R) -> Self::Future {
        let mut response = Response::new(CannedBody {
            frames: Arc::clone(&self.frames),
            next: 0,
            waits: self.waits,
            has_waited: false,
            error: PhantomData,
        });
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, self.content_type.clone());
        Answer {
            response: Some(response),
            waits: self.waits,
        }
    }
}

impl<D, E> Future for Answer<D, E> {
    type Output = Result<Response<CannedBody<D, E>>, E>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        // Who drives it polls again without being woken.
        if std::mem::take(&mut this.waits) {
            return Poll::Pending;
        }
        Poll::Ready(Ok(this.response.take().expect("taken once, here")))
    }
}

impl<D, E> Unpin for Answer<D, E> {}

impl<D: Buf + Clone, E> Body for CannedBody<D, E> {
    type Data = D;
    type Error = E;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<D>, E>>> {
        let this = self.get_mut();
        if this.waits && !std::mem::replace(&mut this.has_waited, true) {
            return Poll::Pending;
        }
        this.has_waited = false;
        let frame = this.frames.get(this.next).cloned();
        this.next += 1;
        Poll::Ready(frame.map(|data| Ok(Frame::data(data))))
    }
}
