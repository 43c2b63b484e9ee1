//! The program from the outside: the real binary, a real HTTP client, simulated providers on sockets.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod answers;
mod azure;
#[cfg(feature = "aws")]
mod bedrock;
mod budgets;
mod controls;
mod decisions;
mod embeddings;
mod line;
mod moderations;
mod params;
mod paths;
mod prices;
mod program;
mod reach;
mod reload;
mod set_up;
mod stops;
mod tokens;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use steeplechase_sim::{Behaviour, Sim, SimServer};
use tokio::time::timeout;

use self::program::Program;

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

fn chat(model: &str, stream: bool) -> Value {
    json!({"model": model, "stream": stream, "messages": [{"role": "user", "content": "hi"}]})
}

async fn send(request: Request<Full<Bytes>>) -> Response<Incoming> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let answer = timeout(PATIENCE, client.request(request)).await;
    answer.expect("an answer in time").expect("an answer")
}

async fn post(program: &Program, path: &str, body: &Value) -> Response<Incoming> {
    let request = Request::post(program.url(path))
        .header("content-type", "application/json")
        .header("authorization", "Bearer sk-1234")
        .body(Full::from(body.to_string()));
    send(request.unwrap()).await
}

async fn get(program: &Program, path: &str, key: Option<&str>) -> Response<Incoming> {
    let mut request = Request::get(program.url(path));
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    send(request.body(Full::default()).unwrap()).await
}

async fn text(response: Response<Incoming>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.into()).unwrap()
}

async fn value(response: Response<Incoming>) -> Value {
    serde_json::from_str(&text(response).await).unwrap()
}

/// A file with two providers for `fast`, of different dialects, and one for `lone`.
fn config(openai: &SimServer, anthropic: &SimServer) -> String {
    format!(
        "
model_list:
  - model_name: fast
    litellm_params: {{model: openai/gpt-x, api_base: {openai}/v1, api_key: up, order: 1}}
    model_info: {{id: first}}
  - model_name: fast
    litellm_params: {{model: anthropic/claude-x, api_base: {anthropic}, api_key: up, order: 2}}
    model_info: {{id: second}}
  - model_name: lone
    litellm_params: {{model: openai/gpt-x, api_base: {openai}/v1, api_key: up}}
    model_info: {{id: lone}}
router_settings:
  model_group_alias: {{quick: fast}}
general_settings:
  master_key: sk-1234
",
        openai = openai.url(),
        anthropic = anthropic.url(),
    )
}

async fn world() -> (SimServer, SimServer, Program) {
    let bind = |name: &str| SimServer::bind("127.0.0.1:0", Sim::new(name).require_key("up"));
    let openai = bind("openai").await.unwrap();
    let anthropic = bind("anthropic").await.unwrap();
    let program = Program::start(&config(&openai, &anthropic)).await;
    (openai, anthropic, program)
}
