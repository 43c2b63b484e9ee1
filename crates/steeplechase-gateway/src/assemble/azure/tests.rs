//! What is called, and by whom.

use std::sync::Arc;

use steeplechase::deployment::{Auth, Platform};
use steeplechase::{ApiKey, Deployment, Dialect};

use crate::assemble::{deployments, from_config};
use crate::config::Config;

type Vars = [(&'static str, &'static str)];

fn env(vars: &Vars) -> impl Fn(&str) -> Option<String> {
    |name| {
        let mut vars = vars.iter();
        vars.find_map(|(known, value)| (*known == name).then(|| (*value).to_owned()))
    }
}

/// The deployments of entries, and how many tokens they share.
fn read(entries: &[&str], rest: &str, vars: &Vars) -> (Vec<Arc<Deployment>>, usize) {
    let entries = entries
        .iter()
        .map(|params| format!("{{model_name: m, litellm_params: {{{params}}}}}"));
    let entries: Vec<_> = entries.collect();
    let text = format!("model_list: [{}]\n{rest}", entries.join(", "));
    let config = Config::parse(&text, "config.yaml", |_| None)
        .unwrap()
        .config;
    let read = deployments::read(&config, &env(vars));
    let read = read.unwrap_or_else(|errors| panic!("{errors:?}"));
    (read.groups[0].1.clone(), read.upkeep.len())
}

fn one(params: &str, vars: &Vars) -> Arc<Deployment> {
    read(&[params], "", vars).0.remove(0)
}

const BASE: &str = "api_base: 'https://eu.openai.azure.com'";
const APP: &str = "tenant_id: t, client_id: app, client_secret: s";

