use steeplechase::FieldPath;

use super::*;

#[test]
fn what_is_left_out_passed_on_and_merged_is_read() {
    let text = with_params(&[
        "additional_drop_params: [top_k, \"tools[*].function.strict\"]",
        "allowed_openai_params: [logit_bias]",
        "merge_reasoning_content_in_choices: true",
    ]) + "litellm_settings: {allowed_openai_params: [seed], modify_params: true}\n";
    let config = quiet(&text);
    let params = &config.models[0].params;
    let paths: Vec<_> = params.drop_fields.iter().map(FieldPath::as_str).collect();
    assert_eq!(paths, ["top_k", "tools[*].function.strict"]);
    assert_eq!(params.allowed_params, ["logit_bias"]);
    assert_eq!(params.merge_reasoning, Some(true));
    assert_eq!(config.router.allowed_params, ["seed"]);
    assert!(config.router.modify_params);
    assert!(params.default_params.is_empty());
}

#[test]
fn whoever_would_not_verify_certificates_is_told_that_they_are() {
    for (written, told) in [
        ("false", "are verified all the same"),
        ("'False'", "are verified all the same"),
        ("/etc/ca.pem", "not acted on yet"),
    ] {
        let text = with_params(&[&format!("ssl_verify: {written}")]);
        let text = format!("{text}litellm_settings: {{ssl_verify: {written}}}\n");
        let warnings = warnings(&text);
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings.iter().all(|it| it.contains(told)), "{warnings:?}");
    }
    quiet(&with_params(&["ssl_verify: true"]));
}

#[test]
fn a_path_that_leads_to_no_field_is_an_error_that_says_what_would_be_right() {
    let text = with_params(&[
        "additional_drop_params:",
        "- tools[*]",
        "- messages",
        "- 'a..b'",
        "- 3",
        "allowed_openai_params: seed",
        "merge_reasoning_content_in_choices: maybe",
    ]);
    let path = "model_list[0].litellm_params.additional_drop_params";
    let example = "write for example `- tools[*].strict`";
    assert_eq!(
        errors(&text),
        [
            format!("config.yaml:6: {path}[0]: expected a path that ends with the name of a field, as items of lists cannot be left out, found \"tools[*]\"; {example}"),
            format!("config.yaml:7: {path}[1]: expected the name of a field that a call can be without, found \"messages\"; {example}"),
            format!("config.yaml:8: {path}[2]: expected the name of a field, such as `top_k` or `tools[*].strict`, found \"a..b\"; {example}"),
            format!("config.yaml:9: {path}[3]: expected a text, found 3; write for example `- \"tools[*].strict\"`"),
            "config.yaml:10: model_list[0].litellm_params.allowed_openai_params: expected a list, found \"seed\"; write for example `allowed_openai_params: [reasoning_effort]`".to_owned(),
            "config.yaml:11: model_list[0].litellm_params.merge_reasoning_content_in_choices: expected `true` or `false`, found \"maybe\"; write for example `merge_reasoning_content_in_choices: true`".to_owned(),
        ]
    );
}
