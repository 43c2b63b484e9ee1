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
use http::StatusCode;
use http::request::Parts;
use tokio::time::Instant;

use crate::answer::{Answer, HTML, JSON};
use crate::behaviour::{Behaviour, Break, How, Kind, Meaning};
use crate::counts::Ticket;
use crate::dialect::{Asked, Dialect};
use crate::draw::Draw;
use crate::hold::Hold;
use crate::plan::{FrameWriter, Frames, Timeline};
use crate::recorded::Recorded;
use crate::refusal::{Refusal, Why};
use crate::route::{self, Found, Route};
use crate::sim::Sim;

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
    let dialect = route.dialect;
    let behaviour = Arc::clone(&draw.behaviour);
    let verdict = if let Kind::Answer = behaviour.kind {
        match answer(sim, &draw, route, &parts, body) {
            Ok(frames) if frames.stream => {
                let timeline = draw.timeline(frames.tokens);
                let answer = Answer::new(StatusCode::OK, dialect.stream_type(), frames, timeline);
                Verdict::from(answer.behaved(sim, &draw, dialect))
            }
            Ok(frames) => {
                let timeline = draw.timeline(frames.tokens);
                head = timeline.end();
                let rest = head.saturating_sub(timeline.first);
                hold = draw.hold.clone().map(|hold| (hold, rest));
                let answer = Answer::new(StatusCode::OK, JSON, frames, Timeline::NOW);
                Verdict::from(answer.behaved(sim, &draw, dialect))
            }
            // What the behaviour says about how the answer breaks off is not for a refusal.
            Err(refusal) => {
                let answer = Answer::error(refusal.status, dialect.error(&refusal, &draw));
                Verdict::from(answer.dressed(sim, &draw, dialect))
            }
        }
    } else {
        if !matches!(behaviour.kind, Kind::Raw(_)) {
            hold = draw.hold.clone().map(|hold| (hold, Duration::ZERO));
        }
        scripted(sim, &draw, dialect, &behaviour)
    };
    Planned {
        head,
        hold,
        verdict,
        ticket,
    }
}

/// What happens without a look at the request.
fn scripted(sim: &Sim, draw: &Draw, dialect: &dyn Dialect, behaviour: &Behaviour) -> Verdict {
    let error = |why: Why| {
        let refusal = dialect.refusal(&why);
        Answer::error(refusal.status, dialect.error(&refusal, draw))
    };
    let answer = match &behaviour.kind {
        Kind::Reset => return Verdict::Reset,
        Kind::Silent => return Verdict::Silence,
        Kind::Error {
            status,
            body: Some(body),
        } => Answer::piece(*status, JSON, body.clone()),
        Kind::Error { status, body: None } => {
            let refusal = dialect.refusal(&Why::Status(*status));
            Answer::error(*status, dialect.error(&refusal, draw))
        }
        Kind::Means(Meaning::ContextTooLong) => error(Why::ContextTooLong),
        // An answer is made from the request, and not here.
        Kind::Means(Meaning::Overloaded) | Kind::Answer => error(Why::Overloaded),
        Kind::Html(status) => Answer::piece(*status, HTML, html(*status)),
        Kind::Raw(events) => {
            let mut frames = FrameWriter::default();
            for event in events {
                frames.token(|buffer| buffer.extend_from_slice(&event.bytes));
            }
            let (frames, timeline) = (Arc::new(frames.finish()), draw.replay(events));
            Answer::new(StatusCode::OK, dialect.stream_type(), frames, timeline)
        }
    };
    answer.behaved(sim, draw, dialect).into()
}

/// The frames of the answer to a request, if it is a good one.
fn answer(
    sim: &Sim,
    draw: &Draw,
    route: Route,
    parts: &Parts,
    body: Result<Bytes, usize>,
) -> Result<Arc<Frames>, Refusal> {
    let dialect = route.dialect;
    let body = body.map_err(|limit| dialect.refusal(&Why::TooLarge(limit)))?;
    let endpoint = match route.found {
        Found::Endpoint(endpoint) => Some(endpoint),
        Found::Nothing | Found::OtherMethod => None,
    };
    let name = endpoint.and_then(|endpoint| endpoint.name(route::path(parts)));
    let asked = Asked {
        sim,
        draw,
        parts,
        name: name.unwrap_or_default(),
        body: &body,
    };
    dialect.admit(&asked)?;
    let Some(endpoint) = endpoint else {
        return Err(dialect.refusal(&match route.found {
            Found::OtherMethod => Why::wrong_method(parts),
            _ => Why::unknown(parts),
        }));
    };

    dialect.check_head(&asked)?;

    let prebuilt = (sim.config.prebuilt && draw.usual).then_some(&sim.shared.prebuilt);
    if let Some(frames) = prebuilt.and_then(|known| known.find(parts, &body)) {
        return Ok(frames);
    }
    let frames = (endpoint.answer)(&asked)?;
    if let Some(Break {
        how: How::Error(code),
        ..
    }) = &draw.behaviour.breaks
        && !frames.stream
    {
        // There is no stream to report the error in.
        return Err(dialect.refusal(&Why::event(code)));
    }
    let frames = Arc::new(frames);
    if let Some(known) = prebuilt {
        known.insert(parts, &body, &frames);
    }
    Ok(frames)
}

/// What a proxy on the way answers, in place of the provider.
fn html(status: StatusCode) -> Bytes {
    let reason = status.canonical_reason().unwrap_or("Error");
    let title = format!("{} {reason}", status.as_u16());
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n\
         <center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
    .into()
}

impl From<Answer> for Verdict {
    fn from(answer: Answer) -> Self {
        Self::Answer(Box::new(answer))
    }
}
