//! What the table promises.

mod connecting;
mod golden;
mod rows;
mod templates;

use std::collections::HashMap;

use steeplechase_core::deployment::Auth;
use steeplechase_core::{ApiKey, Dialect};

use super::*;

/// An environment with these variables in it.
fn env<'a>(variables: &[(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + use<'a> {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    move |name| variables.get(name).map(|value| (*value).to_owned())
}

#[test]
fn every_row_can_be_used() {
    let chat = |provider: &&Provider| provider.endpoints()[0].1.is_some();
    assert!(all().filter(chat).count() >= 110);
    for provider in all() {
        let id = provider.id();
        assert!(provider.row.name.is_some(), "{id} has a name");
        let docs = provider.docs().unwrap_or_default();
        assert!(docs.starts_with("https://"), "{id} has documentation");
        let has_key = !provider.key_variables().is_empty();
        assert!(has_key || provider.is_key_optional(), "{id}");
        let is_own = provider.is_key_optional() || !provider.base_url_variables().is_empty();
        assert!(provider.base_url().is_some() || is_own, "{id}");
        let account = |name: &str| provider.variables().contains(&name).then(|| "x".to_owned());
        let url = provider.url(&account);
        assert_eq!(url.is_ok(), provider.base_url().is_some(), "{id}");
        for name in provider
            .key_variables()
            .iter()
            .chain(provider.base_url_variables())
        {
            let is_fit = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
            assert!(name.bytes().all(is_fit), "{id}: {name}");
        }
    }
}

#[test]
fn nothing_is_said_twice_of_a_parameter() {
    for provider in all() {
        let profile = provider.profile();
        let of_models = profile.models.iter().map(|models| &models.params);
        for params in of_models.chain([&profile.params, &profile.embedding_params]) {
            let limited = params.limits.iter().map(|limit| &limit.param);
            let mut names: Vec<_> = params
                .drops
                .iter()
                .chain(&params.ignored)
                .chain(limited)
                .collect();
            let count = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), count, "{}", provider.id());
        }
    }
}

#[test]
fn a_name_is_resolved_by_its_prefix_and_then_by_its_family() {
    for (name, provider, model) in [
        ("openai/gpt-4o", "openai", "gpt-4o"),
        (
            "openrouter/anthropic/claude-3",
            "openrouter",
            "anthropic/claude-3",
        ),
        ("ollama_chat/llama3", "ollama", "llama3"),
        ("nano-gpt/x", "nano-gpt", "x"),
        ("gpt-4o-mini", "openai", "gpt-4o-mini"),
        ("text-embedding-3-small", "openai", "text-embedding-3-small"),
        ("claude-3-5-haiku", "anthropic", "claude-3-5-haiku"),
        ("command-a-03-2025", "cohere", "command-a-03-2025"),
        ("embed-english-v3.0", "cohere", "embed-english-v3.0"),
        (
            "anthropic/claude-3-5-haiku",
            "anthropic",
            "claude-3-5-haiku",
        ),
    ] {
        let (found, rest) = resolve(name).unwrap();
        assert_eq!((found.id(), rest), (provider, model));
    }
    assert!(resolve("mystery").is_none());
    assert!(resolve("nobody/gpt-4o").is_none());
}

#[test]
fn anthropic_has_a_header_of_its_own_and_a_provider_without_a_key_none() {
    let anthropic = get("anthropic").unwrap();
    assert_eq!(anthropic.dialect(), Dialect::Anthropic);
    let auth = anthropic.auth(Some(ApiKey::new("k")));
    assert!(matches!(auth, Auth::Header(name, _) if name == "x-api-key"));
    let auth = get("hosted_vllm").unwrap().auth(None);
    assert!(matches!(auth, Auth::None));
}

#[test]
fn reasoning_models_of_openai_are_told_their_own_names() {
    let profile = get("openai").unwrap().profile();
    assert!(profile.params.is_empty(), "the others are left alone");
    for models in &profile.models {
        assert_eq!(
            &*models.params.renames["max_tokens"],
            "max_completion_tokens"
        );
    }
}
