//! tower-http's layers around the intake.

use std::convert::Infallible;
use std::iter;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, ORIGIN, VARY,
};
use ::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use steeplechase::dialects::intake::{Intake, IntakeLayer};
use steeplechase::{Call, Chunk, Error, Group, Preset, Stack};
use steeplechase_sim::{Behaviour, Sim};
use tower::{ServiceBuilder, ServiceExt};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::request_id::{
    MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::sensitive_headers::SetSensitiveHeadersLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::world::{Hosts, MODEL, STREAMED, Seen, WHOLE, deployment, post};

/// The recommended stack behind the intake, over one sim.
fn app(sim: &Sim) -> Intake<Stack> {
    let preset = Preset::new().group(Group::new(MODEL, [deployment(sim.name())]));
    let stack = preset.build(Hosts::new([sim])).expect("there is one group");
    Intake::new(stack, steeplechase::dialects::intake::IntakeConfig::new())
}

/// A name of its own: under `x-request-id` an answer has the provider's.
const CALL_ID: HeaderName = HeaderName::from_static("x-call-id");

/// Names requests by their number.
#[derive(Clone, Default)]
struct Numbered(Arc<AtomicU32>);

impl MakeRequestId for Numbered {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        HeaderValue::from_str(&format!("call-{number}"))
            .ok()
            .map(RequestId::new)
    }
}

#[tokio::test(start_paused = true)]
async fn all_of_them_at_once_around_the_intake() {
    let sim = Sim::new("one");
    let app = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .layer(SetSensitiveHeadersLayer::new(iter::once(AUTHORIZATION)))
        .layer(SetRequestIdLayer::new(CALL_ID, Numbered::default()))
        .layer(TraceLayer::new_for_http())
        .layer(PropagateRequestIdLayer::new(CALL_ID))
        .layer(CorsLayer::permissive())
        .layer(CompressionLayer::new().gzip(true))
        .layer(server_header())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            Duration::from_secs(60),
        ))
        .service(app(&sim));

    let answer = app.clone().oneshot(post(WHOLE)).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()[CALL_ID], "call-0");
    assert_eq!(answer.headers()["server"], "steeplechase");
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let answer: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(answer["object"], "chat.completion");

    let answer = app.oneshot(post(STREAMED)).await.unwrap();
    assert_eq!(answer.headers()[CALL_ID], "call-1");
    let seen = Seen::of(answer).await;
    assert!(seen.is_done(), "{seen:?}");
    assert_eq!(sim.counts().completed, 2);
}

fn server_header() -> SetResponseHeaderLayer<HeaderValue> {
    let name = HeaderName::from_static("server");
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static("steeplechase"))
}

#[tokio::test(start_paused = true)]
async fn a_trace_hears_of_the_head_of_a_failure_and_of_the_end_of_a_stream() {
    let [failures, ends]: [Arc<AtomicU32>; 2] = Default::default();
    let sim = Sim::new("one").script([Behaviour::error(400), Behaviour::error(500)]);
    let trace = TraceLayer::new_for_http()
        .on_failure(on_failure(Arc::clone(&failures)))
        .on_body_chunk(on_frame(Arc::clone(&ends)));
    let app = ServiceBuilder::new().layer(trace).service(app(&sim));

    let refused = app.clone().oneshot(post(STREAMED)).await.unwrap();
    assert_eq!(refused.status(), 400);
    assert_eq!(
        failures.load(Ordering::Relaxed),
        0,
        "it is the caller's fault"
    );

    sim.set_always(Behaviour::error(500));
    let failed = app.clone().oneshot(post(STREAMED)).await.unwrap();
    assert_eq!(failed.status(), 502);
    assert_eq!(failures.load(Ordering::Relaxed), 1);

    sim.set_always(Behaviour::answer().tokens(3));
    ends.store(0, Ordering::Relaxed);
    let seen = Seen::of(app.oneshot(post(STREAMED)).await.unwrap()).await;
    assert!(seen.is_done());
    assert!(ends.load(Ordering::Relaxed) > 0, "it has seen the frames");
    assert_eq!(failures.load(Ordering::Relaxed), 1);
}

