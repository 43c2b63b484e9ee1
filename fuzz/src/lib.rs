//! What the fuzz targets drive: the product from the outside, on bytes.
//!
//! ```text
//! answers    bytes ──► a provider's stream, or its whole answer ──► TranslateLayer ──► a caller
//! calls      bytes ──► IntakeLayer ──► TranslateLayer ──► what a provider would be sent
//! ```
//!
//! Nothing may panic or hang, whatever comes. A caller's stream is text, and an end in it was there.

use std::convert::Infallible;

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use steeplechase_core::deployment::{Auth, Deployment};
use steeplechase_core::{ApiKey, Dialect};
use steeplechase_dialects::eventstream::{encode_event, encode_exception};
use steeplechase_dialects::intake::IntakeLayer;
use steeplechase_dialects::translate::TranslateLayer;
use tower::{ServiceBuilder, ServiceExt};

mod pieces;

use pieces::Pieces;

/// The paths at which callers call, and a call at each that has a stream for an answer.
pub const CALLERS: [(&str, &str); 4] = [
    (
        "/v1/chat/completions",
        r#"{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}"#,
    ),
    (
        "/v1/messages",
        r#"{"model":"m","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#,
    ),
    (
        "/v1/responses",
        r#"{"model":"m","stream":true,"input":"hi"}"#,
    ),
    (
        "/v1/completions",
        r#"{"model":"m","stream":true,"prompt":"hi"}"#,
    ),
];

/// Has a provider of `dialect` answer with bytes: the first of `data` says to whom, whether it is a
/// stream, and where it is cut in two.
pub fn answer(dialect: Dialect, data: &[u8]) {
    let [control, cut, data @ ..] = data else {
        return;
    };
    let (path, call) = CALLERS[usize::from(control % 4)];
    let is_stream = control & 4 == 0;
    let call = if is_stream {
        call.to_owned()
    } else {
        call.replace(r#""stream":true,"#, "")
            .replace(r#""stream_options":{"include_usage":true},"#, "")
    };
    // Hardly any bytes are frames with the right sums: of a stream of frames it is what is in them.
    let body = match (is_stream, dialect) {
        (true, Dialect::Bedrock) => framed(data),
        _ => Bytes::copy_from_slice(data),
    };
    let at = usize::from(*cut).min(body.len());
    let pieces = vec![body.slice(..at), body.slice(at..)];
    let kind = match (is_stream, dialect) {
        (false, _) => "application/json",
        (true, Dialect::Bedrock) => "application/vnd.amazon.eventstream",
        (true, _) => "text/event-stream",
    };
    let text = run(dialect, path, call.into(), kind, pieces);
    assert!(
        std::str::from_utf8(&text).is_ok() || !is_translated(dialect, path),
        "no text"
    );
}

/// Frames of an AWS event stream, one for each line: the name of an event, a space, and its payload.
fn framed(lines: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    for line in lines.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        let space = line.iter().position(|b| *b == b' ').unwrap_or(line.len());
        let (name, payload) = line.split_at(space);
        let name = String::from_utf8_lossy(&name[..name.len().min(100)]).into_owned();
        let payload = payload.trim_ascii();
        match name.strip_prefix('!') {
            Some(name) => encode_exception(name, payload, &mut out),
            None => encode_event(&name, payload, &mut out),
        }
    }
    out.freeze()
}

/// Sends a call of any bytes: the first byte says where to, and the next to whom.
pub fn call(data: &[u8]) {
    const PATHS: [&str; 7] = [
        "/v1/chat/completions",
        "/v1/messages",
        "/v1/responses",
        "/v1/completions",
        "/v1/embeddings",
        "/v1/rerank",
        "/v1/messages/count_tokens",
    ];
    let [path, dialect, data @ ..] = data else {
        return;
    };
    let path = PATHS[usize::from(*path) % PATHS.len()];
    let dialect = Dialect::ALL[usize::from(*dialect) % Dialect::ALL.len()];
    let body = Bytes::copy_from_slice(data);
    run(
        dialect,
        path,
        body,
        "application/json",
        vec![Bytes::from_static(b"{}")],
    );
}

/// Whether the bytes of an answer are ours.
fn is_translated(dialect: Dialect, path: &str) -> bool {
    !matches!(
        (dialect, path),
        (Dialect::OpenAi, _) | (Dialect::Anthropic, "/v1/messages")
    )
}

fn run(dialect: Dialect, path: &str, call: Bytes, kind: &'static str, pieces: Vec<Bytes>) -> Bytes {
    let deployment = Deployment::builder("d", "m", dialect)
        .auth(Auth::Bearer(ApiKey::new("K")))
        .drop_params(true)
        .build();
    let client = move |_: Request<Full<Bytes>>| {
        let body = Pieces::new(pieces.clone());
        let mut response = Response::new(body);
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        async move { Ok::<_, Infallible>(response) }
    };
    let service = ServiceBuilder::new()
        .layer(IntakeLayer::new())
        .layer(TranslateLayer::to(&deployment))
        .service_fn(client);
    let request = Request::post(path)
        .body(Full::from(call))
        .expect("the paths are fine");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.expect("a runtime").block_on(async {
        let response = match service.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let body = response.into_body().collect().await;
        body.map(|body| body.to_bytes()).unwrap_or_default()
    })
}
