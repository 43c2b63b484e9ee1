//! Small frames over real sockets, which nobody may hold back.
//!
//! With Nagle's algorithm on one of the legs, a small frame waits for the acknowledgement of the one
//! before it, which the other side delays for 40 ms. It shows on connections that are used again and
//! again, so all exchanges here are on one.
//!
//! ```text
//!  caller ═══ TCP ═══ the gateway ═══ TCP ═══ SimServer
//!         request, response, request, …                             a frame, 1 ms, a frame, …
//! ```

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use steeplechase::dialects::intake::IntakeConfig;
use steeplechase::http_client::HttpClientConfig;
use steeplechase::{Deployment, Dialect, Group, HttpClient, Preset};
use steeplechase_gateway::app::{Parts, app};
use steeplechase_gateway::server::{Server, ServerConfig};
use steeplechase_sim::{Behaviour, Sim, SimServer};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::world::{MODEL, STREAMED, post_to};

const EXCHANGES: usize = 100;
const TOKENS: usize = 3;

/// What the acknowledgement of a frame is delayed by.
const STALL: Duration = Duration::from_millis(40);

/// The gateway's own service and socket, in front of a provider on a socket. It serves for as long as
/// the set is kept.
async fn gateway(url: &str, client: HttpClient) -> (SocketAddr, JoinSet<()>) {
    let deployment = Deployment::builder("one", MODEL, Dialect::OpenAi)
        .base_url(format!("{url}/v1").parse().expect("a server has a URL"))
        .build();
    let preset = Preset::new().group(Group::new(MODEL, [deployment]));
    let service = app(Parts {
        stack: preset.build(client).expect("there is one group"),
        master_key: None,
        key_header: None,
        metrics: None,
        intake: IntakeConfig::new(),
        passthrough: None,
        decisions: None,
        moderation_model: None,
    });
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = Server::bind(free, ServerConfig::new())
        .await
        .expect("a free port");
    let addr = server.addr().expect("it is bound");
    let mut serving = JoinSet::new();
    serving.spawn(server.serve(service, std::future::pending()));
    (addr, serving)
}

#[tokio::test]
async fn frames_of_sequential_streams_on_one_connection_are_never_held_back() {
    assert_swift(HttpClient::new()).await;
}

#[tokio::test]
async fn nor_are_they_if_the_provider_speaks_http_2() {
    let config = HttpClientConfig::new().http2_prior_knowledge(true);
    assert_swift(HttpClient::with(config)).await;
}

/// That exchanges take no longer than the frames take to be written.
async fn assert_swift(client: HttpClient) {
    let gap = Duration::from_millis(1);
    let frames = Behaviour::answer()
        .tokens(TOKENS)
        .first_token_after(gap)
        .token_gap(gap);
    let sim = SimServer::bind("127.0.0.1:0", Sim::new("one").always(frames))
        .await
        .expect("a free port");
    let (addr, _serving) = gateway(&sim.url(), client).await;
    let caller: Client<_, Full<Bytes>> =
        Client::builder(TokioExecutor::new()).build(HttpConnector::new());

    let mut exchanges = Vec::with_capacity(EXCHANGES);
    let mut waits = Vec::with_capacity(EXCHANGES * (TOKENS + 1));
    for _ in 0..EXCHANGES {
        let begun = Instant::now();
        let request = post_to(&format!("http://{addr}/v1/chat/completions"), STREAMED);
        let answer = caller.request(request).await.expect("it is served");
        assert_eq!(answer.status(), 200);
        let mut body = answer.into_body();
        let mut since = Instant::now();
        let mut frames = 0;
        while let Some(frame) = body.frame().await {
            frame.expect("nobody fails");
            waits.push(since.elapsed());
            since = Instant::now();
            frames += 1;
        }
        assert!(
            frames >= TOKENS,
            "{frames} frames: they were not written one by one"
        );
        exchanges.push(begun.elapsed());
    }
    sim.shutdown().await;

    // Medians, so that a machine that is busy with other things does not matter.
    let total: Duration = exchanges.iter().sum();
    let (wait, exchange) = (median(waits), median(exchanges));
    assert!(wait < STALL / 4, "a frame takes {wait:?}");
    assert!(exchange < STALL / 2, "an exchange takes {exchange:?}");
    assert!(total < STALL * 100, "{EXCHANGES} exchanges take {total:?}");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
