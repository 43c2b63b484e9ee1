//! What the command says, one sentence for each test.

use serde_json::Value;

use super::{Outcome, check};
use crate::cli::Check;
use crate::plan::tests::File;

fn run(text: &str, strict: bool, json: bool) -> Outcome {
    let file = File::new(text);
    let options = Check {
        config: file.path().to_owned(),
        strict,
        json,
    };
    let env = |name: &str| (name == "OPENAI_API_KEY").then(|| "sk-canary".to_owned());
    check(&options, &env)
}

/// What is warned of, for entries of a model `m`.
fn warnings(entries: &[&str], router: &str) -> String {
    let entries = entries
        .iter()
        .map(|params| format!("  - {{model_name: m, litellm_params: {{{params}}}}}\n"));
    let entries: String = entries.collect();
    let text = format!("model_list:\n{entries}router_settings: {{{router}}}\n");
    let text = run(&text, false, false).text;
    let lines = text.lines().filter(|line| line.starts_with("warning: "));
    lines.collect::<Vec<_>>().join("\n")
}

const PRICED: &str = "input_cost_per_token: 0.000001, output_cost_per_token: 0.000002";

const GOOD: &str = "
model_list:
  - {model_name: fast, litellm_params: {model: openai/gpt-4o-mini, api_key: sk-canary, order: 1, timeout: 30}}
  - {model_name: fast, litellm_params: {model: openai/gpt-4o, order: 2}, model_info: {id: spare}}
router_settings:
  model_group_alias: {quick: fast}
  hedge: {delay: 2}
general_settings: {master_key: sk-canary}
";

#[test]
fn what_is_well_is_drawn_and_the_exit_code_is_0() {
    let Outcome { text, code } = run(GOOD, true, false);
    assert_eq!(code, 0, "{text}");
    for words in [
        "callers      have to show the master key",
        "at most 4 attempts, and 600 s to get an answer",
        "hedge      after 2 s, for at most 5 % of the calls",
        "fast  also quick",
        "├─ order 1 100 %",
        "└─ order 2 100 %  spare ",
        "openai gpt-4o-mini @ api.openai.com",
        "$0.15 in, $0.6 out a million",
        "30 s to an answer",
        "can be served: no warnings",
    ] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
    assert!(!text.contains("canary"));
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_the_exit_code_is_2() {
    let text = "model_list: [{model_name: m, litellm_params: {model: openai/x, timeout: soon}}]\n\
                router_settings: {num_retries: many}\n";
    let Outcome { text, code } = run(text, false, false);
    assert_eq!(code, 2);
    assert!(
        text.contains(":1: model_list[0].litellm_params.timeout"),
        "{text}"
    );
    assert!(text.contains(":2: router_settings.num_retries"), "{text}");
    assert!(
        text.lines().all(|line| line.starts_with("error: ")),
        "{text}"
    );
}

#[test]
fn a_warning_is_exit_code_1_if_there_are_to_be_none() {
    let text = "model_list: [{model_name: m, litellm_params: {model: openai/gpt-4o}}]\n";
    let Outcome { text: said, code } = run(text, false, false);
    assert_eq!(code, 0, "{said}");
    assert!(said.ends_with("can be served: 1 warning\n"), "{said}");
    assert_eq!(run(text, true, false).code, 1);
}

#[test]
fn each_surprise_is_told_with_its_line() {
    let two = |a: &str, b: &str| {
        let model = |more: &str| format!("model: openai/gpt-4o{more}");
        [model(a), model(b)]
    };
    let of = |[a, b]: [String; 2], router: &str| warnings(&[&*a, &*b], router);
    for (found, words) in [
        (
            warnings(&["model: openai/gpt-4o"], ""),
            ":2: model_list[m].model_name: `m` has one deployment and no fallback",
        ),
        (
            warnings(
                &["model: openai/own", &format!("model: openai/b, {PRICED}")],
                "",
            ),
            ":2: model_list[m].litellm_params.model: the price of `openai/own` is not known",
        ),
        (
            of(two(", rpm: 10", ""), ""),
            ":3: model_list[m].litellm_params.rpm: another deployment of `m` has `rpm`",
        ),
        (
            of(two(", order: 1", ""), ""),
            ":3: model_list[m].litellm_params.order: another deployment of `m` has an `order` and this one has none",
        ),
        (
            of(two(", timeout: 2", ", timeout: 9"), "hedge: {delay: 3}"),
            "is given up after 2 s, so a hedge after 3 s never comes",
        ),
        (
            of(two("", ""), "race: {width: 3}"),
            "a call is to go to 3 deployments at once, and `m` has 2",
        ),
        (
            of(two("", ""), "fallbacks: [{m: [a, b, c, d, e, f]}]"),
            "these fallbacks of `m` are never reached: e",
        ),
        (
            of(
                two("", ""),
                "model_group_alias: {quick: m}, fallbacks: [{m: [\"openai/gpt-4o\"]}]",
            ),
            "whoever asks for it as `quick` has none",
        ),
    ] {
        assert!(found.contains(words), "{words} is not in\n{found}");
    }
}

#[test]
fn what_does_not_surprise_is_not_told() {
    let entry = format!("model: openai/a, {PRICED}, rpm: 10, order: 1, timeout: 9");
    let found = warnings(&[&entry, &format!("{entry}, tpm: 1")], "hedge: {delay: 3}");
    let ours = found
        .lines()
        .filter(|line| !line.contains("share of the calls so far"));
    let ours: Vec<_> = ours
        .filter(|line| !line.contains("there is no key"))
        .collect();
    assert!(ours.is_empty(), "{ours:?}");
}

#[test]
fn limits_and_budgets_are_drawn() {
    let entry = format!(
        "model: openai/a, {PRICED}, itpm: 1, otpm: 2, rpd: 3, tpd: 4, daily_reset_time: \"05:30\", \
         max_budget: 5, budget_duration: 1h"
    );
    let text = format!(
        "model_list: [{{model_name: m, litellm_params: {{{entry}}}}}]
router_settings: {{provider_budget_config: {{openai: {{budget_limit: 0.5, time_period: 5m}}}}}}
litellm_settings: {{tag_budget_config: {{chat: {{max_budget: 7, budget_duration: 30s}}}}}}
"
    );
    let Outcome { text, code } = run(&text, false, false);
    assert_eq!(code, 0, "{text}");
    for drawn in [
        "at most $5 in 3600 s",
        "1 tokens of prompts a minute · 2 tokens of answers a minute · 3 requests a day · 4 tokens a day · \
         days from 05:30 UTC",
        "  budgets    openai $0.5 in 300 s, the tag chat $7 in 30 s",
    ] {
        assert!(text.contains(drawn), "{drawn} is not in {text}");
    }
}

#[test]
fn json_says_the_same_for_programs() {
    let Outcome { text, code } = run(GOOD, false, true);
    assert_eq!(code, 0);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["errors"], Value::Array(Vec::new()));
    let fast = &report["models"][0];
    assert_eq!(fast["aliases"][0], "quick");
    assert_eq!(fast["deployments"][1]["id"], "spare");
    assert_eq!(fast["deployments"][0]["timeout_seconds"], 30.0);

    let Outcome { text, code } = run("model_list: 1", false, true);
    assert_eq!(code, 2);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["errors"][0]["line"], 1);
}
