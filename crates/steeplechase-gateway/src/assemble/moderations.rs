//! Who answers moderations that name no model.

use std::sync::Arc;

use steeplechase::model_info::Mode;
use steeplechase::{Deployment, Dialect};

use crate::config::{Config, Diagnostic};

/// The model for moderations that name none: the one that the configuration names, or else that of the first
/// deployment which is for moderations.
pub(super) fn model(
    config: &Config,
    deployments: &[Arc<Deployment>],
    warnings: &mut Vec<Diagnostic>,
) -> Option<Arc<str>> {
    if let Some(named) = &config.general.moderation_model {
        if !is_served(config, deployments, named) {
            let calls = "moderations without a model";
            warnings.push(served_by_nobody("moderation_model", named, calls));
        }
        return Some(named.as_str().into());
    }
    let moderates = |deployment: &&Arc<Deployment>| {
        let is_for_it = deployment.model_info().mode == Some(Mode::Moderation);
        let is_passed_on = deployment.dialect() == Dialect::OpenAi;
        is_passed_on && (is_for_it || deployment.upstream_model().contains("moderation"))
    };
    let first = deployments.iter().find(moderates);
    first.map(|deployment| deployment.model().into())
}

/// Whether somebody may serve a model. What a wildcard stands for is not known here.
pub(super) fn is_served(config: &Config, deployments: &[Arc<Deployment>], model: &str) -> bool {
    let aliases = &config.router.model_group_alias;
    let is_one = |name: &str| name == model || name.contains('*');
    deployments
        .iter()
        .any(|it| is_one(it.model()) || it.id() == model || it.upstream_model() == model)
        || aliases.iter().any(|alias| alias.alias == model)
}

/// That nobody serves the model that a setting names for some calls.
pub(super) fn served_by_nobody(key: &str, model: &str, calls: &str) -> Diagnostic {
    Diagnostic {
        source: String::new(),
        line: 0,
        key_path: format!("general_settings.{key}"),
        message: format!("no deployment that can be used serves `{model}`, so {calls} will fail"),
        fix: Some("name a `model_name` of `model_list`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use crate::assemble::from_config;
    use crate::config::Config;

    /// The model for moderations, and how often was warned of it.
    fn model(entries: &[&str], rest: &str) -> (Option<String>, usize) {
        let entries = entries.iter().map(|entry| format!("\n  - {{{entry}}}"));
        let text = format!("model_list:{}\n{rest}", entries.collect::<String>());
        let config = Config::parse(&text, "config.yaml", |_| None);
        let assembled = from_config(&config.unwrap().config, &|_| None).unwrap();
        let warnings = assembled.warnings.iter();
        let warnings = warnings.filter(|it| it.key_path.contains("moderation_model"));
        let model = assembled.moderation_model.as_deref();
        (model.map(str::to_owned), warnings.count())
    }

    const CHAT: &str = "model_name: chat, litellm_params: {model: openai/gpt-4o, api_key: k}";
    const JUDGE: &str =
        "model_name: judge, litellm_params: {model: openai/omni-moderation-latest, api_key: k}";
    const LOCAL: &str = "model_name: local, litellm_params: {model: openai/guard, api_key: k}, \
                         model_info: {mode: moderation}";
    const CLAUDE: &str =
        "model_name: claude, litellm_params: {model: anthropic/moderation, api_key: k}";

    #[test]
    fn it_is_the_one_that_is_named_or_the_first_that_is_for_it() {
        assert_eq!(model(&[CHAT, CLAUDE], ""), (None, 0));
        assert_eq!(
            model(&[CHAT, JUDGE, LOCAL], ""),
            (Some("judge".to_owned()), 0)
        );
        assert_eq!(model(&[CHAT, LOCAL], ""), (Some("local".to_owned()), 0));
        let named = "general_settings: {moderation_model: local}";
        assert_eq!(model(&[JUDGE, LOCAL], named), (Some("local".to_owned()), 0));
    }

    #[test]
    fn one_that_nobody_serves_is_a_warning() {
        let named = "general_settings: {moderation_model: nobody}";
        assert_eq!(model(&[JUDGE], named), (Some("nobody".to_owned()), 1));
        let any = "model_name: '*', litellm_params: {model: openai/*, api_key: k}";
        assert_eq!(model(&[any], named).1, 0);
    }
}
