use std::time::Duration;

use super::*;

const LIST: &str = "credential_list:
  - credential_name: team-a
    credential_values:
      api_key: os.environ/OPENAI_API_KEY
      api_base: https://a.example.com/v1
      organization: org-a
    credential_info: {description: the key of team A}
";

fn params(model: &str) -> DeploymentParams {
    let text = format!("{LIST}model_list: [{{model_name: m, litellm_params: {{{model}}}}}]\n");
    quiet(&text).models[0].params.clone()
}

#[test]
fn a_credential_is_laid_under_the_deployments_own_settings() {
    let params = params(
        "model: openai/x, litellm_credential_name: team-a, api_base: https://b.example.com, timeout: 3",
    );
    assert_eq!(params.api_key, Some(Secret::new("sk-openai")));
    assert_eq!(params.api_base.as_deref(), Some("https://b.example.com"));
    assert_eq!(params.organization.as_deref(), Some("org-a"));
    assert_eq!(params.timeout, Some(Duration::from_secs(3)));
    assert!(params.default_params.is_empty());
}

#[test]
fn an_own_setting_that_says_nothing_does_not_hide_the_credentials() {
    let params = params("model: openai/x, litellm_credential_name: team-a, api_key: null");
    assert_eq!(params.api_key, Some(Secret::new("sk-openai")));
    let text = format!(
        "{LIST}model_list: [{{model_name: m, litellm_params: {{model: openai/x, \
         litellm_credential_name: team-a, api_key: os.environ/NOWHERE}}}}]\n"
    );
    let loaded = loaded(&text);
    let params = &loaded.config.models[0].params;
    assert_eq!(params.api_key, Some(Secret::new("sk-openai")));
    assert_eq!(loaded.warnings.len(), 1);
    assert!(loaded.warnings[0].message.contains("`NOWHERE` is not set"));
}

#[test]
fn every_deployment_may_name_one_and_so_may_the_defaults_of_all() {
    let text = format!(
        "{LIST}model_list:
  - {{model_name: m, litellm_params: {{model: openai/x}}}}
  - {{model_name: m, litellm_params: {{model: openai/y, api_key: own}}}}
router_settings: {{default_litellm_params: {{litellm_credential_name: team-a}}}}
"
    );
    let keys = quiet(&text).models.into_iter();
    let keys: Vec<_> = keys.map(|model| model.params.api_key).collect();
    assert_eq!(
        keys,
        [Some(Secret::new("sk-openai")), Some(Secret::new("own"))]
    );
}

#[test]
fn a_name_that_is_none_is_an_error_with_the_nearest() {
    let name = |name: &str| {
        errors(&format!(
            "{LIST}model_list:
  - model_name: m
    litellm_params:
      model: openai/x
      litellm_credential_name: {name}
"
        ))
    };
    let error = "config.yaml:12: model_list[0].litellm_params.litellm_credential_name: \
                 there is no such credential in `credential_list`";
    assert_eq!(name("team-b"), [format!("{error}; did you mean `team-a`?")]);
    assert_eq!(
        name("house"),
        [format!("{error}; add it to `credential_list`")]
    );
    let alone = errors(&with_params(&["litellm_credential_name: house"]));
    assert!(
        alone[0].ends_with("add it to `credential_list`"),
        "{alone:?}"
    );
}

#[test]
fn what_is_wrong_in_a_list_is_told_once_and_never_with_a_secret() {
    let text = "credential_list:
  - credential_name: a
    credential_values: {api_key: [sk-secret], api_bse: sk-secret, timeout: soon}
  - credential_name: a
  - credential_name: unused
    credential_values: {api_key: sk-secret}
  - credential_values: sk-secret
  - sk-secret
model_list:
  - {model_name: m, litellm_params: {model: openai/x, litellm_credential_name: a}}
  - {model_name: m, litellm_params: {model: openai/y, litellm_credential_name: a}}
";
    let errors = errors(text);
    let key = "credential_list";
    assert_eq!(
        errors,
        [
            format!(
                "config.yaml:3: {key}[0].credential_values.api_key: expected a text; put it in quotes, or write `api_key: os.environ/NAME`"
            ),
            format!(
                "config.yaml:3: {key}[0].credential_values.timeout: expected a number of seconds, zero or more, found \"soon\"; write for example `timeout: 600`"
            ),
            format!(
                "config.yaml:7: {key}[3].credential_values: expected a map; write `key: value` lines, indented below it"
            ),
            format!(
                "config.yaml:7: {key}[3].credential_name: a credential needs a name; write for example `credential_name: team-a`"
            ),
            format!(
                "config.yaml:8: {key}[4]: expected a map; write for example `- credential_name: team-a`"
            ),
        ]
    );
}

#[test]
fn what_has_no_effect_is_a_warning() {
    let text = "credential_list:
  - {credential_name: a, credential_values: {api_key: k, api_bse: sk-secret}}
  - {credential_name: a}
  - {credential_name: unused}
model_list:
  - {model_name: m, litellm_params: {model: openai/x, litellm_credential_name: a}}
";
    assert_eq!(
        warnings(text),
        [
            "config.yaml:2: credential_list[0].credential_values.api_bse: unknown key, ignored; did you mean `api_base`?",
            "config.yaml:3: credential_list[1]: there is another credential `a` before, which counts; give it another name",
            "config.yaml:4: credential_list[2]: no deployment names the credential `unused`; write `litellm_credential_name: unused` where it is meant",
        ]
    );
    let params = &loaded(text).config.models[0].params;
    assert!(
        params.default_params.is_empty(),
        "nothing of it is sent to a provider"
    );
}
