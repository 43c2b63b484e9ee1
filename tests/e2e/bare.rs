//! Our layers over an HTTP client, and nothing else of ours.
//!
//! Each case runs twice: over a sim in memory, on a paused clock, and over hyper's client on a socket.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use steeplechase::layers::cooldown::{CooldownConfig, CooldownLayer};
use steeplechase::layers::hedge::HedgeLayer;
use steeplechase::layers::race::RaceLayer;
use steeplechase::layers::retry::{RetryConfig, RetryLayer};
use steeplechase::layers::timeout::TimeoutLayer;
use steeplechase::{BoxError, Class, Phase};
use steeplechase_sim::{Behaviour, Sim, SimServer};
use tokio::time::{Instant, timeout};
use tower::{Layer, Service, ServiceExt};

use crate::world::{STREAMED, WHOLE, post_to};

/// What is waited for on purpose. On a socket it is real.
const DELAY: Duration = Duration::from_millis(40);

/// What is waited for at most, if something is wrong.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a case runs over.
struct World<C> {
    client: C,
    sim: Sim,
    url: String,
}

/// An HTTP client: any.
trait HttpClient:
    Service<Request<Full<Bytes>>, Response = Response<Self::Body>, Error: Into<BoxError> + 'static>
    + Clone
{
    type Body: Body<Data = Bytes, Error: Into<BoxError>> + Unpin;
}

impl<C, B> HttpClient for C
where
    C: Service<Request<Full<Bytes>>, Response = Response<B>, Error: Into<BoxError> + 'static>
        + Clone,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin,
{
    type Body = B;
}

impl<C> World<C> {
    fn request(&self, raw: &'static str) -> Request<Full<Bytes>> {
        post_to(&format!("{}/v1/chat/completions", self.url), raw)
    }

    /// That the loser, or what was given up, is seen to be so at the other end.
    async fn assert_cancelled(&self) {
        let counts = timeout(PATIENCE, self.sim.wait_cancelled(1)).await;
        assert_eq!(counts.expect("the sim is told").cancelled, 1);
    }
}

async fn text<B: Body<Data = Bytes>>(response: Response<B>) -> Option<String> {
    let body = response.into_body().collect().await.ok()?.to_bytes();
    let answer: serde_json::Value = serde_json::from_slice(&body).ok()?;
    Some(
        answer["choices"][0]["message"]["content"]
            .as_str()?
            .to_owned(),
    )
}

fn good() -> Behaviour {
    Behaviour::answer().text("Over the hedge")
}

async fn retry<C: HttpClient>(world: World<C>) {
    let backoff = RetryConfig::new().backoff(Duration::from_millis(1), Duration::from_millis(1));
    let client = RetryLayer::with(backoff).layer(world.client.clone());
    for first in [Behaviour::error(503), Behaviour::reset()] {
        let before = world.sim.counts().started;
        world.sim.enqueue([first, good()]);
        let Ok(answer) = client.clone().oneshot(world.request(WHOLE)).await else {
            panic!("the second attempt is answered");
        };
        assert_eq!(answer.status(), 200);
        assert_eq!(text(answer).await.as_deref(), Some("Over the hedge"));
        assert_eq!(world.sim.counts().started, before + 2);
    }

    // What nobody can help is told as it is, at once: a bare client's answer.
    world.sim.enqueue([Behaviour::error(400)]);
    let Ok(answer) = client.oneshot(world.request(WHOLE)).await else {
        panic!("an answer with an error is an answer");
    };
    assert_eq!(
        (answer.status().as_u16(), world.sim.counts().started),
        (400, 5)
    );
}

async fn hedge<C: HttpClient>(world: World<C>) {
    world.sim.enqueue([Behaviour::stall_before_head(), good()]);
    let client = HedgeLayer::after(DELAY).layer(world.client.clone());
    let started = Instant::now();
    let Ok(answer) = client.oneshot(world.request(WHOLE)).await else {
        panic!("the hedge is answered");
    };
    assert!(started.elapsed() >= DELAY);
    assert_eq!(text(answer).await.as_deref(), Some("Over the hedge"));
    world.assert_cancelled().await;
    assert_eq!(world.sim.counts().started, 2);
}

async fn race<C: HttpClient>(world: World<C>) {
    world.sim.enqueue([Behaviour::stall_before_head(), good()]);
    let client = RaceLayer::new(2).layer(world.client.clone());
    let Ok(answer) = client.oneshot(world.request(WHOLE)).await else {
        panic!("one of them is answered");
    };
    assert_eq!(text(answer).await.as_deref(), Some("Over the hedge"));
    world.assert_cancelled().await;
    assert_eq!(world.sim.counts().started, 2);
}

async fn cooldown<C>(world: World<C>)
where
    C: HttpClient,
    <C::Body as Body>::Error: 'static,
{
    world.sim.set_always(Behaviour::error(500));
    let config = CooldownConfig::new().consecutive(3);
    let client = CooldownLayer::with(config).layer(world.client.clone());
    for _ in 0..3 {
        let answer = client.clone().oneshot(world.request(WHOLE)).await;
        let answer = answer.expect("nothing of ours has failed");
        assert_eq!(
            answer.status(),
            500,
            "an answer of the provider is handed on"
        );
    }
    let refused = client.oneshot(world.request(WHOLE)).await;
    let Err(error) = refused else {
        panic!("the circuit is open");
    };
    assert_eq!(error.class(), Class::Unavailable);
    assert_eq!(world.sim.counts().started, 3);
}

async fn time_out<C: HttpClient>(world: World<C>) {
    let layer = TimeoutLayer::new().first_token(DELAY).byte_idle(DELAY);
    let client = layer.layer(world.client.clone());
    world.sim.enqueue([Behaviour::stall_before_head()]);
    let Err(error) = client.clone().oneshot(world.request(STREAMED)).await else {
        panic!("it never answers");
    };
    assert_eq!(error.class(), Class::Timeout(Phase::FirstToken));
    world.assert_cancelled().await;

    world
        .sim
        .enqueue([Behaviour::answer().stall_after_tokens(2)]);
    let answer = client.oneshot(world.request(STREAMED)).await;
    let body = answer.expect("the head is in time").into_body();
    let error = body.collect().await.expect_err("it never ends");
    assert_eq!(error.class(), Class::Timeout(Phase::ByteIdle));
    let counts = timeout(PATIENCE, world.sim.wait_cancelled(2)).await;
    assert_eq!(counts.expect("the sim is told").in_flight(), 0);
}

macro_rules! over_both {
    ($($name:ident: $case:ident;)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test(start_paused = true)]
            async fn over_a_sim_in_memory() {
                let sim = Sim::new("one");
                let (client, url) = (sim.clone(), "http://one.test".to_owned());
                $case(World { client, sim, url }).await;
            }

            #[tokio::test]
            async fn over_hyper_on_a_socket() {
                let server = SimServer::bind("127.0.0.1:0", Sim::new("one")).await.unwrap();
                let (sim, url) = (server.sim().clone(), server.url());
                let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
                $case(World { client, sim, url }).await;
                server.shutdown().await;
            }
        }
    )*};
}

over_both! {
    retry_tries_again_after_an_error_and_after_a_reset: retry;
    hedge_sends_a_second_and_lets_the_first_go: hedge;
    race_takes_the_first_answer_and_lets_the_other_go: race;
    cooldown_refuses_after_three_failures: cooldown;
    timeout_ends_a_silence_before_the_head_and_one_in_the_body: time_out;
}
