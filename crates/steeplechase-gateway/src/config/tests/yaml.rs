use std::fmt::Write as _;

use super::*;

#[test]
fn text_that_is_not_yaml_is_an_error_with_line_and_column() {
    let fix = "check the indentation, the quotes and the colons of this line and the one above";
    assert_eq!(
        errors("model_list:\n  - model_name: a\n    litellm_params: {model: x\n"),
        [format!(
            "config.yaml:4: invalid YAML at column 1: while parsing a flow mapping, did not find expected ',' or '}}'; {fix}"
        )],
    );
    assert_eq!(
        errors("model_list: \"a\nb: c\n"),
        [format!(
            "config.yaml:1: invalid YAML at column 13: invalid indentation in quoted scalar; {fix}"
        )],
    );
}

#[test]
fn a_key_that_is_written_twice_is_an_error_that_names_both_lines() {
    let text = with_model(
        "router_settings:\n  num_retries: 1\n  # more\n  timeout: 5\n  num_retries: 2\n",
    );
    assert_eq!(
        errors(&text),
        [
            "config.yaml:8: the key `num_retries` is written twice in one map, first on line 5; \
             keep one of them"
        ],
    );
    assert_eq!(
        errors("model_list:\n  - model_name: a\n    'model_name': b\n"),
        [
            "config.yaml:3: the key `model_name` is written twice in one map, first on line 2; \
             keep one of them"
        ],
    );
    assert_eq!(
        errors("model_list: []\nrouter_settings: {timeout: 1, timeout: 2}\n"),
        ["config.yaml:2: the key `timeout` is written twice in one map; keep one of them"],
    );
}

#[test]
fn only_one_document_is_read() {
    assert_eq!(
        errors("model_list: []\n---\nmodel_list: []\n"),
        [
            "config.yaml:3: a second YAML document begins here, and only one is read; remove the \
             `---` above it, or put it into a file of its own and `include` that"
        ],
    );
    quiet(&format!("---\n{MODEL}...\n"));
}

#[test]
fn anchors_aliases_and_merges_work_as_they_do_in_litellm() {
    let config = quiet(
        "
model_list:
  - model_name: a
    litellm_params: &azure
      model: azure/a
      api_base: https://example.openai.azure.com
      rpm: 5
  - model_name: b
    litellm_params:
      <<: *azure
      model: azure/b
  - model_name: c
    litellm_params:
      <<: [{rpm: 7}, *azure]
",
    );
    let params: Vec<_> = config
        .models
        .iter()
        .map(|model| (model.params.model.as_str(), model.params.rpm))
        .collect();
    assert_eq!(
        params,
        [
            ("azure/a", Some(5)),
            ("azure/b", Some(5)),
            ("azure/a", Some(7))
        ]
    );
    assert_eq!(
        config.models[1].params.api_base,
        config.models[0].params.api_base
    );
}

#[test]
fn only_maps_can_be_merged() {
    assert_eq!(
        errors("model_list:\n  - <<: 5\n"),
        [
            "config.yaml:2: `<<` merges a map, and this is none; write for example `<<: *defaults`, \
             with `&defaults` on a map above"
        ],
    );
}

#[test]
fn yes_and_no_are_booleans_unless_quoted() {
    let config = quiet(&with_params(&[
        "a: yes",
        "b: 'yes'",
        "c: Off",
        "d: \"off\"",
        "e: >-",
        "  no",
    ]));
    assert_eq!(
        serde_json::Value::from(config.models[0].params.default_params.clone()),
        serde_json::json!({"a": true, "b": "yes", "c": false, "d": "off", "e": "no"}),
    );
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_fine() {
    let text = format!(
        "\u{feff}{}",
        with_params(&["rpm: many"]).replace('\n', "\r\n")
    );
    assert_eq!(
        errors(&text),
        [
            "config.yaml:5: model_list[0].litellm_params.rpm: expected a whole number, \
             found \"many\"; write for example `rpm: 600`"
        ],
    );
}

#[test]
fn tags_are_errors() {
    assert_eq!(
        errors("model_list: []\nrouter_settings: !mine {a: b}\n")[0],
        "config.yaml:2: the YAML tag `!mine` has no meaning here; write the value without it",
    );
    assert_eq!(
        errors("model_list: !!int abc\n"),
        ["config.yaml:1: this value does not fit its YAML tag; write the value without the tag"],
    );
}

#[test]
fn a_map_cannot_be_a_key() {
    assert_eq!(
        errors("{a: b}: c\n"),
        ["config.yaml:1: a key must be a text; write it as `key: value`"],
    );
}

#[test]
fn text_that_nests_without_end_is_refused_and_does_not_overflow_the_stack() {
    let spaces: Vec<String> = (0..150).map(|depth| " ".repeat(depth) + "a:\n").collect();
    let spaces = spaces.concat();
    for text in [
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(99) + &"[".repeat(300),
        "a: &a [".repeat(1000),
        spaces.clone() + &" ".repeat(150) + &"- ".repeat(20) + &"[".repeat(200),
        spaces,
    ] {
        // On a stack as small as that of any thread.
        let refused = std::thread::Builder::new()
            .stack_size(2 * 1024 * 1024)
            .spawn(move || Config::parse(&text, "config.yaml", |_| None).is_err())
            .unwrap();
        assert!(refused.join().unwrap());
    }
    let deep = format!("extra_body: {}{}", "[".repeat(250), "]".repeat(250));
    let text = with_params(&["rpm: 1", &deep]);
    let read = std::thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(move || quiet(&text).models.len())
        .unwrap();
    assert_eq!(read.join().unwrap(), 1);
    assert_eq!(
        errors(&"- ".repeat(101)),
        [
            "config.yaml:1: invalid YAML: the line is indented by more than 200 columns; \
             nest less deeply"
        ],
    );
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let last = format!("*a{}", level - 1);
        let items = vec![last; 10].join(", ");
        writeln!(text, "a{level}: &a{level} [{items}]").unwrap();
    }
    let errors = errors(&text);
    assert!(errors[0].contains("alias expansion exceeded"), "{errors:?}");
}
