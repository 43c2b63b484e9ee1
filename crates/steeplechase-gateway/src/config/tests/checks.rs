use super::*;

fn models(entries: &[&str]) -> String {
    let entries = entries.iter().map(|entry| format!("  - {entry}\n"));
    "model_list:\n".to_owned() + &entries.collect::<String>()
}

/// Deployments of these models, one a line from line 2.
fn named(names: &[&str]) -> String {
    let entries = names.iter().map(|name| {
        format!("{{model_name: '{name}', litellm_params: {{model: 'openai/{name}'}}}}")
    });
    models(
        &entries
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    )
}

#[test]
fn fallbacks_and_aliases_that_name_no_model_are_warnings() {
    let text = named(&["gpt-4o", "claude"])
        + "router_settings:
  fallbacks:
    - gpt-4o: [claud]
    - gpt-5: [claude]
  context_window_fallbacks: [{gpt-4o: [gemini]}]
  default_fallbacks: [gpt-4]
  model_group_alias: {fast: gemini, nice: claude}
";
    let path = "router_settings";
    let add = "add it to `model_list`, or remove it here";
    assert_eq!(
        warnings(&text),
        [
            format!(
                "config.yaml:6: {path}.fallbacks[0].gpt-4o[0]: `claud` is no model of \
                 `model_list`; did you mean `claude`?"
            ),
            format!(
                "config.yaml:7: {path}.fallbacks[1].gpt-5: `gpt-5` is no model of `model_list`; \
                 {add}"
            ),
            format!(
                "config.yaml:8: {path}.context_window_fallbacks[0].gpt-4o[0]: `gemini` is no model \
                 of `model_list`; {add}"
            ),
            format!(
                "config.yaml:9: {path}.default_fallbacks[0]: `gpt-4` is no model of `model_list`; \
                 did you mean `gpt-4o`?"
            ),
            format!(
                "config.yaml:10: {path}.model_group_alias.fast: `gemini` is no model of \
                 `model_list`; {add}"
            ),
        ],
    );
}

#[test]
fn aliases_wildcards_ids_and_upstream_names_are_models_too() {
    let fallbacks = |targets: &str| {
        format!(
            "router_settings: {{fallbacks: [{{a: [{targets}]}}], model_group_alias: {{nick: a}}}}\n"
        )
    };
    quiet(
        &(named(&["a", "openai/*", "x-*-mini"])
            + &fallbacks("nick, openai/gpt-4o, x-4-mini-2, openai/a")),
    );
    quiet(&(named(&["a", "*"]) + &fallbacks("anything")));
    let with_id = models(&["{model_name: a, litellm_params: {model: m}, model_info: {id: one}}"]);
    quiet(&(with_id + &fallbacks("one")));
    assert_eq!(
        warnings(&(named(&["a", "x-*-mini"]) + &fallbacks("x-4"))).len(),
        1
    );
}

#[test]
fn a_circle_of_fallbacks_is_a_warning_that_shows_it_once() {
    let text = named(&["a", "b", "c", "d"])
        + "router_settings:
  fallbacks:
    - d: [a]
    - a: [b]
    - b: [c, d]
    - c: [a]
  content_policy_fallbacks: [{a: [a]}]
";
    let end = "nothing is tried twice for one request, so the last step has no effect";
    assert_eq!(
        warnings(&text),
        [
            format!(
                "config.yaml:8: router_settings.fallbacks[0].d: these fallbacks go in a circle: \
                 d -> a -> b -> d; {end}"
            ),
            format!(
                "config.yaml:9: router_settings.fallbacks[1].a: these fallbacks go in a circle: \
                 a -> b -> c -> a; {end}"
            ),
            format!(
                "config.yaml:12: router_settings.content_policy_fallbacks[0].a: these fallbacks go \
                 in a circle: a -> a; {end}"
            ),
        ],
    );
}

#[test]
fn a_chain_that_only_meets_itself_again_is_no_circle() {
    quiet(
        &(named(&["a", "b", "c", "d"])
            + "router_settings: {fallbacks: [{a: [b, c]}, {b: [d]}, {c: [d]}, {'*': [a]}]}\n"),
    );
}

#[test]
fn a_long_chain_is_followed_to_its_end() {
    let names: Vec<String> = (0..3000).map(|n| format!("m{n}")).collect();
    let list = named(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let rules = (0..2999).map(|n| format!("  - m{n}: [m{}]\n", n + 1));
    quiet(&format!(
        "{list}router_settings:\n  fallbacks:\n{}",
        rules.collect::<String>()
    ));
}

#[test]
fn of_two_lists_for_one_model_the_first_counts() {
    let text = named(&["a", "b"]) + "router_settings:\n  fallbacks:\n  - a: [b]\n  - a: []\n";
    assert_eq!(
        warnings(&text),
        [
            "config.yaml:7: router_settings.fallbacks[1].a: `a` has fallbacks on line 6, which \
             count; write them in one list"
        ],
    );
}

#[test]
fn two_equal_deployments_share_an_id_with_a_warning() {
    let entry = "{model_name: a, litellm_params: {model: openai/a, rpm: 5}}";
    let text = models(&[entry, entry]);
    let config = loaded(&text).config;
    assert_eq!(
        config.models[0].deployment_id,
        config.models[1].deployment_id
    );
    let rest = "the one on line 2, so the two share limits, cooldowns and statistics; \
                give each a `model_info: {id: ...}` of its own, or remove one";
    assert_eq!(
        warnings(&text),
        [format!(
            "config.yaml:3: model_list[1]: this deployment is the same as {rest}"
        )],
    );

    let text = models(&[
        "{model_name: a, litellm_params: {model: openai/a}, model_info: {id: x}}",
        "{model_name: b, litellm_params: {model: openai/b}, model_info: {id: x}}",
    ]);
    assert_eq!(
        warnings(&text),
        [format!(
            "config.yaml:3: model_list[1]: the id `x` is that of {rest}"
        )],
    );
}

#[test]
fn a_deployment_without_weight_beside_one_with_is_a_warning() {
    let text = models(&[
        "{model_name: a, litellm_params: {model: openai/a, weight: 2}}",
        "{model_name: a, litellm_params: {model: azure/a}}",
        "{model_name: a, litellm_params: {model: azure/b, weight: 0}}",
        "{model_name: b, litellm_params: {model: openai/b}}",
    ]);
    assert_eq!(
        warnings(&text),
        [
            "config.yaml:3: model_list[1]: another deployment of `a` has a `weight` and this one \
             has none, so this one is never picked; give it a `weight` too, for example `weight: 1`"
        ],
    );
    // Only the shuffle goes by weight.
    quiet(&(text + "router_settings: {routing_strategy: least-busy}\n"));
}
