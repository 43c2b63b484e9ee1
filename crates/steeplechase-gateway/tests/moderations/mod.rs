//! Moderations with a model and without, from the outside.

use super::*;

const CHAT: &str = "model_name: fast, litellm_params: {model: openai/gpt-x";
const JUDGE: &str = "model_name: judge, litellm_params: {model: openai/omni-moderation-2024-09-26";

async fn world(models: &[&str], settings: &str) -> (SimServer, Program) {
    let sim = Sim::new("openai").require_key("up");
    let sim = SimServer::bind("127.0.0.1:0", sim).await.unwrap();
    let url = sim.url();
    let models = models
        .iter()
        .map(|model| format!("\n  - {{{model}, api_base: {url}/v1, api_key: up}}}}"));
    let models: String = models.collect();
    let config =
        format!("model_list:{models}\ngeneral_settings: {{master_key: sk-1234{settings}}}\n");
    let program = Program::start(&config).await;
    (sim, program)
}

/// The status of an answer, and the model that it is of, or else its error.
async fn moderated(program: &Program, path: &str, call: Value) -> (u16, Value) {
    let answer = post(program, path, &call).await;
    let status = answer.status().as_u16();
    let mut answer = value(answer).await;
    let field = if status == 200 { "model" } else { "error" };
    (status, answer[field].take())
}

#[tokio::test]
async fn a_moderation_without_a_model_goes_to_the_first_that_is_for_it() {
    let (_sim, program) = world(&[CHAT, JUDGE], "").await;
    for call in [
        json!({"input": "x"}),
        json!({"input": ["x"], "model": null}),
    ] {
        let (status, model) = moderated(&program, "/v1/moderations", call).await;
        assert_eq!((status, model), (200, "omni-moderation-2024-09-26".into()));
    }
    let named = json!({"input": "x", "model": "fast"});
    let (_, model) = moderated(&program, "/v1/moderations", named).await;
    assert_eq!(model, "gpt-x");
}

#[tokio::test]
async fn the_configuration_may_name_another() {
    let (_sim, program) = world(&[JUDGE, CHAT], ", moderation_model: fast").await;
    let call = json!({"input": "x"});
    let (status, model) = moderated(&program, "/moderations/", call).await;
    assert_eq!((status, model), (200, "gpt-x".into()));
}

#[tokio::test]
async fn whoever_names_a_provider_is_answered_by_its_own_default() {
    let (_sim, program) = world(&[CHAT, JUDGE], "").await;
    for (path, call) in [
        (
            "/v1/moderations",
            json!({"input": "x", "custom_llm_provider": "openai"}),
        ),
        (
            "/v1/moderations?custom_llm_provider=openai",
            json!({"input": "x"}),
        ),
    ] {
        let (status, model) = moderated(&program, path, call).await;
        assert_eq!((status, model), (200, "omni-moderation-latest".into()));
    }
    let call = json!({"input": "x", "custom_llm_provider": "groq"});
    let (status, error) = moderated(&program, "/v1/moderations", call).await;
    assert_eq!((status, &error["code"]), (400, &"no_such_provider".into()));
}

#[tokio::test]
async fn where_nobody_is_for_it_the_caller_is_told_what_to_do() {
    let (_sim, program) = world(&[CHAT], "").await;
    let call = json!({"input": "x"});
    let (status, error) = moderated(&program, "/v1/moderations", call).await;
    assert_eq!((status, &error["param"]), (400, &"model".into()));
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("custom_llm_provider"), "{message}");
    assert!(message.contains("moderation_model"), "{message}");

    let request = Request::post(program.url("/v1/moderations"));
    let request = request.body(Full::from(json!({"input": "x"}).to_string()));
    let refused = send(request.unwrap()).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let answer = get(&program, "/v1/moderations", Some("sk-1234")).await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    let request = Request::post(program.url("/v1/moderations"))
        .header("authorization", "Bearer sk-1234")
        .body(Full::from("{"));
    let answer = value(send(request.unwrap()).await).await;
    assert_eq!(answer["error"]["code"], "invalid_json");
}
