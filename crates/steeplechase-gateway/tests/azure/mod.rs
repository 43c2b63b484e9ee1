//! Azure, from the outside: what is of a deployment, and what is of the resource.

use super::*;

async fn world(api_version: &str) -> (SimServer, Program) {
    let sim = Sim::new("azure").require_key("K");
    let sim = SimServer::bind("127.0.0.1:0", sim).await.unwrap();
    let config = format!(
        "
model_list:
  - model_name: smart
    litellm_params: {{model: azure/prod, api_base: {url}, api_key: K, api_version: {api_version}}}
  - model_name: art
    litellm_params: {{model: azure/dall-e, api_base: {url}, api_key: K, api_version: {api_version}}}
",
        url = sim.url(),
    );
    let program = Program::start(&config).await;
    (sim, program)
}

#[tokio::test]
async fn a_response_is_asked_for_as_it_is_whatever_the_version() {
    for version in ["2024-10-21", "2025-04-01-preview", "v1"] {
        let (_sim, program) = world(version).await;
        let call = json!({"model": "smart", "input": "hi"});
        let answer = post(&program, "/v1/responses", &call).await;
        assert_eq!(answer.status(), StatusCode::OK, "{version}");
        let answer = value(answer).await;
        assert_eq!(answer["model"], "prod");
        // By way of a chat it would be `false`: nothing is kept here.
        assert_eq!(answer["store"], true);
    }
}

#[tokio::test]
async fn an_image_is_of_the_deployment_and_files_are_of_the_resource() {
    let (_sim, program) = world("2024-10-21").await;
    let call = json!({"model": "art", "prompt": "a hedge"});
    let answer = post(&program, "/v1/images/generations", &call).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let url = value(answer).await["data"][0]["url"].take();
    assert_eq!(url, "https://sim.example.com/dall-e.png");

    let files = get(&program, "/azure/v1/files?limit=2", None).await;
    assert_eq!(files.status(), StatusCode::OK);
    assert_eq!(value(files).await["object"], "list");

    let call = json!({"model": "smart", "input": "x"});
    let answer = post(&program, "/v1/moderations", &call).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(text(answer).await.contains("does not do /moderations"));
}
