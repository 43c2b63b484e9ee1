//! One layer, over a bare HTTP client: nothing else of ours.
//!
//! A server answers every other request a second late. A hedge sends a second request when the first
//! is slow, and the first answer wins.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use steeplechase::layers::hedge::{Delay, HedgeConfig, HedgeLayer};
use steeplechase_sim::{Behaviour, Sim, SimServer};
use tokio::time::Instant;
use tower::{ServiceBuilder, ServiceExt};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let slow = Behaviour::answer().head_after(Duration::from_secs(1));
    let sim = Sim::new("server").script([slow.clone(), Behaviour::answer(), slow]);
    let server = SimServer::bind("127.0.0.1:0", sim).await?;

    let http = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let service = ServiceBuilder::new()
        // After 50 ms, a second request; for at most half of all requests.
        .layer(HedgeLayer::with(
            HedgeConfig::new(Delay::Fixed(Duration::from_millis(50))).max_extra(0.5),
        ))
        .service(http);

    let request = Request::post(format!("{}/v1/chat/completions", server.url()))
        .header("content-type", "application/json")
        .body(Full::from(
            r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#,
        ))?;
    let started = Instant::now();
    let answer = service.oneshot(request).await?;
    let status = answer.status();
    answer.into_body().collect().await?;
    println!("{status} after {:?}", started.elapsed());
    assert!(
        started.elapsed() < Duration::from_millis(900),
        "the hedge should have won"
    );
    server.shutdown().await;
    Ok(())
}
