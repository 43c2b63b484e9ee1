//! A response that only lacks its ticket.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use tokio::time::Instant;

use crate::behaviour::{Break, How};
use crate::body::{Progress, SimBody, Source};
use crate::clock::Clock;
use crate::counts::{Ended, Ticket};
use crate::dialect::{Dialect, ErrorAnswer};
use crate::draw::Draw;
use crate::hold::Hold;
use crate::plan::{Ending, Frames, Timeline};
use crate::sim::Sim;

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");
pub(crate) const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const X_SIM: HeaderName = HeaderName::from_static("x-sim");

/// The head of a response, and how its body is to be sent.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    frames: Arc<Frames>,
    timeline: Timeline,
    limit: usize,
    epilogue: Option<Bytes>,
    ending: Ending,
    keepalive: Option<(Duration, Bytes)>,
    gzip: bool,
    slice: Option<usize>,
    hold: Option<Hold>,
}

impl Answer {
    pub(crate) fn new(
        status: StatusCode,
        content_type: HeaderValue,
        frames: Arc<Frames>,
        timeline: Timeline,
    ) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(header::CONTENT_TYPE, content_type);
        if frames.stream {
            let no_cache = HeaderValue::from_static("no-cache");
            headers.insert(header::CACHE_CONTROL, no_cache);
        }
        for (name, value) in &frames.headers {
            headers.insert(name, value.clone());
        }
        Self {
            status,
            headers,
            limit: frames.bytes.len(),
            frames,
            timeline,
            epilogue: None,
            ending: Ending::Complete,
            keepalive: None,
            gzip: false,
            slice: None,
            hold: None,
        }
    }

    pub(crate) fn piece(status: StatusCode, content_type: HeaderValue, body: Bytes) -> Self {
        let frames = Arc::new(Frames::whole(body, 0));
        Self::new(status, content_type, frames, Timeline::NOW)
    }

    pub(crate) fn error(status: StatusCode, error: ErrorAnswer) -> Self {
        let mut answer = Self::piece(status, JSON, error.body);
        answer.headers.extend(error.headers);
        answer
    }

    /// Adds what the behaviour says about the head and the form of all answers.
    pub(crate) fn dressed(mut self, sim: &Sim, draw: &Draw, dialect: &dyn Dialect) -> Self {
        let behaviour = &draw.behaviour;
        if let Some(name) = sim.name_header() {
            self.headers.insert(X_SIM, name.clone());
        }
        let (name, id) = dialect.request_id(draw);
        if let Ok(id) = HeaderValue::try_from(id) {
            self.headers.insert(name, id);
        }
        if behaviour.gzip {
            let gzip = HeaderValue::from_static("gzip");
            self.headers.insert(header::CONTENT_ENCODING, gzip);
            self.gzip = true;
        }
        for (name, value) in &behaviour.headers {
            self.headers.insert(name, value.clone());
        }
        self.slice = behaviour.slice;
        self
    }

    /// Adds all that the behaviour says.
    pub(crate) fn behaved(self, sim: &Sim, draw: &Draw, dialect: &dyn Dialect) -> Self {
        let mut answer = self.dressed(sim, draw, dialect);
        let behaviour = &draw.behaviour;
        if answer.frames.stream {
            let every = behaviour.comments.filter(|every| !every.is_zero());
            let keepalive = every.zip(dialect.keepalive());
            answer.keepalive = keepalive.map(|(every, bytes)| (every, Bytes::from_static(bytes)));
            answer.hold.clone_from(&draw.hold);
        }
        if let Some(Break { after, how }) = &behaviour.breaks {
            answer.limit = answer.frames.limit(*after);
            answer.ending = how.into();
            if let How::Error(code) = how {
                let sent = &answer.frames.bytes[..answer.limit];
                answer.epilogue = Some(dialect.error_event(code, sent));
            }
        }
        answer
    }

    pub(crate) fn into_response(self, mut ticket: Ticket, arrival: Instant) -> Response<SimBody> {
        if self.status.is_client_error() || self.status.is_server_error() {
            ticket.settle(Ended::Failed);
        }
        let source = Source {
            frames: self.frames,
            timeline: self.timeline,
            limit: self.limit,
            epilogue: self.epilogue,
            ending: self.ending,
            keepalive: self.keepalive,
            clock: Clock::since(arrival),
            hold: self.hold,
            ticket,
            progress: Progress::default(),
        };
        let mut response = Response::new(SimBody::new(source, self.gzip, self.slice));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
