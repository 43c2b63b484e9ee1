//! What the command says, one sentence for each test.

use serde_json::Value;

use super::*;
use crate::cli::Providers;

/// A configuration that is removed when it is dropped.
struct File(std::path::PathBuf);

impl File {
    fn new(text: &str) -> Self {
        let name = format!("steeplechase-providers-{}.yaml", fastrand::u64(..));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn say(
    name: Option<&str>,
    json: bool,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let options = Providers {
        name: name.map(str::to_owned),
        json,
        config: None,
    };
    text(&options, env)
}

fn groq_is_set(name: &str) -> Option<String> {
    (name == "GROQ_API_KEY").then(|| "gsk-canary".to_owned())
}

#[test]
fn each_provider_has_a_line_that_says_whether_its_key_is_set() {
    let list = say(None, false, &groq_is_set).unwrap();
    let line = |id: &str| {
        let mut lines = list
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        lines
            .find(|words| words.first() == Some(&id))
            .unwrap()
            .join(" ")
    };
    assert_eq!(line("groq"), "groq Groq GROQ_API_KEY set");
    assert_eq!(line("xai"), "xai xAI XAI_API_KEY not set");
    assert_eq!(line("ollama"), "ollama Ollama OLLAMA_API_KEY not needed");
    assert!(list.lines().count() > 110);
    assert!(!list.contains("canary"));
}

#[test]
fn one_is_explained_with_what_to_write_and_never_with_a_key() {
    let page = say(Some("groq"), false, &groq_is_set).unwrap();
    for words in [
        "Groq (groq)",
        "https://api.groq.com/openai/v1",
        "GROQ_API_BASE (not set)",
        "GROQ_API_KEY (set)",
        "authorization: Bearer KEY",
        "chat /chat/completions, responses /responses",
        "has not     embeddings",
        "refuses     logit_bias, logprobs, top_logprobs",
        "limits      n at most 1",
        "usage       at the end of a stream, in x_groq",
        "https://console.groq.com",
        "        model: groq/MODEL\n        api_key: os.environ/GROQ_API_KEY\n",
        "ask for `groq/MODEL`",
    ] {
        assert!(page.contains(words), "{words} is not in\n{page}");
    }
    assert!(!page.contains("canary"));
}

#[test]
fn every_provider_can_be_explained() {
    for provider in steeplechase::dialects::catalog::all() {
        let id = provider.id();
        let page = say(Some(id), false, &|_| None).unwrap();
        assert!(page.contains(&format!("model: {id}/MODEL")), "{page}");
        let asks = page.contains("api_base: ");
        assert_eq!(asks, provider.base_url().is_none(), "{id}");
        for alias in provider.aliases() {
            assert_eq!(say(Some(alias), false, &|_| None).unwrap(), page);
        }
    }
}

#[test]
fn json_says_the_same_for_programs() {
    let all: Value = serde_json::from_str(&say(None, true, &groq_is_set).unwrap()).unwrap();
    let all = all.as_array().unwrap();
    assert!(all.len() > 110);
    let one: Value = serde_json::from_str(&say(Some("groq"), true, &groq_is_set).unwrap()).unwrap();
    assert!(all.contains(&one));
    assert_eq!(one["key_set"], "GROQ_API_KEY");
    assert_eq!(one["endpoints"]["embeddings"], false);
    assert_eq!(one["parameters"]["limits"]["n"], "at most 1");
    assert_eq!(one["stream_usage"], "x_groq");
    let cerebras: Value =
        serde_json::from_str(&say(Some("cerebras"), true, &|_| None).unwrap()).unwrap();
    assert_eq!(cerebras["key_set"], Value::Null);
    assert_eq!(
        cerebras["parameters"]["renames"]["max_completion_tokens"],
        "max_tokens"
    );
}

#[test]
fn what_becomes_of_values_and_messages_is_said() {
    let page = say(Some("mistral"), false, &|_| None).unwrap();
    assert!(page.contains("tool_choice required becomes any"), "{page}");
    assert!(page.contains("nine letters and digits"), "{page}");
    let page = say(Some("moonshot"), false, &|_| None).unwrap();
    for said in [
        "temperature at most 1, and at least 0.3 with several choices, or it becomes that",
        "tool_choice only auto or none, or it becomes the first of them",
        "a call of a tool without thoughts gets blank ones",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let deepseek = say(Some("deepseek"), true, &|_| None).unwrap();
    let deepseek: Value = serde_json::from_str(&deepseek).unwrap();
    assert_eq!(
        deepseek["parameters"]["messages"][0],
        "lists of texts become one text"
    );
}

#[test]
fn a_name_that_nobody_has_is_answered_with_the_nearest() {
    for (name, nearest) in [
        ("grok", "groq"),
        ("deepsek", "deepseek"),
        ("ollama_caht", "ollama_chat"),
    ] {
        let error = say(Some(name), false, &|_| None).unwrap_err();
        assert_eq!(
            error,
            format!("there is no provider `{name}`; did you mean `{nearest}`?")
        );
    }
    let error = say(Some("somebody-else"), true, &|_| None).unwrap_err();
    assert!(error.contains("lists those that there are"), "{error}");
}

#[test]
fn a_provider_of_a_configurations_own_is_explained_without_its_secrets() {
    let file = File::new(
        "providers:
  house:
    base_url: https://user:canary@llm.example.com/v1?key=canary
    headers: {x-secret: canary, x-team: \"{TEAM}\"}
    key_env: [HOUSE_KEY]
environment_variables: {HOUSE_KEY: canary}
model_list: [{model_name: m, litellm_params: {model: house/x}}]
",
    );
    let options = |json| Providers {
        name: Some("house".to_owned()),
        json,
        config: Some(file.0.clone()),
    };
    let page = text(&options(false), &|_| None).unwrap();
    for words in [
        "https://llm.example.com/v1\n",
        "x-secret, x-team (of TEAM)",
        "HOUSE_KEY (set)",
    ] {
        assert!(page.contains(words), "{page}");
    }
    let json = text(&options(true), &|_| None).unwrap();
    assert!(
        !page.contains("canary") && !json.contains("canary"),
        "{page}{json}"
    );

    let wrong = File::new("providers: {a/b: {}}");
    let options = Providers {
        config: Some(wrong.0.clone()),
        ..options(false)
    };
    assert!(text(&options, &|_| None).is_err());
}
