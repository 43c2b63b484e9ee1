//! What callers are answered: calls, failures, keys.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

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
async fn a_model_with_the_suffix_of_claude_code_is_that_without_it() {
    let sim = Sim::new("anthropic").record(2);
    let sim = SimServer::bind("127.0.0.1:0", sim).await.unwrap();
    let program = Program::start(&format!(
        "
model_list:
  - model_name: smart
    litellm_params: {{model: anthropic/claude-sonnet-4-5, api_base: {url}, api_key: up}}
  - model_name: anthropic/*
    litellm_params: {{model: anthropic/*, api_base: {url}, api_key: up}}
",
        url = sim.url()
    ))
    .await;
    for (model, upstream) in [
        ("smart[1m]", "claude-sonnet-4-5"),
        ("anthropic/claude-opus-4-6[1m]", "claude-opus-4-6"),
    ] {
        let mut call = chat(model, false);
        call["max_tokens"] = 9.into();
        let request = Request::post(program.url("/v1/messages"))
            .header("anthropic-beta", "context-1m-2025-08-07")
            .body(Full::from(call.to_string()));
        let answer = send(request.unwrap()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{model}");
        let sent = sim.sim().requests().pop().unwrap();
        assert_eq!(sent.headers["anthropic-beta"], "context-1m-2025-08-07");
        let body: Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(body["model"], upstream);
    }
    let answer = post(&program, "/v1/messages", &chat("nobody[1m]", false)).await;
    assert!(text(answer).await.contains("nobody[1m]"));
}
