//! Vectors of more texts than a provider takes at once, from the outside.

use super::*;

#[tokio::test]
async fn more_texts_than_a_provider_takes_are_asked_for_one_part_after_the_other() {
    let sim = Sim::new("any").record(8);
    let sim = SimServer::bind("127.0.0.1:0", sim).await.unwrap();
    let program = Program::start(&format!(
        "
model_list:
  - model_name: cohere
    litellm_params: {{model: cohere/embed-v4.0, api_base: {url}, api_key: up}}
  - model_name: gemini
    litellm_params: {{model: gemini/gemini-embedding-001, api_base: {url}, api_key: up}}
",
        url = sim.url()
    ))
    .await;
    for (model, parts) in [("cohere", 3), ("gemini", 2)] {
        let before = sim.sim().requests().len();
        let texts: Vec<_> = (0..200).map(|number| format!("hedge {number}")).collect();
        let call = json!({"model": model, "input": texts});
        let answer = post(&program, "/v1/embeddings", &call).await;
        assert_eq!(answer.status(), StatusCode::OK, "{model}");
        assert_eq!(answer.headers()["x-steeplechase-attempts"], "1");
        let answer = value(answer).await;
        let vectors = answer["data"].as_array().unwrap();
        let indices = vectors.iter().map(|vector| vector["index"].as_u64());
        assert!(indices.eq((0..200).map(Some)), "{model}");
        assert!(answer["usage"]["prompt_tokens"].as_u64() >= Some(200));
        assert_eq!(sim.sim().requests().len() - before, parts, "{model}");
    }
}
