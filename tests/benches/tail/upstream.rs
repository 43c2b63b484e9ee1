//! The HTTP of a world, which only says how long things take.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use http_body::{Body, Frame};
use http_body_util::Full;
use steeplechase::{Deployment, Dialect};
use tower::Service;

/// Says what becomes of attempts.
pub(crate) trait World: Send + Sync + 'static {
    /// What becomes of an attempt of the call `id` at a deployment that begins now. It may end when it is dropped.
    fn attempt(&self, id: u64, deployment: usize) -> Pending<Ending>;
}

pub(crate) type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// How the wait for the first token ends.
pub(crate) enum Ending {
    /// With a token, and with all the others when this is over.
    Token(Pending<()>),
    /// With a failure.
    Failure,
}

/// What a world was asked for.
#[derive(Debug, Default)]
pub(crate) struct Books {
    started: AtomicU64,
    answered: AtomicU64,
    failed: AtomicU64,
}

/// An HTTP client that has nothing but a world.
pub(crate) struct Upstream<W> {
    world: Arc<W>,
    books: Arc<Books>,
}

/// A stream of two events: the first token and the rest.
pub(crate) struct Stream {
    first: Option<Bytes>,
    rest: Option<Pending<()>>,
}

const FIRST: &[u8] = b"data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\
\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":null}]}\n\n";

const REST: &[u8] =
    b"data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\
\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

const BROKEN: &[u8] = br#"{"error":{"message":"broken","type":"server_error"}}"#;

/// The deployments of a group, as many as are asked for.
pub(crate) fn deployments(count: usize, max_in_flight: Option<u32>) -> Vec<Arc<Deployment>> {
    let deployment = |index: usize| {
        let url: Uri = format!("http://{index}.test/v1")
            .parse()
            .expect("it is a URL");
        // Each is its own provider.
        let builder = Deployment::builder(format!("d{index}"), "fast", Dialect::OpenAi)
            .provider(format!("p{index}"))
            .base_url(url);
        match max_in_flight {
            Some(max) => builder.max_in_flight(max).build(),
            None => builder.build(),
        }
    };
    (0..count).map(deployment).collect()
}

// ===== impl Books =====

impl Books {
    /// How many attempts there were.
    pub(crate) fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// How many attempts were given up.
    pub(crate) fn lost(&self) -> u64 {
        let ended = self.answered.load(Ordering::Relaxed) + self.failed.load(Ordering::Relaxed);
        self.started() - ended
    }
}

// ===== impl Upstream =====

impl<W: World> Upstream<W> {
    pub(crate) fn new(world: W) -> Self {
        Self {
            world: Arc::new(world),
            books: Arc::default(),
        }
    }

    pub(crate) fn books(&self) -> &Books {
        &self.books
    }

    pub(crate) fn world(&self) -> &W {
        &self.world
    }
}

impl<W> Clone for Upstream<W> {
    fn clone(&self) -> Self {
        Self {
            world: Arc::clone(&self.world),
            books: Arc::clone(&self.books),
        }
    }
}

impl<W: World> Service<Request<Full<Bytes>>> for Upstream<W> {
    type Response = Response<Stream>;
    type Error = Infallible;
    type Future = Pending<Result<Response<Stream>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let deployment = deployment_of(request.uri());
        let attempt = self.world.attempt(id_of(request.into_body()), deployment);
        let books = Arc::clone(&self.books);
        books.started.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            Ok(match attempt.await {
                Ending::Token(rest) => {
                    books.answered.fetch_add(1, Ordering::Relaxed);
                    response(StatusCode::OK, "text/event-stream", FIRST, Some(rest))
                }
                Ending::Failure => {
                    books.failed.fetch_add(1, Ordering::Relaxed);
                    let status = StatusCode::INTERNAL_SERVER_ERROR;
                    response(status, "application/json", BROKEN, None)
                }
            })
        })
    }
}

fn response(
    status: StatusCode,
    content_type: &'static str,
    first: &'static [u8],
    rest: Option<Pending<()>>,
) -> Response<Stream> {
    let first = Some(Bytes::from_static(first));
    let mut response = Response::new(Stream { first, rest });
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// The number in front of the host.
fn deployment_of(uri: &Uri) -> usize {
    let number = uri.host().and_then(|host| host.split('.').next());
    number
        .and_then(|number| number.parse().ok())
        .expect("each deployment has a number")
}

/// The number that stands for the user.
fn id_of(mut body: Full<Bytes>) -> u64 {
    const USER: &str = "\"user\":\"";
    let mut cx = Context::from_waker(Waker::noop());
    let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(&mut cx) else {
        panic!("the body is here");
    };
    let bytes = frame.into_data().expect("it is no trailers");
    let text = std::str::from_utf8(&bytes).expect("it is JSON");
    let (_, user) = text.split_once(USER).expect("each call has a number");
    let (number, _) = user.split_once('"').expect("it is a string");
    number.parse().expect("it is a number")
}

// ===== impl Stream =====

impl Body for Stream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        let Some(rest) = &mut self.rest else {
            return Poll::Ready(None);
        };
        ready!(rest.as_mut().poll(cx));
        self.rest = None;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(REST)))))
    }
}
