use super::*;

async fn openai(params: &str, settings: &str) -> World {
    World::new("openai/x", &format!(", api_key: up{params}"), settings).await
}

fn with(fields: &Value) -> Value {
    let mut body = chat("fast", false);
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn dropped(answer: &Response<Incoming>) -> &str {
    let value = answer.headers().get("x-steeplechase-dropped");
    value.map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn fields_are_left_out_if_the_operator_or_the_call_says_so_and_the_answer_says_which() {
    let world = openai(
        ", additional_drop_params: [\"tools[*].function.strict\", top_k]",
        "",
    )
    .await;
    let tool = json!({"type": "function", "function": {"name": "f", "strict": true}});
    let answer = world
        .ask(with(
            &json!({"tools": [tool], "seed": 1, "additional_drop_params": ["seed"]}),
        ))
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(dropped(&answer), "tools[*].function.strict, seed");
    let asked = world.asked();
    assert_eq!(asked["tools"][0]["function"], json!({"name": "f"}));
    assert_eq!(asked.get("seed"), None);
    assert_eq!(asked.get("additional_drop_params"), None);

    let wrong = world
        .ask(with(&json!({"additional_drop_params": ["messages"]})))
        .await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    assert_eq!(
        value(wrong).await["error"]["param"],
        "additional_drop_params"
    );
}

#[tokio::test]
async fn a_parameter_that_a_row_refuses_is_passed_on_if_it_is_allowed() {
    let row = "providers: {openai: {drops: [logit_bias, seed]}}\n";
    let world = openai("", row).await;
    let call = with(&json!({"logit_bias": {"1": 1}}));
    let refused = world.ask(call.clone()).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let mut allowing = call.clone();
    allowing["allowed_openai_params"] = json!(["logit_bias"]);
    assert_eq!(world.ask(allowing.clone()).await.status(), StatusCode::OK);
    assert_eq!(world.asked()["logit_bias"], json!({"1": 1}));

    let settings = format!("{row}general_settings: {{caller_overrides: none}}\n");
    let world = openai("", &settings).await;
    assert_eq!(world.ask(allowing).await.status(), StatusCode::BAD_REQUEST);

    let settings = format!("{row}litellm_settings: {{allowed_openai_params: [logit_bias]}}\n");
    let world = openai(", allowed_openai_params: [seed]", &settings).await;
    assert_eq!(world.ask(call).await.status(), StatusCode::OK);
    assert_eq!(
        world.ask(with(&json!({"seed": 1}))).await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn thoughts_are_in_the_content_if_the_operator_says_so() {
    let params = ", api_key: up, merge_reasoning_content_in_choices: true";
    let world = World::new("anthropic/claude-sonnet-4-5", params, "").await;
    world
        .sim
        .sim()
        .set_always(Behaviour::answer().thinking("so").text("well"));
    let mut thinking = with(&json!({"reasoning_effort": "low", "max_tokens": 9000}));
    let whole = value(world.ask(thinking.clone()).await).await;
    let message = &whole["choices"][0]["message"];
    assert_eq!(message["content"], "<think>so</think>well");
    assert_eq!(message.get("reasoning_content"), None);
    thinking["stream"] = true.into();
    let stream = text(world.ask(thinking).await).await;
    assert!(stream.contains(r#""content":"<think>""#), "{stream}");
    assert!(!stream.contains("reasoning_content"), "{stream}");
    assert!(stream.ends_with("data: [DONE]\n\n"), "{stream}");
}

#[tokio::test]
async fn the_user_speaks_last_where_a_provider_insists_on_it_and_the_operator_allows_it() {
    let mut call = chat("fast", false);
    call["messages"] =
        json!([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "so"}]);
    let params = ", api_key: up";
    let world = World::new("anthropic/claude-opus-4-6", params, "").await;
    assert_eq!(
        world.ask(call.clone()).await.status(),
        StatusCode::BAD_REQUEST
    );
    let settings = "litellm_settings: {modify_params: true}\n";
    let world = World::new("anthropic/claude-opus-4-6", params, settings).await;
    assert_eq!(world.ask(call).await.status(), StatusCode::OK);
    assert_eq!(world.asked()["messages"].as_array().unwrap().len(), 3);
}
