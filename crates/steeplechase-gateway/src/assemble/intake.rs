//! How calls are taken in.

use std::sync::Arc;

use steeplechase::Deployment;
use steeplechase::dialects::intake::IntakeConfig;

use super::moderations::{is_served, served_by_nobody};
use crate::config::{Compat, Config, Diagnostic};

/// The settings of the intake.
pub(super) fn settings(
    config: &Config,
    deployments: &[Arc<Deployment>],
    warnings: &mut Vec<Diagnostic>,
) -> IntakeConfig {
    let general = &config.general;
    // To LiteLLM a model that is named here is that of all calls.
    let is_of_all = config.router.compat == Compat::Litellm;
    let mut settings = IntakeConfig::new()
        .overrides(general.caller_overrides)
        .programs(deployments.iter().any(|it| !it.user_agents().is_empty()))
        .stream_usage(general.always_include_stream_usage)
        .always_names(is_of_all);
    if let Some(bytes) = general.max_request_size {
        settings = settings.max_body(bytes);
    }
    let mut named = |key: &str, model: &Option<String>, calls: &str| {
        let model = model.clone()?;
        if !is_served(config, deployments, &model) {
            let whose = if is_of_all {
                "all"
            } else {
                "those without a model"
            };
            warnings.push(served_by_nobody(key, &model, &format!("{calls}, {whose},")));
        }
        Some(model)
    };
    let chat = named("completion_model", &general.completion_model, "chats");
    let embeddings = named("embedding_model", &general.embedding_model, "embeddings");
    if let Some(model) = chat {
        settings = settings.chat_model(model);
    }
    if let Some(model) = embeddings {
        settings = settings.embedding_model(model);
    }
    settings
}

#[cfg(test)]
mod tests {
    use crate::assemble::from_config;
    use crate::config::Config;

    /// The keys that are warned of.
    fn warned(general: &str) -> Vec<String> {
        let text = format!(
            "model_list: [{{model_name: fast, litellm_params: {{model: openai/x, api_key: k}}}}]\n\
             general_settings: {{{general}}}\n"
        );
        let config = Config::parse(&text, "config.yaml", |_| None)
            .unwrap()
            .config;
        let warnings = from_config(&config, &|_| None).unwrap().warnings;
        warnings.into_iter().map(|it| it.key_path).collect()
    }

    #[test]
    fn a_model_for_calls_without_one_that_nobody_serves_is_a_warning() {
        assert!(warned("completion_model: fast, embedding_model: x").is_empty());
        assert_eq!(
            warned("completion_model: slow, embedding_model: none"),
            [
                "general_settings.completion_model",
                "general_settings.embedding_model"
            ]
        );
    }
}
