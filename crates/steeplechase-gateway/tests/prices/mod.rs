//! What a call has cost, from the outside.

use super::*;
use crate::program::exits;

/// Two dollars for a million tokens in, eight for a million out.
async fn priced(policy: &str) -> (SimServer, Program) {
    let sim = SimServer::bind("127.0.0.1:0", Sim::new("openai"))
        .await
        .unwrap();
    let config = format!(
        "
model_list:
  - model_name: own
    litellm_params:
      model: openai/gpt-x
      api_base: {url}/v1
      api_key: up
      input_cost_per_token: 2e-06
      output_cost_per_token: 8e-06
    model_info: {{id: own}}
  - model_name: openai/*
    litellm_params: {{model: openai/*, api_base: {url}/v1, api_key: up}}
    model_info: {{id: all}}
general_settings: {{unpriced: {policy}}}
",
        url = sim.url(),
    );
    let program = Program::start(&config).await;
    (sim, program)
}

fn header(answer: &Response<Incoming>, name: &str) -> Option<String> {
    let value = answer.headers().get(name)?;
    Some(value.to_str().unwrap().to_owned())
}

/// The tokens in and out that an answer says it has used.
fn used(answer: &Value) -> (u64, u64) {
    let tokens = |name: &str| answer["usage"][name].as_u64().unwrap();
    (tokens("prompt_tokens"), tokens("completion_tokens"))
}

#[tokio::test]
async fn an_answer_says_what_it_has_cost_and_the_metrics_what_all_have() {
    let (_sim, program) = priced("allow").await;
    let answer = post(&program, "/v1/chat/completions", &chat("own", false)).await;
    let litellm = header(&answer, "x-litellm-response-cost").unwrap();
    let ours = header(&answer, "x-steeplechase-cost").unwrap();
    let (input, output) = used(&value(answer).await);
    let nanos = input * 2_000 + output * 8_000;
    let dollars = |text: &str| (text.parse::<f64>().unwrap() * 1e9).round().to_string();
    assert_eq!(dollars(&litellm), nanos.to_string());
    assert_eq!(dollars(&ours), nanos.to_string());

    // A stream says nothing, and is booked all the same.
    let mut call = chat("own", true);
    call["stream_options"] = json!({"include_usage": true});
    let stream = post(&program, "/v1/chat/completions", &call).await;
    assert_eq!(header(&stream, "x-litellm-response-cost"), None);
    assert_eq!(header(&stream, "x-steeplechase-cost"), None);
    text(stream).await;
    let metrics = text(get(&program, "/metrics", None).await).await;
    let booked = format!(
        "steeplechase_observe_cost_nanodollars_total{{deployment=\"own\"}} {}",
        2 * nanos
    );
    assert!(metrics.contains(&booked), "{booked} is not in {metrics}");
}

#[tokio::test]
async fn a_deployment_of_all_models_costs_what_each_of_them_does() {
    let (_sim, program) = priced("allow").await;
    let mut costs = Vec::new();
    for (model, input_rate, output_rate) in [("gpt-4o", 2_500, 10_000), ("gpt-4o-mini", 150, 600)] {
        let call = chat(&format!("openai/{model}"), false);
        let answer = post(&program, "/v1/chat/completions", &call).await;
        let cost = header(&answer, "x-steeplechase-cost").unwrap();
        let (input, output) = used(&value(answer).await);
        let nanos = input * input_rate + output * output_rate;
        assert_eq!(cost, steeplechase::Cost::from_nanos(nanos).to_string());
        costs.push(nanos);
    }
    assert!(costs[0] > costs[1]);

    let answer = post(
        &program,
        "/v1/chat/completions",
        &chat("openai/mystery", false),
    )
    .await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(
        header(&answer, "x-steeplechase-cost").as_deref(),
        Some("unpriced")
    );
    assert_eq!(header(&answer, "x-litellm-response-cost"), None);
}

#[tokio::test]
async fn a_model_without_a_price_is_refused_where_that_is_wanted() {
    let (sim, program) = priced("deny").await;
    let answer = post(
        &program,
        "/v1/chat/completions",
        &chat("openai/mystery", false),
    )
    .await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let error = &value(answer).await["error"];
    assert_eq!(error["code"], "model_not_priced");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("`openai/mystery` has no price"),
        "{message}"
    );
    assert_eq!(sim.sim().counts().started, 0, "the provider is not asked");

    let answer = post(
        &program,
        "/v1/chat/completions",
        &chat("openai/gpt-4o", false),
    )
    .await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[test]
fn models_are_listed_and_who_finds_none_is_told_what_is_near() {
    let list = |args: &[&str]| exits(&[&["prices"], args].concat(), &[], PATIENCE);
    let (code, out, err) = list(&["gpt-4o", "--provider", "openai"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.starts_with("PROVIDER"), "{out}");

    let (code, out, _) = list(&["voyage", "--mode", "rerank", "--json"]);
    assert_eq!(code, Some(0));
    let models: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert!(!models.is_empty());

    let (code, out, err) = list(&["gpt4o"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("did you mean gpt-4o"), "{err}");
    assert_eq!(list(&["--mode", "poetry"]).0, Some(2));
}
