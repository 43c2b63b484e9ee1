use http::Uri;
use proptest::prelude::*;
use steeplechase_core::ApiKey;
use steeplechase_core::deployment::{Auth, Platform};

use crate::azure::family::Family;
use crate::azure::place::Place;
use crate::azure::{anthropic_base_url, auth, base_url, is_claude, platform};

const DATE: &str = "2024-10-21";

fn uri(base: &str, version: Option<&str>, endpoint: &str) -> String {
    let place = Place::new(&base.parse().unwrap(), version).unwrap();
    place.uri(endpoint, "d").unwrap().to_string()
}

#[test]
fn a_response_is_of_the_resource_and_not_of_a_deployment() {
    let base = "https://eu.openai.azure.com";
    let old = uri(base, Some("2025-03-01-preview"), "/responses");
    assert_eq!(
        old,
        format!("{base}/openai/responses?api-version=2025-03-01-preview")
    );
    assert_eq!(
        uri(base, None, "/responses"),
        format!("{base}/openai/v1/responses")
    );
}

#[test]
fn a_version_without_responses_has_them_where_there_are_no_versions() {
    for base in [
        "https://eu.openai.azure.com",
        "https://eu.openai.azure.com/openai",
        "https://eu.openai.azure.com/openai/deployments/d?api-version=2024-06-01",
        "https://eu.openai.azure.com/openai/v1",
    ] {
        assert_eq!(
            uri(base, Some(DATE), "/responses"),
            "https://eu.openai.azure.com/openai/v1/responses",
            "{base}"
        );
    }
    let front = "https://apim.example.com/openai-front/?tenant=7";
    assert_eq!(
        uri(front, Some(DATE), "/responses"),
        "https://apim.example.com/openai-front/openai/v1/responses?tenant=7"
    );
    assert_eq!(
        uri(front, Some("2025-04-01-preview"), "/containers"),
        "https://apim.example.com/openai-front/openai/v1/containers?tenant=7"
    );
}

#[test]
fn what_a_model_does_is_of_a_deployment_and_what_is_kept_is_of_the_resource() {
    let base = "https://eu.openai.azure.com";
    let fixed = "https://eu.openai.azure.com/openai/deployments/d";
    for endpoint in [
        "/completions",
        "/audio/speech",
        "/audio/transcriptions",
        "/images/edits",
        "/images/generations",
    ] {
        let placed = format!("{fixed}{endpoint}?api-version={DATE}");
        assert_eq!(uri(base, Some(DATE), endpoint), placed);
        assert_eq!(uri(fixed, Some(DATE), endpoint), placed);
        let v1 = format!("{base}/openai/v1{endpoint}");
        assert_eq!(uri(base, None, endpoint), v1);
        assert_eq!(uri(&format!("{base}/openai/v1"), Some(DATE), endpoint), v1);
    }
    for endpoint in [
        "/files",
        "/files/file-1/content",
        "/batches",
        "/fine_tuning/jobs",
    ] {
        let placed = format!("{base}/openai{endpoint}?api-version={DATE}");
        assert_eq!(uri(base, Some(DATE), endpoint), placed);
        assert_eq!(uri(fixed, Some(DATE), endpoint), placed);
        assert_eq!(
            uri(base, None, endpoint),
            format!("{base}/openai/v1{endpoint}")
        );
    }
}

#[test]
fn what_azure_has_nowhere_is_known() {
    let has = |base: &str, version: Option<&str>, endpoint: &str| {
        let place = Place::new(&base.parse().unwrap(), version).unwrap();
        place.has(endpoint)
    };
    let base = "https://eu.openai.azure.com";
    assert!(has(base, Some(DATE), "/images/generations"));
    assert!(!has(base, Some(DATE), "/moderations"));
    assert!(has(base, None, "/moderations"), "nobody knows");
    let foundry = "https://eu.services.ai.azure.com/models";
    assert!(!has(foundry, None, "/images/generations"));
    assert!(has(
        "https://m.eastus.models.ai.azure.com",
        None,
        "/images/generations"
    ));
}

#[test]
fn only_dates_are_compared() {
    let is_before = |version: Option<&str>, base: &str| {
        let place = Place::new(&base.parse().unwrap(), version).unwrap();
        place.is_before("2024-09-01")
    };
    let base = "https://eu.openai.azure.com";
    assert!(is_before(Some("2024-06-01"), base));
    assert!(is_before(Some("2024-08-01-preview"), base));
    assert!(!is_before(Some("2024-09-01-preview"), base));
    assert!(!is_before(Some("preview"), base));
    assert!(!is_before(None, base));
    assert!(!is_before(
        Some("2024-06-01"),
        "https://eu.openai.azure.com/openai/v1"
    ));
    // That of the base counts.
    let fixed = "https://eu.openai.azure.com/openai/deployments/d?api-version=2023-05-15";
    assert!(is_before(Some(DATE), fixed));
}

