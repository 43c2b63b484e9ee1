use super::*;

#[test]
fn variables_are_followed_at_any_depth_but_not_as_items_of_lists() {
    let config = quiet(&with_params(&[
        "num_retries: os.environ/RETRIES",
        "api_base: os.environ/WORD",
        "tags: [os.environ/WORD]",
        "extra_body: {a: {b: os.environ/WORD, c: [os.environ/WORD, {d: os.environ/WORD}]}}",
        "parallel_tool_calls: os.environ/YES",
        "extra_headers: {x: os.environ/WORD}",
    ]));
    let params = &config.models[0].params;
    assert_eq!(params.num_retries, Some(4));
    assert_eq!(params.api_base.as_deref(), Some("hello"));
    assert_eq!(params.tags, ["os.environ/WORD"]);
    assert_eq!(
        serde_json::Value::from(params.default_params.clone()),
        serde_json::json!({
            "extra_body": {"a": {"b": "hello", "c": ["os.environ/WORD", {"d": "hello"}]}},
            "parallel_tool_calls": true,
        }),
    );
    assert_eq!(params.extra_headers["x"].expose(), "hello");
}

#[test]
fn a_variable_that_is_not_set_leaves_its_setting_out_with_a_warning() {
    let text = with_params(&["api_base: os.environ/NOWHERE", "user: os.environ/NOWHERE"]);
    let tell = "the environment variable `NOWHERE` is not set, so this is left out; \
                set `NOWHERE`, or give it a value under `environment_variables`";
    assert_eq!(
        warnings(&text),
        [
            format!("config.yaml:5: model_list[0].litellm_params.api_base: {tell}"),
            format!("config.yaml:6: model_list[0].litellm_params.user: {tell}"),
        ],
    );
    let params = &loaded(&text).config.models[0].params;
    assert_eq!(params.api_base, None);
    assert!(params.default_params.is_empty());
}

#[test]
fn a_missing_api_key_says_which_requests_will_fail() {
    for name in ["NOWHERE", "EMPTY"] {
        let text = with_params(&[&format!("api_key: os.environ/{name}")]);
        assert_eq!(
            warnings(&text),
            [format!(
                "config.yaml:5: model_list[0].litellm_params.api_key: the environment variable \
                 `{name}` is not set or is empty; requests for `gpt-4o` that reach this deployment \
                 will fail, unless its provider needs no key; set `{name}`, or give it a value \
                 under `environment_variables`"
            )],
        );
        assert_eq!(loaded(&text).config.models[0].params.api_key, None);
    }
}

#[test]
fn the_value_of_a_variable_is_never_shown() {
    assert_eq!(
        errors(&with_params(&["rpm: os.environ/WORD"])),
        [
            "config.yaml:5: model_list[0].litellm_params.rpm: expected a whole number, found the \
             value of the environment variable `WORD`; write for example `rpm: 600`"
        ],
    );
}

#[test]
fn environment_variables_are_laid_over_the_environment() {
    let text = with_params(&[
        "api_key: os.environ/MINE",
        "api_base: os.environ/WORD",
        "user: os.environ/N",
    ]) + "environment_variables:
  MINE: os.environ/OPENAI_API_KEY
  WORD: overlaid
  N: 5
  FLAG: true
";
    let config = quiet(&text);
    let params = &config.models[0].params;
    assert_eq!(params.api_key, Some(Secret::new("sk-openai")));
    assert_eq!(params.api_base.as_deref(), Some("overlaid"));
    assert_eq!(params.default_params["user"], "5");
}

#[test]
fn variables_that_steer_the_process_are_refused() {
    let text =
        with_model("environment_variables:\n  PATH: /tmp\n  LD_PRELOAD: x.so\n  no_proxy: '*'\n");
    let tell = "this variable steers the process itself, so it is left as it is; \
                set it where the process is started, if it must be set";
    assert_eq!(
        warnings(&text),
        [
            format!("config.yaml:5: environment_variables.PATH: {tell}"),
            format!("config.yaml:6: environment_variables.LD_PRELOAD: {tell}"),
            format!("config.yaml:7: environment_variables.no_proxy: {tell}"),
        ],
    );
}

#[test]
fn an_environment_variable_must_be_a_text() {
    assert_eq!(
        errors(&with_model("environment_variables: {A: [1]}\n")),
        [
            "config.yaml:4: environment_variables.A: expected a text, found a list; \
             write for example `A: \"value\"`"
        ],
    );
}

#[test]
fn the_master_key_comes_from_the_file_or_else_from_the_environment() {
    let with_key = |name: &str| (name == "LITELLM_MASTER_KEY").then(|| "sk-env".to_owned());
    let key = |text: &str| {
        let loaded = Config::parse(&with_model(text), "config.yaml", with_key).unwrap();
        let key = loaded.config.general.master_key;
        key.map(|key| key.expose().to_owned())
    };
    assert_eq!(
        key("general_settings: {master_key: sk-file}\n").as_deref(),
        Some("sk-file")
    );
    assert_eq!(
        key("general_settings: {master_key: }\n").as_deref(),
        Some("sk-env")
    );
    assert_eq!(key("").as_deref(), Some("sk-env"));
    assert_eq!(quiet(MODEL).general.master_key, None);

    let text = with_model("general_settings: {master_key: os.environ/NOWHERE}\n");
    let loaded = Config::parse(&text, "config.yaml", with_key).unwrap();
    assert_eq!(
        loaded.config.general.master_key,
        Some(Secret::new("sk-env"))
    );
    assert_eq!(
        loaded.warnings[0].to_string(),
        "config.yaml:4: general_settings.master_key: the environment variable `NOWHERE` is not set \
         or is empty, so the key in `LITELLM_MASTER_KEY` is used; set `NOWHERE`",
    );
}

#[test]
fn a_master_key_that_is_asked_for_but_missing_does_not_open_the_gateway() {
    for (written, what, name) in [
        (
            "os.environ/NOWHERE",
            "the environment variable `NOWHERE` is not set or is empty",
            "NOWHERE",
        ),
        (
            "os.environ/EMPTY",
            "the environment variable `EMPTY` is not set or is empty",
            "EMPTY",
        ),
        ("''", "the key is empty", "LITELLM_MASTER_KEY"),
    ] {
        assert_eq!(
            errors(&with_model(&format!(
                "general_settings: {{master_key: {written}}}\n"
            ))),
            [format!(
                "config.yaml:4: general_settings.master_key: {what}, and without a key the gateway \
                 would serve every caller; set `{name}`, or remove this line to serve every caller"
            )],
        );
    }
}

#[test]
fn the_variables_of_the_file_go_before_the_process_and_are_not_printed() {
    let loaded = loaded(&with_model(
        "environment_variables: {WORD: hidden-1, YES: ''}\n",
    ));
    let variable = |name: &str| loaded.variable(name, env);
    assert_eq!(variable("WORD").as_deref(), Some("hidden-1"));
    assert_eq!(variable("YES").as_deref(), Some(""));
    assert_eq!(variable("RETRIES").as_deref(), Some("4"));
    assert_eq!(variable("NOWHERE"), None);
    assert!(!format!("{loaded:?}").contains("hidden-1"));
}
