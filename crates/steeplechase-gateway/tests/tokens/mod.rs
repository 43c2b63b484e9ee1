//! Counts of tokens, from the outside.

use super::*;

async fn world() -> (SimServer, Program) {
    let sim = SimServer::bind("127.0.0.1:0", Sim::new("openai").record(8))
        .await
        .unwrap();
    let config = format!(
        "
model_list:
  - model_name: fast
    litellm_params: {{model: openai/gpt-4o, api_base: {url}/v1, api_key: up}}
    model_info: {{id: fast, max_input_tokens: 1000}}
  - model_name: claude
    litellm_params: {{model: anthropic/claude-sonnet-4-5, api_base: {url}, api_key: up}}
  - model_name: openai/*
    litellm_params: {{model: openai/*, api_base: {url}/v1, api_key: up}}
    model_info: {{id: all}}
router_settings:
  enable_pre_call_checks: true
  model_group_alias: {{quick: fast}}
general_settings:
  master_key: sk-1234
",
        url = sim.url(),
    );
    let program = Program::start(&config).await;
    (sim, program)
}

async fn count(program: &Program, body: Value) -> (StatusCode, Value) {
    let answer = post(program, "/utils/token_counter", &body).await;
    let status = answer.status();
    (status, value(answer).await)
}

#[tokio::test]
async fn tokens_are_counted_as_litellm_counts_them() {
    let (sim, program) = world().await;
    let (status, counted) = count(
        &program,
        json!({"model": "quick", "prompt": "tiktoken is great!"}),
    )
    .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        counted,
        json!({
            "total_tokens": 6,
            "request_model": "quick",
            "model_used": "gpt-4o",
            "tokenizer_type": "openai_tokenizer",
            "is_exact": true,
            "original_response": null,
            "error": false,
            "error_message": null,
            "status_code": null,
        })
    );
    let messages = json!([{"role": "user", "content": "tiktoken is great!"}]);
    for (body, tokens, used) in [
        (
            json!({"model": "fast", "messages": messages, "prompt": null}),
            13,
            "gpt-4o",
        ),
        (
            json!({"model": "openai/gpt-4", "messages": messages}),
            13,
            "gpt-4",
        ),
        // Nobody serves it, and it is a name all the same.
        (
            json!({"model": "gpt-4o-mini", "messages": messages}),
            13,
            "gpt-4o-mini",
        ),
        (
            json!({"model": "fast", "prompt": ["tiktoken", " is great!"]}),
            6,
            "gpt-4o",
        ),
        (
            json!({"model": "fast", "contents": [{"role": "user", "parts": [{"text": "tiktoken is great!"}]}]}),
            13,
            "gpt-4o",
        ),
    ] {
        let (status, counted) = count(&program, body.clone()).await;
        assert_eq!(status, StatusCode::OK, "{counted}");
        assert_eq!(counted["total_tokens"], tokens, "{body} {counted}");
        assert_eq!(counted["model_used"], used);
    }
    let (_, counted) = count(&program, json!({"model": "claude", "messages": messages})).await;
    assert_eq!(counted["tokenizer_type"], "estimate");
    assert_eq!(counted["is_exact"], false);
    assert!(
        (8..=20).contains(&counted["total_tokens"].as_u64().unwrap()),
        "{counted}"
    );
    assert_eq!(sim.sim().counts().started, 0, "nobody is called to count");
}

#[tokio::test]
async fn much_is_counted_too_and_the_gateway_answers_meanwhile() {
    let (_sim, program) = world().await;
    let much = "over the hedge ".repeat(200_000);
    let body = json!({"model": "fast", "prompt": much});
    let (counted, alive) = tokio::join!(
        count(&program, body),
        get(&program, "/health/liveliness", None)
    );
    assert_eq!(alive.status(), StatusCode::OK);
    assert_eq!(counted.0, StatusCode::OK);
    let tokens = counted.1["total_tokens"].as_u64().unwrap();
    assert!((600_000..1_000_000).contains(&tokens), "{tokens}");
}

#[tokio::test]
async fn messages_are_counted_by_the_provider_or_else_here_which_the_answer_says() {
    let (sim, program) = world().await;
    let ask = async |model: &str, text: &str| {
        let messages = json!([{"role": "user", "content": text}]);
        let call = json!({"model": model, "messages": messages});
        let answer = post(&program, "/v1/messages/count_tokens", &call).await;
        assert_eq!(answer.status(), StatusCode::OK, "{model}");
        let header = answer.headers().get("x-steeplechase-tokens").cloned();
        let header = header.map(|value| value.to_str().unwrap().to_owned());
        let tokens = value(answer).await["input_tokens"].as_u64().unwrap();
        (tokens, header)
    };
    let asked = sim.sim().requests().len();
    let (_, said) = ask("claude", "tiktoken is great!").await;
    assert_eq!((said, sim.sim().requests().len()), (None, asked + 1));
    let (tokens, said) = ask("quick", "tiktoken is great!").await;
    assert_eq!((tokens, said.as_deref()), (13, Some("13")));
    let (tokens, said) = ask("openai/mystery", &"over the hedge ".repeat(20_000)).await;
    assert!(tokens > 50_000, "{tokens}");
    assert_eq!(said, Some(format!("{tokens}; estimated")));
    assert_eq!(
        sim.sim().requests().len(),
        asked + 1,
        "nobody else was asked"
    );

    let call = json!({"model": "quick", "messages": "hi"});
    let answer = post(&program, "/v1/messages/count_tokens", &call).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        value(answer).await["error"]["type"],
        "invalid_request_error"
    );
    let call = json!({"model": "nobody", "messages": []});
    let answer = post(&program, "/v1/messages/count_tokens", &call).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_cannot_be_counted_is_refused_by_name() {
    let (_sim, program) = world().await;
    for (body, status, words) in [
        (
            json!({"model": "fast"}),
            400,
            "prompt or messages or contents must be provided",
        ),
        (
            json!({"model": "fast", "prompt": "a", "messages": []}),
            400,
            "give one of",
        ),
        (json!({"prompt": "a"}), 400, "missing field `model`"),
        (
            json!({"model": "fast", "prompt": 7}),
            400,
            "`prompt` must be a text",
        ),
        (
            json!({"model": "fast", "messages": [{"role": "nobody"}]}),
            400,
            "messages[0].role",
        ),
        (
            json!({"model": "fast", "contents": "a"}),
            400,
            "`contents` must be a list",
        ),
        (
            json!({"model": "fast", "prompt": "a".repeat(33 << 20)}),
            413,
            "33554432 bytes",
        ),
    ] {
        let (refused, error) = count(&program, body).await;
        assert_eq!(refused, status, "{error}");
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
    }
    let request = Request::post(program.url("/utils/token_counter"))
        .body(Full::from(r#"{"model":"fast","prompt":"a"}"#));
    assert_eq!(
        send(request.unwrap()).await.status(),
        StatusCode::UNAUTHORIZED
    );
    let answer = get(&program, "/utils/token_counter", Some("sk-1234")).await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()["allow"], "POST");
}

#[tokio::test]
async fn a_prompt_that_does_not_fit_is_refused_without_a_call() {
    let (sim, program) = world().await;
    let ask = async |times: usize| {
        let mut call = chat("fast", false);
        call["messages"][0]["content"] = "over the hedge ".repeat(times).into();
        post(&program, "/v1/chat/completions", &call).await
    };
    // 3 tokens each, and 8 more: counted, as it is near the limit.
    assert_eq!(ask(330).await.status(), StatusCode::OK);
    let refused = ask(331).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let error = value(refused).await;
    assert_eq!(error["error"]["code"], "context_length_exceeded");
    assert_eq!(sim.sim().counts().started, 1);
}

#[tokio::test]
async fn an_answer_whose_usage_was_estimated_says_so_with_its_cost() {
    let (sim, program) = world().await;
    let silent = r#"{"choices":[{"message":{"role":"assistant","content":"over the hedge"},"finish_reason":"stop"}]}"#;
    sim.sim().set_always(Behaviour::error(200).body(silent));
    let answer = post(&program, "/v1/chat/completions", &chat("fast", false)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let cost = answer.headers()["x-steeplechase-cost"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        cost.ends_with("; estimated") && !cost.starts_with("0;"),
        "{cost}"
    );
    let litellm = answer.headers()["x-litellm-response-cost"]
        .to_str()
        .unwrap();
    assert!(litellm.parse::<f64>().unwrap() > 0.0);
}
