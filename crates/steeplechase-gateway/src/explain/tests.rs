//! What the command says, one sentence for each test.

use super::text;
use crate::cli::Explain;
use crate::plan::tests::File;

const CONFIG: &str = "
model_list:
  - {model_name: fast, litellm_params: {model: openai/gpt-4o-mini, order: 1, weight: 3}, model_info: {id: big}}
  - {model_name: fast, litellm_params: {model: openai/gpt-4o-mini, order: 1, weight: 1}, model_info: {id: small}}
  - {model_name: fast, litellm_params: {model: openai/gpt-4o, order: 2, timeout: 9}, model_info: {id: spare}}
  - {model_name: tiny, litellm_params: {model: openai/gpt-4o}, model_info: {id: short, max_input_tokens: 100}}
  - {model_name: \"open/*\", litellm_params: {model: openai/*}, model_info: {id: any}}
router_settings:
  model_group_alias: {quick: fast}
  enable_pre_call_checks: true
  fallbacks: [{fast: [tiny]}]
  context_window_fallbacks: [{tiny: [fast]}]
";

fn call(model: &str, prompt: Option<u64>) -> String {
    let file = File::new(CONFIG);
    let options = Explain {
        config: file.path().to_owned(),
        model: model.to_owned(),
        stream: true,
        prompt_tokens: prompt,
        max_tokens: Some(1_000_000),
        tags: Vec::new(),
        region: None,
    };
    text(&options, &|_| None).unwrap()
}

fn says(text: &str, all: &[&str]) {
    for words in all {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
}

#[test]
fn who_gets_how_much_and_who_only_in_need() {
    says(
        &call("fast", Some(1_000_000)),
        &[
            "of a prompt of 1000000 tokens and an answer of at most 1000000",
            "`fast` is a model of its own; simple-shuffle picks",
            "  big    not: it takes prompts of at most 128000 tokens",
        ],
    );
    says(
        &call("fast", Some(1_000)),
        &[
            "  big    gets 75 % · $0.60015 · given up when it is unusually slow, then after 300 s of silence",
            "  small  gets 25 % · ",
            "  spare  only while nobody of a lower order than 2 can take it · ",
            "given up after 9 s without content, then after 9 s of silence",
            "at most 4 attempts, 2 of them retries, and 600 s until",
            "after a failure                  tiny\n",
            "after a prompt that is too long  no other model\n",
            "after a fault of the caller      nobody",
        ],
    );
}

#[test]
fn a_prompt_that_fits_nowhere_is_refused_or_goes_to_another_model() {
    says(
        &call("tiny", Some(200)),
        &[
            "  short  not: it takes prompts of at most 100 tokens",
            "nobody of them takes it, so it goes to `fast`",
            "after a prompt that is too long  fast\n",
        ],
    );
    says(&call("tiny", Some(50)), &["  short  gets 100 %"]);
    says(&call("tiny", None), &["  short  gets 100 %"]);
}

#[test]
fn a_name_is_an_alias_a_pattern_or_nothing() {
    says(
        &call("quick", None),
        &["`quick` is another name for `fast`", "  big "],
    );
    says(
        &call("open/gpt-5", None),
        &["`open/gpt-5` is one of `open/*`", "  any "],
    );
    says(
        &call("fats", None),
        &[
            "`fats` is no model",
            "did you mean `fast`?",
            "it fails with 404 not_found: the model `fats` does not exist",
        ],
    );
    says(
        &call("spare", None),
        &[
            "`spare` is a name of deployments of `fast`, and goes to these alone",
            "  spare  gets 100 %",
            "  big    not: another is asked for by its name",
        ],
    );
}

#[test]
fn what_keeps_a_deployment_away_is_named() {
    let file = File::new(
        "
model_list:
  - {model_name: m, litellm_params: {model: openai/gpt-4o, tags: [eu]}, model_info: {id: eu-1}}
  - {model_name: m, litellm_params: {model: openai/gpt-4o, tags: [us]}, model_info: {id: us-1}}
router_settings: {enable_tag_filtering: true}
",
    );
    let of = |tag: &str| Explain {
        config: file.path().to_owned(),
        model: "m".to_owned(),
        stream: false,
        prompt_tokens: None,
        max_tokens: None,
        tags: vec![tag.to_owned()],
        region: None,
    };
    let said = text(&of("eu"), &|_| None).unwrap();
    says(&said, &["  eu-1  gets 100 %", "  us-1  not: by its tags"]);
    let said = text(&of("cn"), &|_| None).unwrap();
    says(&said, &["  eu-1  not: by its tags", "it fails with "]);
}

#[test]
fn a_configuration_that_is_wrong_is_an_error() {
    let file = File::new("model_list: 1");
    let options = Explain {
        config: file.path().to_owned(),
        model: "m".to_owned(),
        stream: false,
        prompt_tokens: None,
        max_tokens: None,
        tags: Vec::new(),
        region: None,
    };
    assert!(
        text(&options, &|_| None)
            .unwrap_err()
            .contains(":1: model_list")
    );
}
