//! What an operator says for calls, and what of it a provider and a caller see.

mod fields;
mod general;

use super::*;

const CHAT: &str = "/v1/chat/completions";

/// A provider, and a gateway for it with one model, `fast`.
struct World {
    sim: SimServer,
    program: Program,
}

// ===== impl World =====

impl World {
    /// `params` are more `litellm_params`, `settings` more lines of YAML.
    async fn new(model: &str, params: &str, settings: &str) -> Self {
        let sim = Sim::new("sim").require_key("up");
        let sim = SimServer::bind("127.0.0.1:0", sim).await.unwrap();
        let url = match model.split_once('/') {
            Some(("anthropic", _)) => sim.url(),
            _ => format!("{}/v1", sim.url()),
        };
        let program = Program::start(&format!(
            "model_list:
  - model_name: fast
    litellm_params: {{model: {model}, api_base: {url}{params}}}
{settings}"
        ))
        .await;
        Self { sim, program }
    }

    async fn ask(&self, body: Value) -> Response<Incoming> {
        post(&self.program, CHAT, &body).await
    }

    /// What the provider was asked last.
    fn asked(&self) -> Value {
        self.sim.sim().requests().last().unwrap().json()
    }
}

#[tokio::test]
async fn a_deployment_is_called_with_the_credentials_that_it_names() {
    let list = "credential_list: [{credential_name: house, credential_values: {api_key: up}}]\n";
    let world = World::new("openai/x", ", litellm_credential_name: house", list).await;
    assert_eq!(
        world.ask(chat("fast", false)).await.status(),
        StatusCode::OK
    );
}
