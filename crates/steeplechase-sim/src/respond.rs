//! From a request to what is to be sent, and when.
//!
//! ```text
//! request ─► scripted failure? ─► key? ─► check, as the provider would ─► reply ─► frames ─► answer
//!                  │                │                │
//!                  └────────────────┴────────────────┴──► error, in the provider's own form
//! ```

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};
use tokio::time::Instant;

use crate::behaviour::{Behaviour, Break, How, Kind};
use crate::body::{Progress, SimBody, Source};
use crate::clock::Clock;
use crate::counts::{Ended, Ticket};
use crate::draw::Draw;
use crate::hold::Hold;
use crate::plan::{Ending, FrameWriter, Frames, Timeline};
use crate::recorded::Recorded;
use crate::refusal::Refusal;
use crate::route::{Dialect, Route};
use crate::sim::Sim;
use crate::{anthropic, openai};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const SSE: HeaderValue = HeaderValue::from_static("text/event-stream; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const X_SIM: HeaderName = HeaderName::from_static("x-sim");

/// A request whose body is still being read.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) at: Instant,
    pub(crate) route: Route,
    pub(crate) parts: Parts,
    pub(crate) ticket: Ticket,
    pub(crate) draw: Draw,
}

/// What becomes of a request, and when.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) head: Duration,
    /// What the head waits for, and how long after that it comes.
    pub(crate) hold: Option<(Hold, Duration)>,
    pub(crate) verdict: Verdict,
    pub(crate) ticket: Ticket,
}

#[derive(Debug)]
pub(crate) enum Verdict {
    Answer(Box<Answer>),
    Reset,
    Silence,
}

/// A response that only lacks its ticket.
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

/// Decides. `body` is the request's, or how long it may be at most if it is longer.
pub(crate) fn respond(sim: &Sim, arrival: Arrival, body: Result<Bytes, usize>) -> Planned {
    let Arrival {
        at,
        route,
        parts,
        ticket,
        draw,
    } = arrival;
    if let Ok(body) = &body {
        sim.keep(|| Recorded::new(draw.number, at, &parts, body));
    }

    let mut head = draw.head();
    let mut hold = None;
    let behaviour = Arc::clone(&draw.behaviour);
    let verdict = if let Kind::Answer = behaviour.kind {
        match answer(sim, &draw, route, &parts, body, &behaviour) {
            Ok(frames) if frames.stream => {
                let timeline = draw.timeline(frames.tokens);
                let answer = Answer::new(StatusCode::OK, SSE, frames, timeline);
                answer.verdict(sim, &draw, route.dialect())
            }
            Ok(frames) => {
                let timeline = draw.timeline(frames.tokens);
                head = timeline.end();
                let rest = head.saturating_sub(timeline.first);
                hold = draw.hold.clone().map(|hold| (hold, rest));
                let answer = Answer::new(StatusCode::OK, JSON, frames, Timeline::NOW);
                answer.verdict(sim, &draw, route.dialect())
            }
            Err(refusal) => refuse(sim, &draw, route.dialect(), &refusal),
        }
    } else {
        if !matches!(behaviour.kind, Kind::Raw(_)) {
            hold = draw.hold.clone().map(|hold| (hold, Duration::ZERO));
        }
        scripted(sim, &draw, route.dialect(), &behaviour)
    };
    Planned {
        head,
        hold,
        verdict,
        ticket,
    }
}

/// What happens without a look at the request.
fn scripted(sim: &Sim, draw: &Draw, dialect: Dialect, behaviour: &Behaviour) -> Verdict {
    let answer = match &behaviour.kind {
        Kind::Reset => return Verdict::Reset,
        Kind::Silent => return Verdict::Silence,
        Kind::Error { status, body } => {
            let body = body.clone();
            let body = body.unwrap_or_else(|| Refusal::of_status(*status).render(dialect, draw));
            Answer::piece(*status, JSON, body)
        }
        // An answer is made from the request, and not here.
        Kind::Overloaded | Kind::Answer => {
            let refusal = Refusal::of_code(match dialect {
                Dialect::OpenAi => 503,
                Dialect::Anthropic => 529,
            });
            Answer::piece(refusal.status, JSON, refusal.render(dialect, draw))
        }
        Kind::Html(status) => Answer::piece(*status, HTML, openai::html(*status)),
        Kind::Raw(events) => {
            let mut frames = FrameWriter::default();
            for event in events {
                frames.token(|buffer| buffer.extend_from_slice(&event.bytes));
            }
            let timeline = draw.replay(events);
            Answer::new(StatusCode::OK, SSE, Arc::new(frames.finish()), timeline)
        }
    };
    answer.verdict(sim, draw, dialect)
}

