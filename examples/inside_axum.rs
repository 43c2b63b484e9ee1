//! Model endpoints inside an axum service of your own.
//!
//! The layers are a tower service: mount them under a path, and put what you have around them.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use steeplechase::dialects::intake::IntakeLayer;
use steeplechase::{Deployment, Dialect, Group, Preset};
use steeplechase_sim::Sim;
use tower::{ServiceBuilder, ServiceExt};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let deployments =
        ["eu-1", "us-1"].map(|id| Deployment::builder(id, "fast", Dialect::OpenAi).build());
    let stack = Preset::new()
        .group(Group::new("fast", deployments).lowest_latency())
        // `HttpClient::new()` in earnest.
        .build(Sim::new("provider"))?;
    let models = ServiceBuilder::new()
        .layer(IntakeLayer::new())
        .service(stack);

    let app: Router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route_service("/v1/chat/completions", models.clone())
        .route_service("/v1/embeddings", models);

    // In earnest: `axum::serve(listener, app).await`. Here, one call.
    let call = r#"{"model":"fast","messages":[{"role":"user","content":"hi"}]}"#;
    let request = Request::post("/v1/chat/completions").body(Full::<Bytes>::from(call))?;
    let answer = app.oneshot(request.map(axum::body::Body::new)).await?;
    println!("{}", answer.status());
    println!("{:?}", answer.into_body().collect().await?.to_bytes());
    Ok(())
}
