//! What the table promises.

use http::Uri;
use steeplechase_core::deployment::Auth;
use steeplechase_core::{ApiKey, Dialect};

use super::*;

#[test]
fn every_row_can_be_used() {
    assert!(all().count() >= 40);
    for provider in all() {
        let has_url = provider.base_url().is_some() || !provider.base_url_variables().is_empty();
        assert!(has_url, "{}", provider.id());
        assert!(!provider.key_variables().is_empty(), "{}", provider.id());
        if let Some(url) = provider.base_url() {
            let url: Uri = url.parse().unwrap();
            assert!(
                url.scheme().is_some() && !url.path().ends_with("//"),
                "{url}"
            );
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
        ("gpt-4o-mini", "openai", "gpt-4o-mini"),
        ("text-embedding-3-small", "openai", "text-embedding-3-small"),
        ("claude-3-5-haiku", "anthropic", "claude-3-5-haiku"),
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
