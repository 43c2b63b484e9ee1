use std::time::Duration;

use steeplechase::model_info::Ability;

use super::*;

#[test]
fn every_setting_of_a_deployment_is_read() {
    let config = quiet(
        "
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: azure/my-gpt-4o
      custom_llm_provider: azure
      api_key: os.environ/OPENAI_API_KEY
      api_base: https://example.openai.azure.com
      api_version: '2024-10-21'
      organization: org-1
      weight: 2
      order: 1
      timeout: 30
      stream_timeout: '2.5'
      max_parallel_requests: 10
      rpm: '600'
      tpm: 1e5
      num_retries: 0
      cooldown_time: 0
      tags: [free, eu]
      drop_params: yes
      extra_headers: {x-team: search, x-shard: 3}
      headers: {x-team: other, x-plan: free}
      temperature: 0.2
      extra_body: {route: [a, 1]}
      max_tokens: 100
    model_info:
      id: 17
      mode: chat
      base_model: azure/gpt-4o
      max_input_tokens: 128000
      max_output_tokens: 16384
      supports_vision: true
",
    );
    let [model] = config.models.as_slice() else {
        panic!("one deployment");
    };
    assert_eq!(model.model_name, "gpt-4o");
    assert_eq!((model.source.as_str(), model.line), ("config.yaml", 3));
    assert_eq!(model.id.as_deref(), Some("17"));
    assert_eq!(model.deployment_id, "17");
    assert_eq!(model.info.mode.as_deref(), Some("chat"));
    assert_eq!(model.info.base_model.as_deref(), Some("azure/gpt-4o"));
    assert_eq!(model.info.max_input_tokens, Some(128_000));
    assert_eq!(model.info.max_output_tokens, Some(16_384));
    assert_eq!(model.info.abilities.get(Ability::Vision), Some(true));

    let params = &model.params;
    assert_eq!(params.model, "azure/my-gpt-4o");
    assert_eq!(params.provider.as_deref(), Some("azure"));
    assert_eq!(params.api_key, Some(Secret::new("sk-openai")));
    assert_eq!(
        params.api_base.as_deref(),
        Some("https://example.openai.azure.com")
    );
    assert_eq!(params.api_version.as_deref(), Some("2024-10-21"));
    assert_eq!(params.organization.as_deref(), Some("org-1"));
    assert_eq!((params.weight, params.order), (Some(2.0), Some(1)));
    assert_eq!(params.timeout, Some(Duration::from_secs(30)));
    assert_eq!(params.stream_timeout, Some(Duration::from_millis(2500)));
    assert_eq!(params.max_parallel_requests, Some(10));
    assert_eq!((params.rpm, params.tpm), (Some(600), Some(100_000)));
    assert_eq!(params.num_retries, Some(0));
    assert_eq!(params.cooldown_time, Some(Duration::ZERO));
    assert_eq!(params.tags, ["free", "eu"]);
    assert_eq!(params.drop_params, Some(true));
    assert_eq!(params.extra_headers["x-team"].expose(), "search");
    assert_eq!(params.extra_headers["x-shard"].expose(), "3");
    assert_eq!(params.extra_headers["x-plan"].expose(), "free");
    assert_eq!(
        serde_json::Value::from(params.default_params.clone()),
        serde_json::json!({
            "temperature": 0.2,
            "extra_body": {"route": ["a", 1]},
            "max_tokens": 100,
        }),
    );
}

#[test]
fn every_mistake_is_told_at_once_with_its_line_and_a_fix() {
    let text = with_params(&[
        "weight: -1",
        "order: first",
        "timeout: -5",
        "stream_timeout: .nan",
        "max_parallel_requests: 0",
        "rpm: 1.5",
        "tpm: [1]",
        "num_retries: many",
        "cooldown_time: .inf",
        "tags: free",
        "drop_params: perhaps",
        "api_version: 1.10",
        "api_key: 12345",
        "extra_headers: {authorization: [secret]}",
        "seed: .nan",
        "organization: {a: b}",
    ]);
    let path = "model_list[0].litellm_params";
    assert_eq!(
        errors(&text),
        [
            "5: #.weight: expected a number, zero or more, found -1; write for example `weight: 1`",
            "6: #.order: expected a whole number, found \"first\"; write for example `order: 1`",
            "7: #.timeout: expected a number of seconds, zero or more, found -5; \
             write for example `timeout: 600`",
            "8: #.stream_timeout: expected a number of seconds, zero or more, found NaN; \
             write for example `stream_timeout: 60`",
            "9: #.max_parallel_requests: expected a whole number of at least 1, found 0; \
             write for example `max_parallel_requests: 10`",
            "10: #.rpm: expected a whole number, found 1.5; write for example `rpm: 600`",
            "11: #.tpm: expected a whole number, found a list; write for example `tpm: 100000`",
            "12: #.num_retries: expected a whole number, found \"many\"; \
             write for example `num_retries: 2`",
            "13: #.cooldown_time: expected a number of seconds, zero or more, found inf; \
             write for example `cooldown_time: 30`",
            "14: #.tags: expected a list, found \"free\"; write for example `tags: [free]`",
            "15: #.drop_params: expected `true` or `false`, found \"perhaps\"; \
             write for example `drop_params: true`",
            "16: #.api_version: expected a text, in quotes, found 1.1; \
             write for example `api_version: \"2024-10-21\"`",
            "17: #.api_key: expected a text; put it in quotes, or write `api_key: os.environ/NAME`",
            "18: #.extra_headers.authorization: expected a text; \
             write for example `authorization: \"value\"`",
            "19: #.seed: expected a finite number, found NaN; write for example `seed: 1.5`",
            "20: #.organization: expected a text, found a map; \
             write for example `organization: org-1`",
        ]
        .map(|line| format!("config.yaml:{}", line.replace('#', path))),
    );
}

