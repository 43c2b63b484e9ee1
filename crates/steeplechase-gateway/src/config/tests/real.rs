//! Configurations as users of LiteLLM write them.

use super::*;

/// The providers behind one name, with everything around it.
pub(super) const PROXY: &str = r#"
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: openai/gpt-4o
      api_key: os.environ/OPENAI_API_KEY
      rpm: 500
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: https://my-endpoint-europe.openai.azure.com/
      api_key: "os.environ/AZURE_API_KEY_EU" # resolved when the proxy starts
      api_version: "2025-01-01-preview"
      rpm: 300
    model_info:
      base_model: azure/gpt-4o
  - model_name: claude-sonnet
    litellm_params:
      model: anthropic/claude-sonnet-4-5
      api_key: os.environ/ANTHROPIC_API_KEY
      max_tokens: 8192
      thinking: {"type": "enabled", "budget_tokens": 1024}
  - model_name: llama-fast
    litellm_params:
      model: groq/llama-3.3-70b-versatile
      api_key: os.environ/GROQ_API_KEY
      timeout: 10
      stream_timeout: 3
  - model_name: my-own
    litellm_params:
      model: hosted_vllm/meta-llama/Llama-3.1-8B-Instruct
      api_base: http://vllm.internal:8000/v1
      temperature: 0.7
      extra_headers:
        x-team: search
  - model_name: qwen
    litellm_params:
      model: openrouter/qwen/qwen-2.5-72b-instruct
      api_key: os.environ/OPENROUTER_API_KEY
      order: 1
  - model_name: local
    litellm_params:
      model: ollama_chat/llama3.1
      api_base: http://localhost:11434
      keep_alive: "8m"
    model_info:
      mode: chat
      supports_function_calling: true
  - model_name: embeddings
    litellm_params:
      model: openai/text-embedding-3-small
      api_key: os.environ/OPENAI_API_KEY
    model_info: {mode: embedding}
  - model_name: "anthropic/*"
    litellm_params:
      model: "anthropic/*"
      api_key: os.environ/ANTHROPIC_API_KEY

router_settings:
  routing_strategy: simple-shuffle # also: least-busy, latency-based-routing
  num_retries: 2
  timeout: 30
  allowed_fails: 3
  cooldown_time: 30
  model_group_alias: {"gpt-4": "gpt-4o", "gpt-3.5-turbo": {"model": "llama-fast", "hidden": true}}

litellm_settings:
  drop_params: True
  num_retries: 3
  request_timeout: 10
  fallbacks: [{"gpt-4o": ["claude-sonnet", "llama-fast"]}, {"claude-sonnet": ["anthropic/claude-opus-4-1"]}]
  context_window_fallbacks: [{"llama-fast": ["gpt-4o"]}]
  default_fallbacks: ["local"]

general_settings:
  master_key: sk-1234
"#;

/// The keys of every provider.
fn all_keys(name: &str) -> Option<String> {
    name.ends_with("_KEY").then(|| format!("sk-{name}"))
}

fn load_all(text: &str) -> (Config, Vec<String>) {
    let env = |name: &str| {
        name.contains("_API_KEY")
            .then(|| all_keys("A_KEY"))
            .flatten()
    };
    match Config::parse(text, "config.yaml", env) {
        Ok(loaded) => {
            let warnings = loaded.warnings.iter().map(ToString::to_string);
            (loaded.config, warnings.collect())
        }
        Err(errors) => panic!("refused:\n{errors}"),
    }
}

#[test]
fn a_proxy_over_many_providers_loads_without_a_word() {
    let (config, warnings) = load_all(PROXY);
    assert_eq!(warnings, [] as [&str; 0]);
    assert_eq!(config.models.len(), 9);
    assert_eq!(config.router.num_retries, Some(2));
    assert_eq!(
        config.router.fallbacks[0].1,
        ["claude-sonnet", "llama-fast"].map(FallbackTarget::from)
    );
    assert_eq!(
        config.models[2].params.default_params["thinking"]["budget_tokens"],
        1024
    );
}

#[test]
fn the_least_configuration_loads() {
    let (config, warnings) = load_all(
        "
model_list:
  - model_name: '*'
    litellm_params:
      model: '*'
",
    );
    assert_eq!(config.models[0].model_name, "*");
    assert_eq!(warnings, [] as [&str; 0]);
}

/// With a database, caching, alerts and callbacks: nothing of that is an error.
#[test]
fn what_is_not_acted_on_yet_does_not_stop_a_grown_configuration() {
    let (_, warnings) = load_all(
        r#"
model_list:
  - model_name: bedrock-claude
    litellm_params:
      model: bedrock/anthropic.claude-3-5-sonnet-20240620-v1:0
      aws_access_key_id: os.environ/AWS_ACCESS_KEY_ID
      aws_secret_access_key: os.environ/AWS_SECRET_ACCESS_KEY
      aws_region_name: us-west-2
      tags: ["paid"]
  - model_name: gemini
    litellm_params:
      model: vertex_ai/gemini-2.5-pro
      vertex_project: my-project
      vertex_location: us-central1
      input_cost_per_token: 1.25e-6
    model_info: {access_groups: [beta-models]}
litellm_settings:
  cache: true
  cache_params: {type: redis, host: os.environ/REDIS_HOST, ttl: 600}
  success_callback: ["langfuse"]
  failure_callback: ["sentry"]
  callbacks: ["prometheus", "otel"]
  set_verbose: False
  json_logs: true
router_settings:
  routing_strategy: usage-based-routing-v2
  redis_host: os.environ/REDIS_HOST
  redis_port: os.environ/REDIS_PORT
  redis_password: os.environ/REDIS_PASSWORD
  enable_pre_call_checks: true
  retry_policy: {AuthenticationErrorRetries: 3, TimeoutErrorRetries: 3}
general_settings:
  master_key: sk-1234
  database_url: "postgresql://user:password@host:5432/db"
  store_model_in_db: true
  alerting: ["slack"]
  proxy_batch_write_at: 60
  database_connection_pool_limit: 10
  background_health_checks: true
  health_check_interval: 300
  pass_through_endpoints:
    - path: "/v1/rerank"
      target: "https://api.cohere.com/v1/rerank"
      headers: {Authorization: "bearer os.environ/COHERE_API_KEY"}
guardrails:
  - guardrail_name: pii
    litellm_params: {guardrail: presidio, mode: pre_call}
environment_variables:
  LANGFUSE_HOST: https://langfuse.example.com
callback_settings:
  otel: {message_logging: False}
"#,
    );
    let unexpected: Vec<_> = warnings
        .iter()
        .filter(|warning| !warning.contains("not acted on yet"))
        // The variables of AWS.
        .filter(|warning| !warning.contains("is not set or is empty"))
        .collect();
    assert_eq!(unexpected, [] as [&String; 0]);
    assert_eq!(warnings.len(), 23, "{warnings:#?}");
}
