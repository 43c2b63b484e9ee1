//! How a model is found.

use super::*;

/// The name of what is found.
fn found(provider: &str, model: &str) -> Option<&'static str> {
    get(provider, model).map(Model::id)
}

#[test]
fn a_model_is_found_by_the_providers_name_and_by_litellms() {
    for (provider, model, id) in [
        ("openai", "gpt-4o", "gpt-4o"),
        ("openai", "openai/gpt-4o", "gpt-4o"),
        ("azure", "gpt-4o", "azure/gpt-4o"),
        ("azure", "azure/gpt-4o", "azure/gpt-4o"),
        (
            "azure",
            "eu/gpt-4o-2024-08-06",
            "azure/eu/gpt-4o-2024-08-06",
        ),
        ("gemini", "gemini-2.5-pro", "gemini/gemini-2.5-pro"),
        (
            "vertex_ai",
            "gemini-3.7-flash",
            "vertex_ai/gemini-3.7-flash",
        ),
        (
            "vertex_ai-embedding-models",
            "text-embedding-preview-0409",
            "text-embedding-preview-0409",
        ),
        ("cohere_chat", "command-r7b-12-2024", "command-r7b-12-2024"),
        ("cohere", "embed-v4.0", "cohere/embed-v4.0"),
        ("groq", "openai/gpt-oss-20b", "groq/openai/gpt-oss-20b"),
        // Letters may be small or large.
        ("openai", "GPT-4o", "gpt-4o"),
        (
            "deepinfra",
            "gryphe/mythomax-l2-13b",
            "deepinfra/Gryphe/MythoMax-L2-13b",
        ),
    ] {
        assert_eq!(found(provider, model), Some(id), "{provider}, {model}");
    }
}

#[test]
fn what_does_not_make_it_another_model_is_left_out() {
    for (provider, model, id) in [
        ("openai", "gpt-4.1-2031-01-02", "gpt-4.1"),
        (
            "openai",
            "ft:gpt-4o-2024-08-06:org:name:id",
            "ft:gpt-4o-2024-08-06",
        ),
        (
            "openai",
            "ft:gpt-4o-2024-08-06:org::id",
            "ft:gpt-4o-2024-08-06",
        ),
        (
            "vertex_ai",
            "gemini-3.7-flash-001",
            "vertex_ai/gemini-3.7-flash",
        ),
        (
            "bedrock",
            "us.amazon.nova-2-lite-v1:0",
            "us.amazon.nova-2-lite-v1:0",
        ),
        (
            "bedrock",
            "apac.amazon.nova-2-lite-v1:0",
            "amazon.nova-2-lite-v1:0",
        ),
        (
            "bedrock",
            "converse/amazon.nova-2-lite-v1:0",
            "amazon.nova-2-lite-v1:0",
        ),
        (
            "bedrock",
            "eu-west-1/amazon.nova-2-lite-v1:0",
            "amazon.nova-2-lite-v1:0",
        ),
        (
            "bedrock_converse",
            "amazon.nova-2-lite-v1:0:51k",
            "amazon.nova-2-lite-v1:0",
        ),
        (
            "bedrock",
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-2-lite-v1:0",
            "us.amazon.nova-2-lite-v1:0",
        ),
    ] {
        assert_eq!(found(provider, model), Some(id), "{provider}, {model}");
    }
}

#[test]
fn a_model_of_another_provider_is_another_model() {
    assert_eq!(found("openrouter", "openai/gpt-4o"), None);
    assert_eq!(found("groq", "gpt-4o"), None);
    assert_eq!(found("openai", "claude-opus-5"), None);
    assert_eq!(found("openai", ""), None);
    assert_eq!(found("", "gpt-4o"), None);
    assert_eq!(found("openai", "gpt-4o:é:é:é"), None);
    // But for what Azure has in two places.
    assert_eq!(found("azure_ai", "gpt-4o"), Some("gpt-4o"));
}

#[test]
fn all_words_of_a_search_are_in_what_is_found() {
    let ids = |query| -> Vec<&str> { search(query).into_iter().map(Model::id).collect() };
    assert_eq!(
        ids("bedrock au. SONNET-5-5"),
        ["au.anthropic.claude-sonnet-5-5"]
    );
    assert!(ids("voyage rerank").contains(&"voyage/rerank-2.5"));
    assert!(ids("no such model").is_empty());
    assert_eq!(search("").len(), all().count());
}
