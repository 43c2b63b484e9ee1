//! The program from the outside: the real binary, a real HTTP client, simulated providers on sockets.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[cfg(feature = "aws")]
mod bedrock;
mod prices;
mod program;
mod reload;
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
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use self::program::{Program, exits, run};

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

#[tokio::test]
async fn a_call_is_answered_and_the_headers_say_by_whom() {
    let (_openai, _anthropic, program) = world().await;
    let answer = post(&program, "/v1/chat/completions", &chat("fast", false)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("x-steeplechase-deployment"), "first");
    assert_eq!(header("x-steeplechase-attempts"), "1");
    assert_eq!(header("x-steeplechase-model"), "fast");
    assert_eq!(header("x-litellm-model-id"), "first");
    assert_eq!(header("x-litellm-attempted-retries"), "0");
    assert_eq!(header("x-litellm-attempted-fallbacks"), "0");
    assert!(value(answer).await["choices"][0]["message"]["content"].is_string());
}

#[tokio::test]
async fn a_provider_that_fails_is_made_up_for_by_one_of_another_dialect() {
    let (openai, _anthropic, program) = world().await;
    openai.sim().set_always(Behaviour::error(500));
    let answer = post(&program, "/chat/completions", &chat("quick", true)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["x-steeplechase-deployment"], "second");
    assert_eq!(answer.headers()["x-litellm-attempted-retries"], "1");
    let stream = text(answer).await;
    assert!(stream.ends_with("data: [DONE]\n\n"), "{stream}");
    assert_eq!(stream.matches(r#""role":"assistant""#).count(), 1);
}

#[tokio::test]
async fn who_does_not_show_the_key_gets_nothing() {
    let (openai, _anthropic, program) = world().await;
    let request = Request::post(program.url("/v1/chat/completions"))
        .body(Full::from(chat("fast", false).to_string()));
    let answer = send(request.unwrap()).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers()["www-authenticate"], "Bearer");
    let body = value(answer).await;
    assert_eq!(body["error"]["type"], "authentication_error");
    assert_eq!(body["error"]["code"], "invalid_api_key");
    let answer = get(&program, "/v1/models", Some("wrong")).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(openai.sim().counts().started, 0);
    let metrics = text(get(&program, "/metrics", None).await).await;
    assert!(
        metrics.contains("steeplechase_gateway_refused_total 2"),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_refusal_leaves_the_connection_open_for_the_next_request() {
    let (_openai, _anthropic, program) = world().await;
    let mut socket = tokio::net::TcpStream::connect(program.addr())
        .await
        .unwrap();
    let body = chat("fast", false).to_string();
    for _ in 0..20 {
        // Head and body apart, as many clients send them: the head alone is a reason to refuse.
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        tokio::task::yield_now().await;
        socket.write_all(body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        while !answer.ends_with("}}") {
            let mut more = vec![0; 4096];
            let len = socket.read(&mut more).await.unwrap();
            assert!(len > 0, "the connection was closed after {answer:?}");
            answer.push_str(std::str::from_utf8(&more[..len]).unwrap());
        }
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer:?}");
        assert!(!answer.contains("connection: close"), "{answer}");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_does_not_matter() {
    let (_openai, _anthropic, program) = world().await;
    let answer = post(&program, "/v1/chat/completions/", &chat("fast", false)).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_one() {
    let (_openai, _anthropic, program) = world().await;
    for path in [
        "/v1/models",
        "/v1/models/fast",
        "/health/readiness",
        "/metrics",
    ] {
        let answer = post(&program, path, &Value::Null).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let allow: Vec<_> = answer.headers().get_all("allow").iter().collect();
        let [allow] = allow[..] else {
            panic!("{allow:?} for {path}");
        };
        let allow = allow.to_str().unwrap().replace(' ', "");
        assert_eq!(allow, "GET,HEAD", "{path}");
        let code = value(answer).await["error"]["code"].take();
        assert_eq!(code, "method_not_allowed", "{path}");
    }
}

#[tokio::test]
async fn environment_variables_of_the_file_are_the_providers_default_key_and_url() {
    let sim = Sim::new("openai").require_key("from-file");
    let server = SimServer::bind("127.0.0.1:0", sim).await.unwrap();
    let config = format!(
        "
environment_variables: {{OPENAI_API_KEY: from-file, OPENAI_BASE_URL: {}/v1}}
model_list: [{{model_name: m, litellm_params: {{model: openai/x}}}}]
",
        server.url()
    );
    let program = Program::start(&config).await;
    let answer = post(&program, "/v1/chat/completions", &chat("m", false)).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn without_a_master_key_it_warns_on_an_address_that_others_can_reach() {
    let env = [("OPENAI_API_KEY", "k")];
    let warning = "there is no master key";
    let open = Program::start_with(&["--host", "0.0.0.0"], &env).await;
    assert!(open.banner().contains(warning), "{}", open.banner());
    let local = Program::start_with(&["--host", "localhost"], &env).await;
    assert!(!local.banner().contains(warning), "{}", local.banner());
    let env = [("OPENAI_API_KEY", "k"), ("LITELLM_MASTER_KEY", "sk-1234")];
    let keyed = Program::start_with(&["--host", "0.0.0.0"], &env).await;
    assert!(!keyed.banner().contains(warning), "{}", keyed.banner());
}

#[tokio::test]
async fn told_to_stop_twice_it_ends_at_once() {
    let (openai, _anthropic, mut program) = world().await;
    let endless = Behaviour::answer()
        .tokens(1000)
        .token_gap(Duration::from_millis(100));
    openai.sim().set_always(endless);
    let answer = post(&program, "/v1/chat/completions", &chat("lone", true)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    program.terminate();
    program.wait_closed().await;
    program.terminate();
    assert_eq!(program.exit_code().await, Some(0));
    // It was cut off.
    assert!(answer.into_body().collect().await.is_err());
}

#[tokio::test]
async fn the_pages_tell_models_health_and_metrics() {
    let (_openai, _anthropic, program) = world().await;
    for path in ["/v1/models", "/models"] {
        let models = value(get(&program, path, Some("sk-1234")).await).await;
        let ids: Vec<_> = models["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| &m["id"])
            .collect();
        assert_eq!(ids, ["fast", "lone", "quick"]);
    }
    for path in [
        "/health/liveliness",
        "/health/liveness",
        "/health/readiness",
    ] {
        assert_eq!(get(&program, path, None).await.status(), StatusCode::OK);
    }
    text(post(&program, "/v1/chat/completions", &chat("fast", false)).await).await;
    let metrics = text(get(&program, "/metrics", None).await).await;
    assert!(
        metrics.contains("steeplechase_observe_attempts_total"),
        "{metrics}"
    );
    let answer = get(&program, "/nothing", None).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert_eq!(value(answer).await["error"]["code"], "unknown_url");
}

#[tokio::test]
async fn errors_have_openais_shape_with_the_right_status() {
    let (_openai, _anthropic, program) = world().await;
    let answer = post(&program, "/v1/chat/completions", &chat("mystery", false)).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert_eq!(value(answer).await["error"]["code"], "model_not_found");

    // A provider that refuses our key is a bad gateway: nothing is wrong with the caller's.
    for (upstream, status, kind) in [
        (400, 400, "invalid_request_error"),
        (429, 429, "rate_limit_error"),
        (401, 502, "api_error"),
    ] {
        // A world for each, as a deployment may be left alone after it has failed.
        let (openai, _anthropic, program) = world().await;
        let refusal = Behaviour::error(upstream).header("retry-after", "0");
        openai.sim().set_always(refusal);
        let answer = post(&program, "/v1/chat/completions", &chat("lone", false)).await;
        assert_eq!(answer.status(), status, "for {upstream}");
        let body = value(answer).await;
        assert_eq!(body["error"]["type"], kind, "for {upstream}");
        assert!(!body.to_string().contains("127.0.0.1"), "{body}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_sent() {
    let (openai, _anthropic, program) = world().await;
    let mut socket = tokio::net::TcpStream::connect(program.addr())
        .await
        .unwrap();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer sk-1234\r\n\
         content-length: {}\r\n\r\n",
        32 * 1024 * 1024 + 1
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = timeout(PATIENCE, socket.read_to_end(&mut answer)).await;
    read.expect("an answer in time").unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("request_too_large"), "{answer}");
    assert_eq!(openai.sim().counts().started, 0);
}

#[tokio::test]
async fn told_to_stop_it_finishes_what_it_has_begun_takes_nothing_new_and_exits_with_0() {
    let (openai, _anthropic, mut program) = world().await;
    let slow = Behaviour::answer()
        .tokens(8)
        .token_gap(Duration::from_millis(100));
    openai.sim().set_always(slow);
    let answer = post(&program, "/v1/chat/completions", &chat("lone", true)).await;
    assert_eq!(answer.status(), StatusCode::OK);

    program.terminate();
    program.wait_closed().await;
    let stream = text(answer).await;
    assert!(stream.ends_with("data: [DONE]\n\n"), "{stream}");
    assert_eq!(program.exit_code().await, Some(0));
}

#[test]
fn a_wrong_configuration_is_named_with_key_line_and_fix_and_the_exit_code_is_2() {
    let (code, _, stderr) = run(
        &["--config", "{file}"],
        "model_list:\n  - model_name: m\n    litellm_params:\n      model: openai/x\nrouter_settings:\n  num_retries: many\n",
        &[],
    );
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains(":6: router_settings.num_retries:"),
        "{stderr}"
    );
    assert!(stderr.contains("many"), "{stderr}");
}

#[test]
fn with_nobody_to_call_it_says_how_to_name_somebody() {
    let (code, _, stderr) = run(&[], "", &[]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("--config") && stderr.contains("OPENAI_API_KEY"),
        "{stderr}"
    );
}

#[tokio::test]
async fn without_a_file_every_key_in_the_environment_is_a_provider() {
    let sim = Sim::new("groq").require_key("gsk");
    let server = SimServer::bind("127.0.0.1:0", sim).await.unwrap();
    let base = format!("{}/v1", server.url());
    let env = [("OPENAI_API_KEY", "gsk"), ("OPENAI_BASE_URL", &base)];
    let program = Program::start_with(&[], &env).await;
    assert!(
        program.banner().contains("providers: openai"),
        "{}",
        program.banner()
    );
    assert!(
        program.banner().contains("curl http://127.0.0.1:"),
        "{}",
        program.banner()
    );
    let answer = post(
        &program,
        "/v1/chat/completions",
        &chat("openai/gpt-new", false),
    )
    .await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(value(answer).await["model"], "gpt-new");
}

#[test]
fn the_demo_ends_by_itself_with_a_table() {
    let (code, stdout, stderr) = exits(&["demo", "--once"], &[], Duration::from_secs(60));
    assert_eq!(code, Some(0), "{stderr}");
    for row in ["no resilience", "retry", "retry + hedge", "race of two"] {
        assert!(stdout.contains(row), "{stdout}");
    }
}

#[tokio::test]
async fn a_provider_of_ones_own_is_called_by_its_name_and_by_its_rules() {
    let sim = SimServer::bind("127.0.0.1:0", Sim::new("house").require_key("up"));
    let sim = sim.await.unwrap();
    let program = Program::start(&format!(
        "providers: {{house: {{base_url: \"{}/v1\", key_env: [HOUSE_KEY], ignored: [user]}}}}
environment_variables: {{HOUSE_KEY: up}}
model_list: [{{model_name: mine, litellm_params: {{model: house/small}}}}]
",
        sim.url()
    ))
    .await;
    let mut call = chat("mine", false);
    call["user"] = "u".into();
    let answer = post(&program, "/v1/chat/completions", &call).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["x-steeplechase-dropped"], "user");
    assert_eq!(value(answer).await["model"], "small");
}

#[test]
fn a_provider_that_nobody_knows_is_exit_code_two() {
    let (code, stdout, stderr) = exits(&["providers", "grok"], &[], PATIENCE);
    assert_eq!((code, &*stdout), (Some(2), ""));
    assert!(stderr.contains("did you mean `groq`?"), "{stderr}");
}
