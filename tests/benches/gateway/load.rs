//! The callers: connections that are kept, one request at a time on each.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tower::BoxError;

/// What is asked for, over how many connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) requests: usize,
    pub(crate) stream: bool,
}

/// What has been seen of a stream, whose events may be split anywhere.
#[derive(Debug, Default)]
struct Seen {
    events: usize,
    /// The last bytes, as many as [`END`] has.
    tail: Vec<u8>,
}

/// How a stream ends.
const END: &[u8] = b"data: [DONE]\n\n";

/// What became of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Of each request, to its end, or to its first event if it was a stream. Sorted.
    pub(crate) latencies: Vec<Duration>,
    pub(crate) events: usize,
    pub(crate) failed: usize,
    pub(crate) took: Duration,
}

impl Load {
    /// Sends the requests. A connection that fails is opened again for the next one.
    pub(crate) async fn send(self, to: SocketAddr) -> Outcome {
        let left = Arc::new(AtomicUsize::new(self.requests));
        let started = Instant::now();
        let mut callers = JoinSet::new();
        for _ in 0..self.connections {
            callers.spawn(self.caller(to, Arc::clone(&left)));
        }
        let mut all = Outcome::default();
        for outcome in callers.join_all().await {
            all.latencies.extend(outcome.latencies);
            all.events += outcome.events;
            all.failed += outcome.failed;
        }
        all.took = started.elapsed();
        all.latencies.sort_unstable();
        all
    }

    async fn caller(self, to: SocketAddr, left: Arc<AtomicUsize>) -> Outcome {
        let take = |left: usize| left.checked_sub(1);
        let mut outcome = Outcome::default();
        let mut connection = None;
        while left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok()
        {
            if let Ok((latency, events)) = self.request(to, &mut connection).await {
                outcome.latencies.push(latency);
                outcome.events += events;
            } else {
                connection = None;
                outcome.failed += 1;
            }
        }
        outcome
    }

    async fn request(
        self,
        to: SocketAddr,
        connection: &mut Option<SendRequest<Full<Bytes>>>,
    ) -> Result<(Duration, usize), BoxError> {
        let sender = match connection {
            Some(sender) => sender,
            None => connection.insert(connect(to).await?),
        };
        sender.ready().await?;
        let started = Instant::now();
        let response = sender.send_request(request(to, self.stream)?).await?;
        if !response.status().is_success() {
            return Err(format!("the answer was {}", response.status()).into());
        }
        let mut body = response.into_body();
        let mut first = None;
        let mut seen = Seen::default();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame?.into_data() {
                first.get_or_insert_with(|| started.elapsed());
                seen.bytes(&data);
            }
        }
        if self.stream && !seen.is_complete() {
            return Err("the stream broke off".into());
        }
        let latency = first.filter(|_| self.stream);
        Ok((latency.unwrap_or_else(|| started.elapsed()), seen.events))
    }
}

impl Seen {
    fn bytes(&mut self, data: &[u8]) {
        let mut last = self.tail.last().copied();
        for byte in data {
            // A blank line is after an event.
            self.events += usize::from(last == Some(b'\n') && *byte == b'\n');
            last = Some(*byte);
        }
        self.tail
            .extend_from_slice(&data[data.len().saturating_sub(END.len())..]);
        self.tail.drain(..self.tail.len().saturating_sub(END.len()));
    }

    fn is_complete(&self) -> bool {
        self.tail == END
    }
}

impl Outcome {
    /// A quantile of the latencies.
    pub(crate) fn quantile(&self, per_cent: usize) -> Duration {
        let index = self.latencies.len() * per_cent / 100;
        self.latencies.get(index).copied().unwrap_or_default()
    }
}

async fn connect(to: SocketAddr) -> Result<SendRequest<Full<Bytes>>, BoxError> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

fn request(to: SocketAddr, stream: bool) -> Result<Request<Full<Bytes>>, http::Error> {
    const PROMPT: &str = "The horses go over hedges, over walls and through water.";

    let body = format!(
        r#"{{"model":"m","messages":[{{"role":"user","content":"{PROMPT}"}}],"stream":{stream}}}"#
    );
    Request::post("/v1/chat/completions")
        .header(header::HOST, to.to_string())
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(body))
}