#[test]
fn a_provider_is_on_azure_by_its_name() {
    let version = |provider: &str, given: Option<&str>| match platform(provider, given) {
        Some(Platform::Azure { api_version }) => Some(api_version.map(String::from)),
        _ => None,
    };
    assert_eq!(version("azure", Some(DATE)), Some(Some(DATE.to_owned())));
    assert_eq!(
        version("azure", Some("")),
        Some(Some("2025-02-01-preview".to_owned()))
    );
    assert_eq!(version("azure_ai", None), Some(None));
    assert_eq!(version("openai", Some(DATE)), None);
}

#[test]
fn foundry_is_found_by_its_host() {
    let base = |provider: &str, url: &str| base_url(provider, url.parse().unwrap()).to_string();
    let host = "https://eu.services.ai.azure.com";
    assert_eq!(base("azure_ai", host), format!("{host}/models"));
    assert_eq!(base("azure", host), format!("{host}/"));
    assert_eq!(
        base("azure_ai", &format!("{host}/openai/v1")),
        format!("{host}/openai/v1")
    );
    assert_eq!(
        base("azure_ai", "https://m.eastus.models.ai.azure.com"),
        "https://m.eastus.models.ai.azure.com/"
    );

    for url in ["", "/models", "/anthropic", "/anthropic/v1/messages"] {
        let url: Uri = format!("{host}{url}").parse().unwrap();
        assert_eq!(anthropic_base_url(url), *format!("{host}/anthropic"));
    }
    assert!(is_claude("Claude-Sonnet-4-5") && !is_claude("grok-4"));
}

#[test]
fn a_host_of_one_model_takes_a_bearer_token_and_the_others_a_header() {
    let shown = |url: &str| auth(&url.parse().unwrap(), ApiKey::new("k"));
    assert!(matches!(
        shown("https://m.eastus.models.ai.azure.com"),
        Auth::Bearer(_)
    ));
    assert!(
        matches!(shown("https://eu.openai.azure.com"), Auth::Header(name, _) if name == "api-key")
    );
}

#[test]
fn families_are_told_by_the_names_of_models() {
    for (family, models) in [
        (
            Family::Fixed,
            &[
                "o1",
                "o3-mini",
                "azure/o4-mini",
                "gpt-5",
                "gpt-5-mini-2025-08-07",
                "gpt-5-codex",
            ][..],
        ),
        (
            Family::Reasons,
            &["gpt-5-chat", "gpt-5.1", "azure/gpt-5.2-chat", "gpt-6-sol"],
        ),
        (
            Family::Plain,
            &[
                "gpt-4o",
                "gpt-35-turbo",
                "prod-chat",
                "omni-moderation",
                "gpt-oss-120b",
                "grok-4",
            ],
        ),
    ] {
        for model in models {
            assert_eq!(Family::of(model), family, "{model}");
        }
    }
}

#[test]
fn a_deployment_does_not_lead_out_of_the_path() {
    let place = Place::new(&"https://r.openai.azure.com".parse().unwrap(), Some(DATE)).unwrap();
    for name in [".", ".."] {
        let error = place.uri("/embeddings", name).unwrap_err();
        assert_eq!(error.param(), Some("model"), "{name}");
    }
}

proptest! {
    #[test]
    fn a_base_that_says_it_all_is_kept_whatever_the_version(
        name in "[a-zA-Z0-9_-][a-zA-Z0-9._-]{0,11}",
        version in prop::option::of("20[0-9]{2}-[0-9]{2}-[0-9]{2}(-preview)?"),
    ) {
        let base = format!(
            "https://r.openai.azure.com/openai/deployments/{name}/chat/completions?api-version=2024-06-01"
        );
        prop_assert_eq!(&uri(&base, version.as_deref(), "/chat/completions"), &base);
    }

    #[test]
    fn a_deployment_is_one_segment_whatever_its_name(
        name in "\\PC{1,12}".prop_filter("leads out", |name| !matches!(&**name, "." | "..")),
    ) {
        let place = Place::new(&"https://r.openai.azure.com".parse().unwrap(), Some(DATE)).unwrap();
        let uri = place.uri("/embeddings", &name).unwrap();
        let segments: Vec<_> = uri.path().split('/').collect();
        prop_assert_eq!(segments.len(), 5);
        prop_assert_eq!(segments[4], "embeddings");
        prop_assert_eq!(uri.query(), Some("api-version=2024-10-21"));
    }
}
