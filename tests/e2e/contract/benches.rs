//! The worlds in which layers are tested, and what happens in them.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use http_body_util::Full;
use steeplechase::{Attempts, Call, Chunk, Class, Error};

use super::Group;
use super::group::A_WHILE;
use crate::police::{Act, Fault};
use crate::world::{self, STREAMED, WHOLE};

/// A world: a request of `R` to the layer, and calls inside that are answered with frames of `D` and
/// errors of `E`.
pub(super) struct Bench<R, D, E> {
    request: fn() -> Request<R>,
    pub(super) scenarios: Vec<Scenario<D, E>>,
    /// How a call is answered that nobody interferes with.
    pub(super) good: Act<D, E>,
    /// With what a service refuses to get ready.
    pub(super) refusal: E,
    /// Whether the layer answers before it knows with what.
    pub(super) early_heads: bool,
}

/// What happens to the calls inside, one after the other; to those after the last as to the last.
pub(super) struct Scenario<D, E> {
    pub(super) name: &'static str,
    pub(super) acts: Vec<Act<D, E>>,
}

/// What a world is made of.
struct Parts<D, E> {
    frames: Vec<D>,
    preamble: fn() -> Act<D, E>,
    failure: E,
}

impl<R, D, E> Bench<R, D, E> {
    /// A request, which is one of the group's.
    pub(super) fn request(&self, group: &Group) -> Request<R> {
        let mut request = (self.request)();
        Attempts::of(request.extensions_mut()).enter(&group.budget);
        request
    }
}

/// Above the translation: calls, chunks and our errors.
pub(super) fn calls() -> Bench<Call, Chunk, Error> {
    bench(|| world::call(STREAMED), chunks())
}

/// The same, but nothing fails: for a layer that lets nothing through for a while after a failure.
pub(super) fn calls_that_do_not_fail() -> Bench<Call, Chunk, Error> {
    let mut bench = calls();
    let fails = |scenario: &Scenario<_, _>| scenario.acts.iter().any(Act::fails);
    bench.scenarios.retain(|scenario| !fails(scenario));
    bench
}

/// The same, for a caller that wants a whole answer.
pub(super) fn whole_calls() -> Bench<Call, Chunk, Error> {
    bench(|| world::call(WHOLE), chunks())
}

/// Over a bare client: bytes, and errors that are none of ours.
pub(super) fn bare() -> Bench<Full<Bytes>, Bytes, Fault> {
    let frames = ["one", "two", "three"].map(Bytes::from);
    let parts = Parts {
        frames: frames.into(),
        preamble: Act::new,
        failure: Fault,
    };
    bench(|| world::post(STREAMED), parts)
}

/// Where requests become calls.
pub(super) fn intake() -> Bench<Full<Bytes>, Chunk, Error> {
    bench(|| world::post(STREAMED), chunks())
}

/// Where calls become requests to a provider, who streams.
pub(super) fn translate() -> Bench<Call, Bytes, Fault> {
    let frames = [
        r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"Bergen"},"finish_reason":null}]}"#,
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        "[DONE]",
    ];
    let frames = frames.map(|data| Bytes::from(format!("data: {data}\n\n")));
    let parts = Parts {
        frames: frames.into(),
        preamble: || Act::new().header(CONTENT_TYPE, "text/event-stream"),
        failure: Fault,
    };
    bench(|| world::call(STREAMED), parts)
}

/// The same, for a layer that answers before it knows with what.
pub(super) fn translate_with_early_heads() -> Bench<Call, Bytes, Fault> {
    Bench {
        early_heads: true,
        ..translate()
    }
}

/// The same, with a provider who streams in another dialect.
pub(super) fn translate_between_dialects() -> Bench<Call, Bytes, Fault> {
    let frames = [
        r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":7,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Bergen"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let parts = Parts {
        frames: frames.map(named_event).into(),
        preamble: || Act::new().header(CONTENT_TYPE, "text/event-stream"),
        failure: Fault,
    };
    bench(|| world::call(STREAMED), parts)
}

/// An event whose name is the type of its data.
fn named_event(data: &str) -> Bytes {
    let name = data.split('"').nth(3).expect("the type comes first");
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

/// The same, with a provider who answers as a whole.
pub(super) fn translate_whole() -> Bench<Call, Bytes, Fault> {
    let halves = [
        r#"{"choices":[{"index":0,"message":{"role":"assistant","#,
        r#""content":"Bergen"},"finish_reason":"stop"}]}"#,
    ];
    let parts = Parts {
        frames: halves.map(Bytes::from).into(),
        preamble: || Act::new().header(CONTENT_TYPE, "application/json"),
        failure: Fault,
    };
    bench(|| world::call(WHOLE), parts)
}

fn chunks() -> Parts<Chunk, Error> {
    Parts {
        frames: vec![
            Chunk::preamble(Bytes::from_static(b"data: {}\n\n")),
            Chunk::content(Bytes::from_static(b"data: {\"a\":1}\n\n")),
            Chunk::content(Bytes::from_static(b"data: {\"a\":2}\n\n")),
            Chunk::end(Bytes::from_static(b"data: [DONE]\n\n")),
        ],
        preamble: Act::new,
        failure: Error::new(Class::Server, "the provider failed"),
    }
}

fn bench<R, D, E>(request: fn() -> Request<R>, parts: Parts<D, E>) -> Bench<R, D, E>
where
    D: Clone,
    E: Clone,
{
    let Parts {
        frames,
        preamble,
        failure,
    } = parts;
    let good = || preamble().head().frames(0, frames.clone());
    let slow = || preamble().polls(2).head().frames(1, frames.clone());
    let fails = || Act::new().polls(1).fail(failure.clone());
    let scenario = |name, acts: Vec<_>| Scenario { name, acts };
    // The last frames come only after the failure, if at all.
    let begun = frames.iter().take(2).cloned();
    let scenarios = vec![
        scenario("an answer at once", vec![good()]),
        scenario("a slow answer", vec![slow()]),
        scenario(
            "an answer that takes its time, as clocks have it",
            vec![
                preamble()
                    .after(A_WHILE)
                    .head()
                    .after(A_WHILE)
                    .frames(1, frames.clone()),
            ],
        ),
        scenario("a failure, and then an answer", vec![fails(), slow()]),
        scenario("failures", vec![fails()]),
        scenario(
            "an answer that says 503, and then one that does not",
            vec![good().status(StatusCode::SERVICE_UNAVAILABLE), slow()],
        ),
        scenario(
            "a silence, and then an answer",
            vec![Act::new().hang(), slow()],
        ),
        scenario("silence", vec![Act::new().hang()]),
        scenario(
            "an answer that fails before it has begun, and then one that does not",
            vec![preamble().head().polls(1).fail(failure.clone()), slow()],
        ),
        scenario(
            "an answer that fails halfway",
            vec![
                preamble()
                    .head()
                    .frames(1, begun.clone())
                    .polls(1)
                    .fail(failure.clone()),
            ],
        ),
        scenario(
            "an answer that falls silent halfway",
            vec![preamble().head().frames(1, begun).hang()],
        ),
        scenario(
            "an answer that ends early",
            vec![preamble().head().frames(1, frames.iter().take(1).cloned())],
        ),
    ];
    Bench {
        request,
        scenarios,
        good: good(),
        refusal: failure,
        early_heads: false,
    }
}