#[test]
fn a_number_too_large_for_its_setting_is_an_error() {
    assert_eq!(
        errors(&with_params(&["num_retries: 5000000000", "timeout: 1e30"])),
        [
            "config.yaml:5: model_list[0].litellm_params.num_retries: expected a smaller whole \
             number, found 5000000000; write for example `num_retries: 2`",
            "config.yaml:6: model_list[0].litellm_params.timeout: expected a number of seconds, \
             zero or more, found 1000000000000000000000000000000; write for example `timeout: 600`",
        ],
    );
}

#[test]
fn null_is_as_good_as_absent() {
    let config = quiet(&with_params(&[
        "api_key:",
        "weight: null",
        "timeout: ~",
        "tags:",
        "temperature:",
        "max_retries:",
    ]));
    let expected = DeploymentParams {
        model: "openai/gpt-4o".to_owned(),
        ..DeploymentParams::default()
    };
    assert_eq!(config.models[0].params, expected);
}

#[test]
fn a_limit_of_zero_is_none_with_a_warning() {
    let text = with_params(&["timeout: 0"]);
    assert_eq!(loaded(&text).config.models[0].params.timeout, None);
    assert_eq!(
        warnings(&text),
        [
            "config.yaml:5: model_list[0].litellm_params.timeout: 0 sets no limit here: the next \
             wider setting applies; write for example `timeout: 600`"
        ],
    );
}

#[test]
fn a_configuration_without_models_is_an_error_that_shows_the_least_one() {
    let said = |line| {
        format!(
            "config.yaml:{line}: model_list: there are no models to serve; write for example \
             `model_list: [{{model_name: gpt-4o, litellm_params: {{model: openai/gpt-4o, \
             api_key: os.environ/OPENAI_API_KEY}}}}]`"
        )
    };
    assert_eq!(errors(""), [said(1)]);
    assert_eq!(errors("# nothing yet\n"), [said(1)]);
    assert_eq!(errors("router_settings: {}\n"), [said(1)]);
    assert_eq!(errors("\nmodel_list:\n"), [said(2)]);
    assert_eq!(errors("\nmodel_list: []\n"), [said(2)]);
}

#[test]
fn an_entry_without_its_parts_is_an_error() {
    assert_eq!(
        errors(
            "model_list:\n  - {}\n  - gpt-4o\n  - model_name: a\n    litellm_params:\n      api_key: x\n"
        ),
        [
            "config.yaml:2: model_list[0].model_name: every entry of `model_list` needs a \
             `model_name`; write for example `model_name: gpt-4o`",
            "config.yaml:2: model_list[0].litellm_params: every entry of `model_list` needs a \
             `litellm_params`; write for example `litellm_params: {model: openai/gpt-4o}`",
            "config.yaml:3: model_list[1]: expected a map, found \"gpt-4o\"; \
             write for example `- model_name: gpt-4o`",
            "config.yaml:5: model_list[2].litellm_params.model: every entry of `model_list` needs \
             a `model`; write for example `model: openai/gpt-4o`",
        ],
    );
}

#[test]
fn sections_of_the_wrong_shape_are_errors() {
    assert_eq!(
        errors("model_list: {a: b}\nrouter_settings: [1]\n"),
        [
            "config.yaml:1: model_list: expected a list, found a map; write for example \
             `model_list: [{model_name: gpt-4o, litellm_params: {model: openai/gpt-4o, \
             api_key: os.environ/OPENAI_API_KEY}}]`",
            "config.yaml:2: router_settings: expected a map, found a list; \
             write `key: value` lines, indented below it",
        ],
    );
    assert_eq!(
        errors("- a\n"),
        [
            "config.yaml:1: expected a map, found a list; write `key: value` lines, indented below it"
        ],
    );
}

