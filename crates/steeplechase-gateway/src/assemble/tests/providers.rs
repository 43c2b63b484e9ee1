//! Which provider an entry is for, and what is the configuration's own.

use super::*;

/// The first deployment of a configuration, by what `env` says.
fn first(text: &str, env: &dyn Fn(&str) -> Option<String>) -> Arc<Deployment> {
    let read = read(&config(text), env);
    let read = read.unwrap_or_else(|errors| panic!("{errors:?}"));
    Arc::clone(&read.groups[0].1[0])
}

fn refused(text: &str) -> Vec<String> {
    let errors = from_config(&config(text), &nothing).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn a_provider_of_the_configurations_own_works_by_its_name() {
    let text = "
providers:
  house:
    base_url: https://llm.example.com/v1
    key_env: [HOUSE_KEY]
    auth: scheme Token
    drops: [logit_bias]
    headers: {x-team: \"{TEAM}\"}
model_list: [{model_name: m, litellm_params: {model: house/small/1}}]
";
    let env = |name: &str| match name {
        "HOUSE_KEY" => Some("k".to_owned()),
        "TEAM" => Some("blue".to_owned()),
        _ => None,
    };
    let deployment = first(text, &env);
    assert_eq!(
        (deployment.provider(), deployment.upstream_model()),
        ("house", "small/1")
    );
    assert_eq!(deployment.base_url(), "https://llm.example.com/v1");
    assert!(
        matches!(deployment.auth(), Auth::Scheme(scheme, key) if &**scheme == "Token" && key.expose() == "k")
    );
    assert_eq!(
        deployment.profile().params.drops,
        [Box::<str>::from("logit_bias")]
    );
    assert_eq!(deployment.headers()["x-team"], "blue");
}

#[test]
fn a_call_for_the_responses_api_goes_where_it_is_known_to_be() {
    let of = |provider: &str, params: &str, info: &str| {
        let text = format!(
            "model_list: [{{model_name: m, litellm_params: {{model: {provider}/x, api_key: k, \
             api_base: 'http://a/v1'{params}}}, model_info: {{{info}}}}}]"
        );
        Arc::clone(first(&text, &nothing).profile())
    };
    assert_eq!(
        of("openai", "", "").responses.as_deref(),
        Some("/responses")
    );
    let by_chat = of(
        "openai",
        ", use_chat_completions_api: true",
        "mode: responses",
    );
    assert_eq!(by_chat.responses, None);
    assert_eq!(of("custom_openai", "", "mode: chat").responses, None);
    let told = of("custom_openai", "", "mode: responses");
    assert_eq!(told.responses.as_deref(), Some("/responses"));
    assert_eq!(told.completions, None);
    let told = of("custom_openai", "", "mode: completion");
    assert_eq!(told.completions.as_deref(), Some("/completions"));
}

#[test]
fn a_row_with_a_name_that_is_there_is_laid_over_it() {
    let text = "
providers:
  groq: {base_url: https://groq.example.com/v1, endpoints: {chat: /chat}}
model_list: [{model_name: m, litellm_params: {model: groq/x}}]
";
    let key = |name: &str| (name == "GROQ_API_KEY").then(|| "k".to_owned());
    let deployment = first(text, &key);
    assert_eq!(deployment.base_url(), "https://groq.example.com/v1");
    assert!(
        matches!(deployment.auth(), Auth::Bearer(_)),
        "as the table has it"
    );
    assert!(!deployment.profile().params.drops.is_empty());
}

#[test]
fn what_cannot_be_laid_over_the_table_is_an_error_with_its_line() {
    let text = "
providers:
  a/b: {base_url: https://a.b}
  house: {aliases: [groq]}
model_list: [{model_name: m, litellm_params: {model: groq/x}}]
";
    assert_eq!(
        refused(text),
        [
            "config.yaml:3: providers.a/b: `a/b` cannot stand before the `/` of a model's name; choose \
             another name",
            "config.yaml:4: providers.house: aliases: there is a provider `groq` already; choose another \
             name",
        ]
    );
}

#[test]
fn an_account_comes_from_its_variable_and_is_asked_for() {
    let text =
        "model_list:\n  - {model_name: m, litellm_params: {model: cloudflare/x, api_key: k}}";
    let env = |name: &str| (name == "CLOUDFLARE_ACCOUNT_ID").then(|| "acc-1".to_owned());
    assert_eq!(
        first(text, &env).base_url(),
        "https://api.cloudflare.com/client/v4/accounts/acc-1/ai/v1"
    );
    assert_eq!(
        refused(text),
        [
            "config.yaml:2: model_list[m].litellm_params.api_base: a part of the URL of the provider \
          `cloudflare` is not known; set `CLOUDFLARE_ACCOUNT_ID`, or write `api_base`"
        ]
    );
}

#[test]
fn a_provider_that_is_shown_no_key_is_not_missed_one() {
    let text = "
providers: {house: {base_url: https://a.b, auth: none}}
model_list: [{model_name: m, litellm_params: {model: house/x}}]
";
    assert_eq!(from_config(&config(text), &nothing).unwrap().warnings, []);
}

#[test]
fn what_is_set_for_a_deployment_goes_before_the_providers_headers() {
    let headers = "extra_headers: {x-novita-source: mine}";
    let deployment = one(&format!("model: novita/x, api_key: k, {headers}"));
    assert_eq!(deployment.headers()["x-novita-source"], "mine");
    let deployment = one("model: sarvam/x, api_key: k");
    assert_eq!(deployment.headers()["api-subscription-key"], "k");
}