// `S` is the type of a span.
fn on_failure<C, S>(count: Arc<AtomicU32>) -> impl FnMut(C, Duration, &S) + Clone {
    move |_, _, _| {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

fn on_frame<S>(count: Arc<AtomicU32>) -> impl FnMut(&Bytes, Duration, &S) + Clone {
    move |_, _, _| {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(start_paused = true)]
async fn ids_and_sensitive_headers_reach_the_layers_under_the_intake() {
    type Noticed = Arc<Mutex<Option<(Option<RequestId>, bool)>>>;
    let noticed = Noticed::default();
    let notice = {
        let noticed = Arc::clone(&noticed);
        move |request: Request<Call>| {
            let id = request.extensions().get::<RequestId>().cloned();
            let is_sensitive = request.headers()[AUTHORIZATION].is_sensitive();
            *noticed.lock().unwrap() = Some((id, is_sensitive));
            request
        }
    };
    let preset = Preset::new().group(Group::new(MODEL, [deployment("one")]));
    let app = ServiceBuilder::new()
        .layer(SetSensitiveHeadersLayer::new(iter::once(AUTHORIZATION)))
        .layer(SetRequestIdLayer::new(CALL_ID, Numbered::default()))
        .layer(PropagateRequestIdLayer::new(CALL_ID))
        .layer(IntakeLayer::new())
        .map_request(notice)
        .service(preset.build(Hosts::new([&Sim::new("one")])).unwrap());

    let mut request = post(WHOLE);
    let secret = HeaderValue::from_static("Bearer sk-secret");
    request.headers_mut().insert(AUTHORIZATION, secret);
    request
        .headers_mut()
        .insert(CALL_ID, HeaderValue::from_static("mine"));
    let answer = app.oneshot(request).await.unwrap();
    assert_eq!(answer.headers()[CALL_ID], "mine");
    let (id, is_sensitive) = noticed.lock().unwrap().take().unwrap();
    assert_eq!(id.unwrap().header_value(), "mine");
    assert!(is_sensitive);
}

#[tokio::test(start_paused = true)]
async fn an_id_is_not_put_over_the_providers_but_on_a_failure_which_has_none() {
    let sim = Sim::new("one").script([Behaviour::answer(), Behaviour::error(400)]);
    let app = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(Numbered::default()))
        .layer(PropagateRequestIdLayer::x_request_id())
        .service(app(&sim));
    let answer = app.clone().oneshot(post(WHOLE)).await.unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap();
    assert!(id.starts_with("req_"), "{id}");
    let failure = app.oneshot(post(WHOLE)).await.unwrap();
    assert_eq!(failure.headers()["x-request-id"], "call-1");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_answers_in_our_place_and_cancels_the_call() {
    let sim = Sim::new("one").always(Behaviour::stall_before_head());
    let limit = Duration::from_secs(5);
    let app = ServiceBuilder::new()
        .layer(TimeoutLayer::with_status_code(
            StatusCode::GATEWAY_TIMEOUT,
            limit,
        ))
        .service(app(&sim));
    let answer = app.oneshot(post(STREAMED)).await.unwrap();
    assert_eq!(answer.status(), 504);
    assert_eq!(sim.counts().cancelled, 1);
    assert_eq!(
        answer.into_body().collect().await.unwrap().to_bytes().len(),
        0
    );
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer_is_compressed_and_a_stream_and_its_frames_are_not() {
    let sim = Sim::new("one").always(
        Behaviour::answer()
            .tokens(200)
            .token_gap(Duration::from_millis(20)),
    );
    let app = ServiceBuilder::new()
        .layer(CompressionLayer::new().gzip(true))
        .service(app(&sim));
    let ask = |raw| {
        let mut request = post(raw);
        let gzip = HeaderValue::from_static("gzip");
        request.headers_mut().insert(ACCEPT_ENCODING, gzip);
        request
    };

    let answer = app.clone().oneshot(ask(WHOLE)).await.unwrap();
    assert_eq!(answer.headers()[CONTENT_ENCODING], "gzip");
    assert_eq!(answer.headers()[VARY], "accept-encoding");
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(body.starts_with(&[0x1f, 0x8b]), "the mark of gzip");

    let answer = app.oneshot(ask(STREAMED)).await.unwrap();
    assert!(!answer.headers().contains_key(CONTENT_ENCODING));
    assert_eq!(
        answer.headers()[CONTENT_TYPE],
        "text/event-stream; charset=utf-8"
    );
    // A stream that is not held back is here frame by frame.
    let mut body = answer.into_body();
    let mut frames = 0;
    while let Some(frame) = body.frame().await {
        frames += usize::from(frame.unwrap().is_data());
    }
    assert!(frames >= 200, "{frames} frames");
}

#[tokio::test(start_paused = true)]
async fn a_preflight_is_answered_above_the_intake_and_a_call_gets_its_header() {
    let sim = Sim::new("one");
    let app = ServiceBuilder::new()
        .layer(CorsLayer::permissive())
        .service(app(&sim));

    let mut preflight = post("");
    *preflight.method_mut() = Method::OPTIONS;
    let headers = preflight.headers_mut();
    headers.insert(ORIGIN, HeaderValue::from_static("https://app.test"));
    headers.insert(
        "access-control-request-method",
        HeaderValue::from_static("POST"),
    );
    let answer = app.clone().oneshot(preflight).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["access-control-allow-methods"], "*");
    assert_eq!(sim.counts().started, 0);

    let mut request = post(STREAMED);
    let origin = HeaderValue::from_static("https://app.test");
    request.headers_mut().insert(ORIGIN, origin);
    let answer = app.oneshot(request).await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert!(Seen::of(answer).await.is_done());
}

#[tokio::test]
async fn a_panic_under_the_intake_is_a_response() {
    async fn broken(_: Request<Call>) -> Result<Response<Full<Chunk>>, Error> {
        panic!("on purpose, in a test of panics")
    }
    let app = ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .layer(IntakeLayer::new())
        .map_response(|response: Response<Full<Chunk>>| {
            response.map(|body| body.map_err(|never: Infallible| match never {}))
        })
        .service_fn(broken);
    let answer = app.oneshot(post(WHOLE)).await.unwrap();
    assert_eq!(answer.status(), 500);
}
