//! A race, over a bare HTTP client: the same request twice at once, and the first success wins.
//!
//! The server is slow for one and breaks for the other. A failure never wins while another attempt
//! lives, and the loser is cancelled in the same instant in which the winner answers.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use steeplechase::layers::race::RaceLayer;
use steeplechase_sim::{Behaviour, Sim, SimServer};
use tower::{ServiceBuilder, ServiceExt};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let slow = Behaviour::answer().head_after(Duration::from_millis(50));
    let sim = Sim::new("server").script([Behaviour::error(503), slow]);
    let server = SimServer::bind("127.0.0.1:0", sim.clone()).await?;

    let service = ServiceBuilder::new()
        .layer(RaceLayer::new(2))
        .service(Client::builder(TokioExecutor::new()).build_http());

    let call = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;
    let request = Request::post(format!("{}/v1/chat/completions", server.url()))
        .header("content-type", "application/json")
        .body(Full::<Bytes>::from(call))?;
    let answer = service.oneshot(request).await?;
    let status = answer.status();
    answer.into_body().collect().await?;
    println!("{status} of {} attempts", sim.counts().started);
    assert_eq!((status.as_u16(), sim.counts().started), (200, 2));
    server.shutdown().await;
    Ok(())
}
