//! What a setting of LiteLLM means in terms of our layers, one sentence for each test.

mod answers;
#[cfg(feature = "aws")]
mod bedrock;
mod budgets;
mod providers;
mod shares;

use std::sync::Arc;

use steeplechase::deployment::Auth;
use steeplechase::{Deployment, Dialect};

use super::deployments::{Deployments, read};
use super::*;
use crate::config::Config;

fn nothing(_: &str) -> Option<String> {
    None
}

fn config(text: &str) -> Config {
    Config::parse(text, "config.yaml", nothing).unwrap().config
}

fn groups(text: &str) -> Vec<(Arc<str>, Vec<Arc<Deployment>>)> {
    let read = read(&config(text), &nothing);
    read.map_or_else(
        |errors| panic!("{errors:?}"),
        |read: Deployments| read.groups,
    )
}

fn one(params: &str) -> Arc<Deployment> {
    let text = format!("model_list:\n  - model_name: m\n    litellm_params: {{{params}}}\n");
    Arc::clone(&groups(&text)[0].1[0])
}

#[test]
fn a_prefix_names_the_provider_and_the_rest_its_model() {
    let deployment = one("model: groq/llama-3.1-8b, api_key: k");
    assert_eq!(deployment.provider(), "groq");
    assert_eq!(deployment.upstream_model(), "llama-3.1-8b");
    assert_eq!(deployment.base_url(), "https://api.groq.com/openai/v1");
    assert!(matches!(deployment.auth(), Auth::Bearer(key) if key.expose() == "k"));
}

#[test]
fn an_anthropic_model_is_spoken_to_in_its_own_dialect() {
    let deployment = one("model: claude-sonnet-4-5, api_key: k");
    assert_eq!(deployment.dialect(), Dialect::Anthropic);
    assert!(matches!(deployment.auth(), Auth::Header(name, _) if name == "x-api-key"));
}

#[test]
fn custom_llm_provider_goes_before_the_prefix() {
    let deployment = one("model: meta/llama, custom_llm_provider: openrouter");
    assert_eq!(deployment.provider(), "openrouter");
    assert_eq!(deployment.upstream_model(), "meta/llama");
}

#[test]
fn the_providers_own_variable_holds_the_key_that_the_file_does_not() {
    let env = |name: &str| (name == "GROQ_API_KEY").then(|| "from-env".to_owned());
    let text = "model_list: [{model_name: m, litellm_params: {model: groq/x}}]";
    let read = read(&config(text), &env).unwrap_or_else(|_| panic!("it is a valid file"));
    let auth = read.groups[0].1[0].auth();
    assert!(matches!(auth, Auth::Bearer(key) if key.expose() == "from-env"));
}

#[test]
fn equal_names_form_a_group_and_the_shares_are_weights_or_else_requests_a_minute() {
    let text = "
model_list:
  - {model_name: a, litellm_params: {model: openai/x, weight: 9, rpm: 1}}
  - {model_name: b, litellm_params: {model: openai/x, rpm: 100}}
  - {model_name: a, litellm_params: {model: openai/y, rpm: 7}}
  - {model_name: b, litellm_params: {model: openai/y, rpm: 300}}
  - {model_name: c, litellm_params: {model: openai/x}}
";
    let groups = groups(text);
    let shares: Vec<(&str, Vec<f64>)> = groups
        .iter()
        .map(|(name, group)| (&**name, group.iter().map(|d| d.weight()).collect()))
        .collect();
    assert_eq!(
        shares,
        [
            ("a", vec![9.0, 0.0]),
            ("b", vec![100.0, 300.0]),
            ("c", vec![1.0])
        ]
    );
}

#[test]
fn a_url_that_is_none_is_an_error_with_its_line_and_the_fix() {
    let text = "
model_list:
  - model_name: m
    litellm_params: {model: openai/x, api_base: localhost}
";
    let errors = from_config(&config(text), &nothing).unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "config.yaml:3: model_list[m].litellm_params.api_base: expected a URL that begins with \
         http:// or https://; write for example `api_base: https://api.openai.com/v1`"
    );
}

