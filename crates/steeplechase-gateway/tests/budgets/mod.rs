//! What may be spent, from the outside.

use super::*;

/// A dollar for each token: whatever a call costs is more than the budget of a provider.
fn config(openai: &SimServer, groq: &SimServer, groqs: &str) -> String {
    let priced = "api_key: up, input_cost_per_token: 1, output_cost_per_token: 1";
    format!(
        "
model_list:
  - model_name: fast
    litellm_params: {{model: openai/x, api_base: {openai}/v1, {priced}, order: 1}}
    model_info: {{id: first}}
  - model_name: fast
    litellm_params: {{model: groq/x, api_base: {groq}/v1, {priced}, order: 2}}
    model_info: {{id: second}}
  - model_name: tagged
    litellm_params: {{model: mistral/x, api_base: {groq}/v1, {priced}}}
    model_info: {{id: third}}
router_settings:
  routing_strategy: provider-budget-routing
  optional_pre_call_checks: [router_budget_limiting]
  provider_budget_config:
    openai: {{budget_limit: 0.000000000001, time_period: 1d}}
    groq: {{budget_limit: {groqs}, time_period: 1h}}
litellm_settings:
  tag_budget_config:
    chat-bot: {{max_budget: 0.01, budget_duration: 30m}}
general_settings:
  master_key: sk-1234
",
        openai = openai.url(),
        groq = groq.url(),
    )
}

async fn providers() -> (SimServer, SimServer) {
    let bind = |name: &str| SimServer::bind("127.0.0.1:0", Sim::new(name).require_key("up"));
    (bind("openai").await.unwrap(), bind("groq").await.unwrap())
}

fn header<'a>(answer: &'a Response<Incoming>, name: &str) -> &'a str {
    let value = answer.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

async fn call(program: &Program, body: &Value) -> Response<Incoming> {
    post(program, "/v1/chat/completions", body).await
}

/// Makes a call, to its end, of which it is known who serves it.
async fn served_by(program: &Program, body: &Value, deployment: &str) {
    let answer = call(program, body).await;
    assert_eq!(answer.status(), StatusCode::OK, "{}", program.log());
    assert_eq!(header(&answer, "x-litellm-model-id"), deployment);
    text(answer).await;
}

/// Waits until a budget is booked: a call ends a moment after its caller has seen the last of it.
async fn until_spent(program: &Program, labels: &str) {
    let name = format!("steeplechase_observe_budget_spent_nanodollars{{{labels}}} ");
    let spent = async {
        loop {
            let metrics = text(get(program, "/metrics", None).await).await;
            let line = metrics.lines().find_map(|line| line.strip_prefix(&*name));
            if line.is_some_and(|spent| spent != "0") {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, spent).await.expect(labels);
}

#[tokio::test]
async fn a_provider_that_has_spent_its_budget_is_left_out_and_all_together_are_a_429() {
    let (openai, groq) = providers().await;
    let program = Program::start(&config(&openai, &groq, "0.5")).await;
    served_by(&program, &chat("fast", false), "first").await;
    until_spent(&program, r#"of="provider",name="openai""#).await;
    served_by(&program, &chat("fast", true), "second").await;
    until_spent(&program, r#"of="provider",name="groq""#).await;

    let answer = call(&program, &chat("fast", false)).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = header(&answer, "retry-after").parse().unwrap();
    assert!(
        (3_590..=3_600).contains(&wait),
        "of the first to come back: {wait}"
    );
    let error = &value(answer).await["error"];
    assert_eq!(error["code"], "budget_exceeded");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("that of the provider `groq`, $0.5 for 1h, is spent, for another 3"),
        "{message}"
    );
    assert_eq!(openai.sim().counts().started, 1);
    assert_eq!(groq.sim().counts().started, 1);

    let metrics = text(get(&program, "/metrics", None).await).await;
    let limit =
        r#"steeplechase_observe_budget_limit_nanodollars{of="provider",name="groq"} 500000000"#;
    assert!(metrics.contains(limit), "{metrics}");
}

#[tokio::test]
async fn a_reload_knows_what_was_spent_and_goes_by_the_new_limit() {
    let (openai, groq) = providers().await;
    let program = Program::start(&config(&openai, &groq, "0.5")).await;
    served_by(&program, &chat("fast", false), "first").await;
    until_spent(&program, r#"of="provider",name="openai""#).await;
    served_by(&program, &chat("fast", false), "second").await;
    until_spent(&program, r#"of="provider",name="groq""#).await;

    program.config().replace(&config(&openai, &groq, "1000000"));
    program.hang_up();
    let serves = async {
        while call(&program, &chat("fast", false)).await.status() != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, serves).await.expect("the new limit");
    served_by(&program, &chat("fast", false), "second").await;
    assert_eq!(
        openai.sim().counts().started,
        1,
        "its budget is still spent"
    );
}

#[tokio::test]
async fn a_tag_that_has_spent_its_budget_is_refused_and_others_are_served() {
    let (openai, groq) = providers().await;
    let program = Program::start(&config(&openai, &groq, "0.5")).await;
    let tagged = |tag: &str| {
        let mut body = chat("tagged", false);
        body["metadata"] = json!({"tags": [tag]});
        body
    };
    served_by(&program, &tagged("chat-bot"), "third").await;
    until_spent(&program, r#"of="tag",name="chat-bot""#).await;
    let answer = call(&program, &tagged("chat-bot")).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let message = value(answer).await["error"]["message"].clone();
    let message = message.as_str().unwrap();
    assert!(
        message.contains("of the tag `chat-bot`, $0.01 for 30m"),
        "{message}"
    );
    served_by(&program, &tagged("other"), "third").await;
    served_by(&program, &chat("tagged", false), "third").await;
}
