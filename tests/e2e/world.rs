//! Calls to make, providers to send them to, and a reader for what comes back.

use std::collections::HashMap;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use steeplechase::call::{Call, Dialect, Operation};
use steeplechase::dialects::intake::scan;
use steeplechase::{BoxError, Deployment};
use steeplechase_sim::Sim;
use tokio::time::Instant;
use tower::Service;

/// The model that all calls here ask for.
pub(crate) const MODEL: &str = "fast";

/// What a caller sends for a streamed answer.
pub(crate) const STREAMED: &str =
    r#"{"model":"fast","stream":true,"messages":[{"role":"user","content":"Where to?"}]}"#;

/// What a caller sends for a whole answer.
pub(crate) const WHOLE: &str =
    r#"{"model":"fast","messages":[{"role":"user","content":"Where to?"}]}"#;

/// A call, as it leaves the intake.
pub(crate) fn call(raw: &'static str) -> Request<Call> {
    let raw = Bytes::from_static(raw.as_bytes());
    let head = scan(&raw).expect("the bodies here are valid");
    Request::new(Call::new(Operation::Chat, Dialect::OpenAi, raw, head))
}

/// A request, as a caller makes it.
pub(crate) fn post(raw: &'static str) -> Request<Full<Bytes>> {
    post_to("/v1/chat/completions", raw)
}

/// A request to another place.
pub(crate) fn post_to(uri: &str, raw: &'static str) -> Request<Full<Bytes>> {
    Request::post(uri)
        .header("content-type", "application/json")
        .body(Full::from(raw))
        .expect("the URIs here are valid")
}

/// A deployment that is served by the sim of the same name in [`Hosts`].
pub(crate) fn deployment(id: &str) -> Arc<Deployment> {
    ranked(id, 0)
}

/// The same, with a rank: while the first can be used, no other is.
pub(crate) fn ranked(id: &str, order: i64) -> Arc<Deployment> {
    let base_url = format!("http://{id}.test/v1");
    Deployment::builder(id, MODEL, Dialect::OpenAi)
        .base_url(base_url.parse().expect("ids here are host names"))
        .order(order)
        .build()
}

/// An HTTP client for a world of sims, each at the host `NAME.test`.
#[derive(Clone, Debug)]
pub(crate) struct Hosts(HashMap<String, Sim>);

impl Hosts {
    pub(crate) fn new<'a>(sims: impl IntoIterator<Item = &'a Sim>) -> Self {
        let sims = sims.into_iter();
        Self(
            sims.map(|sim| (sim.name().to_owned(), sim.clone()))
                .collect(),
        )
    }
}

impl<B> Service<Request<B>> for Hosts
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Response = <Sim as Service<Request<B>>>::Response;
    type Error = <Sim as Service<Request<B>>>::Error;
    type Future = <Sim as Service<Request<B>>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let host = request.uri().host().unwrap_or_default();
        let name = host.strip_suffix(".test").unwrap_or(host);
        let sim = self.0.get_mut(name).expect("every deployment has a sim");
        sim.call(request)
    }
}

/// What a caller has seen of a stream.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The data of the events, in order.
    pub(crate) events: Vec<String>,
    /// When the first event with a token came, since the start of the reading.
    pub(crate) first_token: Option<Duration>,
    /// Whether the body broke off, which is not how a stream of events should end.
    pub(crate) broke_off: bool,
}

impl Seen {
    /// Reads a stream to its end.
    pub(crate) async fn of<B>(response: Response<B>) -> Self
    where
        B: Body,
    {
        let started = Instant::now();
        let mut body = std::pin::pin!(response.into_body());
        let mut seen = Self::default();
        let mut rest = String::new();
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                seen.broke_off = true;
                break;
            };
            let Ok(mut data) = frame.into_data() else {
                continue;
            };
            let data = data.copy_to_bytes(data.remaining());
            rest.push_str(std::str::from_utf8(&data).expect("the sims write whole characters"));
            while let Some(end) = rest.find("\n\n") {
                let event: String = rest.drain(..end + 2).collect();
                seen.take(event.trim_end(), started);
            }
        }
        assert!(rest.is_empty(), "half an event was left: {rest:?}");
        seen
    }

    fn take(&mut self, event: &str, started: Instant) {
        // What is no data is a comment.
        let Some(data) = event.strip_prefix("data: ") else {
            return;
        };
        self.events.push(data.to_owned());
        if self.first_token.is_none() && self.text().is_some_and(|text| !text.is_empty()) {
            self.first_token = Some(started.elapsed());
        }
    }

    /// The events that are JSON.
    pub(crate) fn chunks(&self) -> impl Iterator<Item = Value> + '_ {
        let json = self.events.iter().filter(|event| *event != "[DONE]");
        json.map(|event| serde_json::from_str(event).expect("an event is JSON"))
    }

    /// All of the text. `None` if there is none.
    pub(crate) fn text(&self) -> Option<String> {
        let pieces = self.chunks().filter_map(|chunk| {
            let piece = &chunk["choices"][0]["delta"]["content"];
            piece.as_str().map(str::to_owned)
        });
        pieces.reduce(|text, piece| text + &piece)
    }

    /// The reason for which it says that it has finished.
    pub(crate) fn finish_reason(&self) -> Option<String> {
        self.chunks()
            .find_map(|chunk| Some(chunk["choices"][0]["finish_reason"].as_str()?.to_owned()))
    }

    /// The error event.
    pub(crate) fn error(&self) -> Option<Value> {
        self.chunks().find(|chunk| !chunk["error"].is_null())
    }

    /// Whether it ends as a complete answer does.
    pub(crate) fn is_done(&self) -> bool {
        self.events.last().is_some_and(|event| event == "[DONE]")
    }

    /// The names of the sims that the events are from, each once.
    pub(crate) fn sims(&self) -> Vec<String> {
        let mut sims: Vec<_> = self
            .chunks()
            .filter_map(|chunk| Some(chunk["system_fingerprint"].as_str()?.to_owned()))
            .collect();
        sims.dedup();
        sims
    }
}