#[test]
fn a_provider_that_is_not_supported_is_left_out_with_a_warning() {
    let text = "
model_list:
  - {model_name: m, litellm_params: {model: sagemaker/x}}
  - {model_name: n, litellm_params: {model: openai/x}}
";
    let assembled = from_config(&config(text), &nothing).unwrap();
    assert_eq!(assembled.providers, [Arc::from("openai")]);
    assert_eq!(assembled.example.as_deref(), Some("n"));
    let warning = assembled.warnings[0].to_string();
    assert!(warning.contains("config.yaml:3"), "{warning}");
    assert!(
        warning.contains("`sagemaker` is not supported yet"),
        "{warning}"
    );

    let alone = "model_list: [{model_name: m, litellm_params: {model: sagemaker/x}}]";
    assert!(from_config(&config(alone), &nothing).is_err());
}

#[test]
fn more_retries_than_a_call_can_have_are_named() {
    let text = "
model_list: [{model_name: m, litellm_params: {model: openai/x, api_key: k}}]
router_settings: {num_retries: 7}
";
    let warnings = from_config(&config(text), &nothing).unwrap().warnings;
    assert!(warnings[0].key_path.ends_with("num_retries"));
    assert!(warnings[0].message.contains("5 attempts"));
}

#[test]
fn each_key_in_the_environment_is_a_provider_with_all_its_models() {
    let env = |name: &str| match name {
        "OPENAI_API_KEY" | "GROQ_API_KEY" => Some("k".to_owned()),
        // Set, and empty.
        "MISTRAL_API_KEY" => Some(" ".to_owned()),
        _ => None,
    };
    let assembled = from_environment(&env);
    let mut providers: Vec<_> = assembled.providers.iter().map(|p| &**p).collect();
    providers.sort_unstable();
    assert_eq!(providers, ["groq", "openai"]);
    assert!(from_environment(&nothing).providers.is_empty());
}

#[test]
fn what_is_in_extra_body_goes_into_the_body_itself() {
    let deployment = one("model: openai/x, temperature: 0.5, extra_body: {top_k: 7}");
    let params = deployment.default_params().unwrap();
    let params: serde_json::Value = serde_json::from_slice(params).unwrap();
    assert_eq!(params, serde_json::json!({"temperature": 0.5, "top_k": 7}));
}

#[test]
fn a_setting_without_effect_is_named_with_its_line() {
    let text = "
model_list:
  - {model_name: m, litellm_params: {model: openai/x, api_key: k, api_version: '1', rpm: 5}}
router_settings: {model_group_alias: {gone: nowhere}}
";
    let warnings = from_config(&config(text), &nothing).unwrap().warnings;
    let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "config.yaml:3: model_list[m].litellm_params.api_version: this is not acted on yet",
            "router_settings.model_group_alias.gone: no deployment that can be used serves `nowhere`, \
             so the alias is left out",
        ]
    );
}

#[test]
fn a_deployment_without_a_key_is_named_unless_its_provider_needs_none() {
    type Env = fn(&str) -> Option<String>;
    let warnings = |params: &str, env: Env| -> Vec<String> {
        let text = format!("model_list:\n  - model_name: m\n    litellm_params: {{{params}}}\n");
        let assembled = from_config(&config(&text), &env).unwrap();
        assembled.warnings.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        warnings("model: groq/x", nothing),
        [
            "config.yaml:2: model_list[m].litellm_params.api_key: there is no key for the provider \
             `groq`, so it will refuse the calls of this deployment; write `api_key`, or set \
             `GROQ_API_KEY`"
        ]
    );
    let set: Env = |name| (name == "GROQ_API_KEY").then(|| "k".to_owned());
    for (params, env) in [
        ("model: groq/x, api_key: k", nothing as Env),
        (
            "model: groq/x, extra_headers: {Authorization: Bearer k}",
            nothing,
        ),
        (
            "model: hosted_vllm/x, api_base: 'http://127.0.0.1:8000/v1'",
            nothing,
        ),
        ("model: groq/x", set),
    ] {
        assert!(warnings(params, env).is_empty(), "{params}");
    }
}

#[test]
fn what_is_said_of_streams_goes_before_what_is_said_of_all_calls() {
    let text = "
model_list:
  - {model_name: a, litellm_params: {model: openai/x, timeout: 600}}
  - {model_name: b, litellm_params: {model: openai/x, timeout: 600, stream_timeout: 5}}
router_settings: {stream_timeout: 30}
";
    let groups = groups(text);
    let stream = |index: usize| groups[index].1[0].stream_timeout().map(|t| t.as_secs());
    assert_eq!((stream(0), stream(1)), (Some(30), Some(5)));
    assert_eq!(
        one("model: openai/x, timeout: 7")
            .stream_timeout()
            .map(|t| t.as_secs()),
        Some(7)
    );
}
