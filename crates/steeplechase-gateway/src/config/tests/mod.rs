//! What an operator writes, and what they are told: every message is asserted in full.

mod answers;
mod behaviours;
mod budgets;
mod checks;
mod credentials;
mod docs;
mod environment;
mod general;
mod include;
mod limits;
mod models;
mod names;
mod parameters;
mod prices;
mod property;
mod providers;
mod real;
mod router;
mod routing;
mod yaml;

use super::*;

/// The variables that the tests' configurations name.
fn env(name: &str) -> Option<String> {
    match name {
        "OPENAI_API_KEY" => Some("sk-openai".to_owned()),
        "RETRIES" => Some("4".to_owned()),
        "WORD" => Some("hello".to_owned()),
        "YES" => Some("True".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn loaded(text: &str) -> Loaded {
    match Config::parse(text, "config.yaml", env) {
        Ok(loaded) => loaded,
        Err(errors) => panic!("refused:\n{errors}"),
    }
}

fn warnings(text: &str) -> Vec<String> {
    loaded(text)
        .warnings
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// A configuration that should give no warnings.
fn quiet(text: &str) -> Config {
    let loaded = loaded(text);
    assert_eq!(loaded.warnings, [], "{text}");
    loaded.config
}

fn errors(text: &str) -> Vec<String> {
    let refused = Config::parse(text, "config.yaml", env).expect_err(text);
    refused.to_string().lines().map(str::to_owned).collect()
}

/// A list of one model, in three lines, to be followed by further sections from line 4.
const MODEL: &str = "model_list:
  - model_name: gpt-4o
    litellm_params: {model: openai/gpt-4o}
";

fn with_model(rest: &str) -> String {
    format!("{MODEL}{rest}")
}

/// One model with further `litellm_params`, each on a line, from line 5.
fn with_params(params: &[&str]) -> String {
    let lines = params.iter().map(|line| format!("      {line}\n"));
    let head =
        "model_list:\n  - model_name: gpt-4o\n    litellm_params:\n      model: openai/gpt-4o\n";
    head.to_owned() + &lines.collect::<String>()
}
