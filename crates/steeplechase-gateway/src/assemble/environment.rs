use std::sync::Arc;

use steeplechase::dialects::intake::IntakeConfig;
use steeplechase::environment;
use steeplechase::preset::{Group, Preset};

use super::Assembled;

/// Assembles what the environment says: each provider whose key is set serves all its models, by the
/// names `provider/model`.
pub fn from_environment(env: &dyn Fn(&str) -> Option<String>) -> Assembled {
    let found = environment::deployments(env);
    for why in found.left_out {
        tracing::warn!("{why}");
    }
    let mut preset = Preset::new();
    let mut providers = Vec::new();
    let deployments = found.deployments.clone();
    for deployment in found.deployments {
        providers.push(Arc::clone(deployment.provider_handle()));
        preset = preset.group(Group::new(deployment.model().to_owned(), [deployment]));
    }
    let example = providers.first().map(|provider| example(provider));
    Assembled {
        preset,
        intake: IntakeConfig::new(),
        decisions: None,
        providers,
        deployments,
        // Nobody has said which.
        moderation_model: None,
        example,
        upkeep: Vec::new(),
        warnings: Vec::new(),
    }
}

/// A model of a provider that is likely to be there.
fn example(provider: &str) -> Arc<str> {
    match provider {
        "anthropic" => "anthropic/claude-haiku-4-5".into(),
        "gemini" => "gemini/gemini-2.5-flash".into(),
        "groq" => "groq/llama-3.1-8b-instant".into(),
        "mistral" => "mistral/mistral-small-latest".into(),
        "deepseek" => "deepseek/deepseek-chat".into(),
        "openrouter" => "openrouter/openai/gpt-4o-mini".into(),
        "openai" => "openai/gpt-4o-mini".into(),
        other => format!("{other}/MODEL").into(),
    }
}