#[test]
fn a_model_name_of_the_wrong_type_is_told_once() {
    assert_eq!(
        errors("model_list:\n  - model_name: 4\n    litellm_params: {model: [a]}\n"),
        [
            "config.yaml:2: model_list[0].model_name: expected a text, in quotes, found 4; \
             write for example `model_name: \"gpt-4o\"`",
            "config.yaml:3: model_list[0].litellm_params.model: expected a text, found a list; \
             write for example `model: openai/gpt-4o`",
        ],
    );
}

#[test]
fn a_list_of_organizations_makes_a_deployment_of_each() {
    let config = quiet(&with_params(&["organization: [org-1, org-2]"]));
    let organizations: Vec<_> = config
        .models
        .iter()
        .map(|model| model.params.organization.as_deref())
        .collect();
    assert_eq!(organizations, [Some("org-1"), Some("org-2")]);
    assert_ne!(
        config.models[0].deployment_id,
        config.models[1].deployment_id
    );
}

#[test]
fn the_derived_id_is_the_same_in_every_run_and_changes_with_every_value() {
    let id = |params: &[&str]| quiet(&with_params(params)).models[0].deployment_id.clone();
    // These are in other people's dashboards: a change of the hash is a breaking change.
    assert_eq!(id(&[]), "4e0787a93af08fc7");
    assert_eq!(id(&["rpm: 1"]), id(&["rpm: 1"]));
    let ids = [
        id(&[]),
        id(&["rpm: 1"]),
        id(&["rpm: 2"]),
        id(&["tpm: 1"]),
        id(&["api_key: ab", "api_base: c"]),
        id(&["api_key: a", "api_base: bc"]),
        id(&["api_key: os.environ/OPENAI_API_KEY"]),
    ];
    for (index, id) in ids.iter().enumerate() {
        assert!(!ids[index + 1..].contains(id), "{ids:?}");
    }
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    let config = quiet(
        &(with_params(&[
            "api_key: sk-hidden",
            "extra_headers: {authorization: sk-hidden}",
        ]) + "general_settings: {master_key: sk-hidden}\n"),
    );
    let shown = format!("{config:?}");
    assert!(
        shown.contains("[redacted]") && !shown.contains("sk-hidden"),
        "{shown}"
    );
}

#[test]
fn a_long_text_in_the_wrong_place_is_not_repeated() {
    let key = "sk-proj-0123456789abcdefghijklmnopqrstuvwxyz";
    assert_eq!(
        errors(&with_params(&[&format!("rpm: {key}")])),
        [
            "config.yaml:5: model_list[0].litellm_params.rpm: expected a whole number, \
             found a text of 44 characters; write for example `rpm: 600`"
        ],
    );
}

#[test]
fn the_settings_for_aws_are_read_and_none_of_them_is_sent() {
    let config = quiet(&with_params(&[
        "aws_region_name: eu-west-1",
        "aws_access_key_id: AKID",
        "aws_secret_access_key: os.environ/OPENAI_API_KEY",
        "aws_session_token: token",
        "aws_profile_name: production",
        "aws_role_name: 'arn:aws:iam::1:role/r'",
        "aws_session_name: gateway",
        "aws_external_id: '42'",
        "aws_web_identity_token: oidc/file//var/run/token",
        "aws_sts_endpoint: https://sts.example.com",
        "aws_bedrock_runtime_endpoint: https://bedrock.example.com",
        "model_id: arn",
    ]));
    let secret = |text: &str| Some(Secret::new(text));
    let text = |text: &str| Some(text.to_owned());
    let expected = AwsParams {
        region: text("eu-west-1"),
        access_key_id: secret("AKID"),
        secret_access_key: secret("sk-openai"),
        session_token: secret("token"),
        profile: text("production"),
        role: text("arn:aws:iam::1:role/r"),
        session_name: text("gateway"),
        external_id: secret("42"),
        web_identity_file: Some("/var/run/token".into()),
        sts_endpoint: text("https://sts.example.com"),
        bedrock_endpoint: text("https://bedrock.example.com"),
        model_id: text("arn"),
    };
    assert_eq!(config.models[0].params.aws, expected);
    assert!(config.models[0].params.default_params.is_empty());
    let shown = format!("{config:?}");
    assert!(!shown.contains("sk-openai") && !shown.contains("AKID"));
}

#[test]
fn a_token_of_a_web_identity_is_not_written_down_and_never_shown() {
    let text = with_params(&["aws_web_identity_token: eyJhbGciOi.secret"]);
    assert_eq!(
        errors(&text),
        [
            "config.yaml:5: model_list[0].litellm_params.aws_web_identity_token: expected the path of a \
             file with a token; write for example `aws_web_identity_token: /var/run/token`"
        ],
    );
}

#[test]
fn an_empty_setting_for_aws_is_none() {
    let text = with_params(&[
        "aws_profile_name: ''",
        "aws_session_token: ''",
        "aws_web_identity_token: ''",
    ]);
    assert_eq!(quiet(&text).models[0].params.aws, AwsParams::default());
}
