//! Our layers inside somebody else's proxy.
//!
//! The proxy knows nothing of models: it takes a request, puts another authority on it, and sends it
//! on. A retry and a breaker around its client make it hold up when the server behind it does not.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use steeplechase::layers::cooldown::CooldownLayer;
use steeplechase::layers::retry::{RetryConfig, RetryLayer};
use steeplechase::layers::timeout::TimeoutLayer;
use steeplechase_sim::{Behaviour, Sim, SimServer};
use tower::{ServiceBuilder, ServiceExt};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let sim = Sim::new("server").script([Behaviour::error(503), Behaviour::reset()]);
    let server = SimServer::bind("127.0.0.1:0", sim.clone()).await?;
    let authority = server.addr().to_string();

    let backoff = RetryConfig::new().backoff(Duration::from_millis(10), Duration::from_secs(1));
    let proxy = ServiceBuilder::new()
        .map_request(move |mut request: Request<Full<Bytes>>| {
            let path = request.uri().path().to_owned();
            *request.uri_mut() = Uri::builder()
                .scheme("http")
                .authority(authority.as_str())
                .path_and_query(path)
                .build()
                .expect("the parts of a URI make a URI");
            request
        })
        .layer(RetryLayer::with(backoff))
        .layer(CooldownLayer::new())
        .layer(TimeoutLayer::new().first_token(Duration::from_secs(5)))
        .service(Client::builder(TokioExecutor::new()).build_http());

    let call = r#"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#;
    let request = Request::post("/v1/chat/completions").body(Full::from(call))?;
    let answer = proxy.oneshot(request).await?;
    let (status, attempts) = (answer.status(), sim.counts().started);
    answer.into_body().collect().await?;
    println!("{status} after {attempts} attempts");
    assert_eq!((status.as_u16(), attempts), (200, 3));
    server.shutdown().await;
    Ok(())
}