/// The frames of the answer to a request, if it is a good one.
fn answer(
    sim: &Sim,
    draw: &Draw,
    route: Route,
    parts: &Parts,
    body: Result<Bytes, usize>,
    behaviour: &Behaviour,
) -> Result<Arc<Frames>, Refusal> {
    if let Some(key) = &sim.config.key {
        check_key(&parts.headers, &key.0)?;
    }
    let body = body.map_err(Refusal::too_large)?;
    if matches!(route, Route::Messages | Route::CountTokens) {
        anthropic::check_headers(&parts.headers)?;
    }

    let prebuilt = (sim.config.prebuilt && draw.usual).then_some(&sim.shared.prebuilt);
    if let Some(frames) = prebuilt.and_then(|known| known.find(route, &body)) {
        return Ok(frames);
    }
    let frames = match route {
        Route::Chat => openai::chat(sim, draw, &body)?,
        Route::Embeddings => openai::embeddings(draw, &body)?,
        Route::Models => openai::models(sim),
        Route::Messages => anthropic::messages(sim, draw, &body)?,
        Route::CountTokens => anthropic::count_tokens(&body)?,
        Route::Unknown { .. } => return Err(Refusal::unknown(parts)),
        Route::WrongMethod { .. } => return Err(Refusal::wrong_method(parts)),
    };
    if let Some(Break {
        how: How::Error(code),
        ..
    }) = &behaviour.breaks
        && !frames.stream
    {
        // There is no stream to report the error in.
        return Err(Refusal::of_event(code));
    }
    let frames = Arc::new(frames);
    if let Some(known) = prebuilt {
        known.insert(route, &body, &frames);
    }
    Ok(frames)
}

/// Refuses a request that was to be answered. What the behaviour says about how the answer breaks off
/// is not for this.
fn refuse(sim: &Sim, draw: &Draw, dialect: Dialect, refusal: &Refusal) -> Verdict {
    let body = refusal.render(dialect, draw);
    let answer = Answer::piece(refusal.status, JSON, body).dressed(sim, draw, dialect);
    Verdict::Answer(Box::new(answer))
}

fn check_key(headers: &HeaderMap, key: &str) -> Result<(), Refusal> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    let plain = ["x-api-key", "api-key"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok());
    match bearer.or(plain) {
        Some(given) if given == key => Ok(()),
        Some(_) => Err(Refusal::wrong_key()),
        None => Err(Refusal::no_key()),
    }
}

impl Answer {
    fn new(
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

    fn piece(status: StatusCode, content_type: HeaderValue, body: Bytes) -> Self {
        let frames = Arc::new(Frames::whole(body, 0));
        Self::new(status, content_type, frames, Timeline::NOW)
    }

    /// Adds what the behaviour says about the head and the form of all answers.
    fn dressed(mut self, sim: &Sim, draw: &Draw, dialect: Dialect) -> Self {
        let behaviour = &draw.behaviour;
        if let Some(name) = sim.name_header() {
            self.headers.insert(X_SIM, name.clone());
        }
        let request_id = match dialect {
            Dialect::OpenAi => HeaderName::from_static("x-request-id"),
            Dialect::Anthropic => HeaderName::from_static("request-id"),
        };
        if let Ok(id) = HeaderValue::try_from(draw.request_id()) {
            self.headers.insert(request_id, id);
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
    fn verdict(self, sim: &Sim, draw: &Draw, dialect: Dialect) -> Verdict {
        let mut answer = self.dressed(sim, draw, dialect);
        let behaviour = &draw.behaviour;
        if answer.frames.stream {
            let every = behaviour.comments.filter(|every| !every.is_zero());
            answer.keepalive = every.map(|every| (every, keepalive(dialect)));
            answer.hold.clone_from(&draw.hold);
        }
        if let Some(Break { after, how }) = &behaviour.breaks {
            answer.limit = answer.frames.limit(*after);
            answer.ending = how.into();
            if let How::Error(code) = how {
                answer.epilogue = Some(match dialect {
                    Dialect::OpenAi => openai::error_event(code),
                    Dialect::Anthropic => anthropic::error_event(code),
                });
            }
        }
        Verdict::Answer(Box::new(answer))
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

fn keepalive(dialect: Dialect) -> Bytes {
    Bytes::from_static(match dialect {
        Dialect::OpenAi => b": keep-alive\n\n",
        Dialect::Anthropic => b"event: ping\ndata: {\"type\":\"ping\"}\n\n",
    })
}