fn version(deployment: &Deployment) -> Option<&str> {
    match deployment.platform() {
        Platform::Azure { api_version } => api_version.as_deref(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_deployment_has_the_version_of_its_entry_or_of_the_environment_or_the_usual_one() {
    let entry = format!("model: azure/prod, {BASE}, api_key: k");
    let with = format!("{entry}, api_version: '2024-10-21'");
    let vars = [("AZURE_API_VERSION", "2024-06-01")];
    assert_eq!(version(&one(&with, &vars)), Some("2024-10-21"));
    assert_eq!(version(&one(&entry, &vars)), Some("2024-06-01"));
    assert_eq!(version(&one(&entry, &[])), Some("2025-02-01-preview"));
    let foundry = entry.replace("azure/", "azure_ai/");
    assert_eq!(version(&one(&foundry, &vars)), None);
}

#[test]
fn all_of_it_may_be_in_the_environment() {
    let vars = [
        ("AZURE_API_KEY", "k"),
        ("AZURE_API_BASE", "https://us.openai.azure.com"),
    ];
    let deployment = one("model: azure/prod, base_model: azure/gpt-5-mini", &vars);
    assert_eq!(deployment.base_url(), "https://us.openai.azure.com/");
    assert_eq!(deployment.upstream_model(), "prod");
    assert_eq!(deployment.base_model(), Some("azure/gpt-5-mini"));
    assert!(matches!(deployment.auth(), Auth::Header(name, key)
        if name == "api-key" && key.expose() == "k"));
}

#[test]
fn claude_on_foundry_is_spoken_to_in_its_own_dialect() {
    let deployment = one(
        "model: azure_ai/claude-sonnet-4-5, api_base: 'https://eu.services.ai.azure.com', api_key: k",
        &[],
    );
    assert_eq!(deployment.dialect(), Dialect::Anthropic);
    let base = "https://eu.services.ai.azure.com/anthropic";
    assert_eq!(deployment.base_url(), base);
    assert!(matches!(deployment.auth(), Auth::Header(name, _) if name == "x-api-key"));
}

#[test]
fn a_name_may_say_of_which_series_its_models_are() {
    let deployment = one(
        &format!("model: azure/gpt5_series/prod, {BASE}, api_key: k"),
        &[],
    );
    assert_eq!(deployment.upstream_model(), "prod");
    assert_eq!(deployment.base_model(), Some("gpt-5"));
    let own = format!("model: azure/o_series/prod, {BASE}, api_key: k, base_model: o1");
    assert_eq!(one(&own, &[]).base_model(), Some("o1"));
}

#[test]
fn what_an_entry_says_of_who_calls_goes_before_what_the_environment_says() {
    let key = [("AZURE_API_KEY", "env")];
    let auth = |more: &str, vars: &Vars| {
        let params = format!("model: azure/prod, {BASE}{more}");
        one(&params, vars).auth().clone()
    };
    let is_key = |auth: &Auth, wanted: &str| match auth {
        Auth::Header(_, key) => key.expose() == wanted,
        _ => false,
    };
    assert!(is_key(
        &auth(&format!(", api_key: own, {APP}"), &key),
        "own"
    ));
    assert!(
        matches!(auth(", azure_ad_token: T", &key), Auth::Bearer(token)
        if token.expose() == "T")
    );
    assert!(matches!(auth(&format!(", {APP}"), &key), Auth::Each(_)));
    assert!(is_key(&auth("", &key), "env"));
    let token = [("AZURE_AD_TOKEN", "T")];
    assert!(matches!(auth("", &token), Auth::Bearer(_)));
    assert!(matches!(auth("", &[]), Auth::None));
}

#[test]
fn the_environment_may_hold_an_application_or_say_where_a_pods_token_is() {
    let app = [
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "c"),
        ("AZURE_CLIENT_SECRET", "s"),
    ];
    let pod = [
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "c"),
        ("AZURE_FEDERATED_TOKEN_FILE", "/none"),
    ];
    let entry = format!("model: azure/prod, {BASE}");
    for vars in [&app, &pod] {
        assert!(matches!(one(&entry, vars).auth(), Auth::Each(_)));
    }
    let (deployments, upkeep) = read(&[&entry], "", &app[..2]);
    assert!(matches!(deployments[0].auth(), Auth::None));
    assert_eq!(upkeep, 0);
}

#[test]
fn the_identity_of_the_machine_is_used_if_it_is_asked_for() {
    let entry = format!("model: azure/prod, {BASE}");
    let rest = "litellm_settings: {enable_azure_ad_token_refresh: true}";
    let (deployments, upkeep) = read(&[&entry], rest, &[]);
    assert!(matches!(deployments[0].auth(), Auth::Each(_)));
    assert_eq!(upkeep, 1);
}

#[test]
fn deployments_with_one_identity_share_its_token() {
    let entry = |model: &str, app: &str| format!("model: azure/{model}, {BASE}, {app}");
    let other = APP.replace("app", "other");
    let entries = [entry("a", APP), entry("b", APP), entry("c", &other)];
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    assert_eq!(read(&entries, "", &[]).1, 2);
}

#[test]
fn a_setting_of_azure_has_no_effect_elsewhere_and_a_token_by_oidc_is_an_error() {
    let text = format!(
        "model_list: [{{model_name: m, litellm_params: {{model: openai/x, api_key: k, {APP}}}}}]"
    );
    let config = Config::parse(&text, "config.yaml", |_| None)
        .unwrap()
        .config;
    let warnings = from_config(&config, &|_| None).unwrap().warnings;
    let warned: Vec<_> = warnings.iter().map(|it| &*it.key_path).collect();
    assert!(
        warned.iter().any(|key| key.ends_with("tenant_id")),
        "{warned:?}"
    );

    let text = "model_list: [{model_name: m, litellm_params: {model: azure/x, \
                azure_ad_token: oidc/azure/aud}}]";
    let errors = Config::parse(text, "config.yaml", |_| None).unwrap_err();
    assert!(errors.to_string().contains("azure_ad_token"), "{errors}");
    // No key gets into what is printed.
    assert!(!format!("{:?}", ApiKey::new("hunter2")).contains("hunter2"));
}
