//! Who draws on which budget.

use steeplechase::dialects::catalog::Catalog;
use steeplechase::purse::Purse;

use super::*;

/// The warnings that speak of budgets.
fn warnings(text: &str) -> Vec<String> {
    let warnings = from_config(&config(text), &nothing).unwrap().warnings;
    let warnings = warnings.into_iter();
    let warnings = warnings.map(|warning| warning.to_string());
    warnings
        .filter(|warning| warning.contains("budget"))
        .collect()
}

const MODELS: &str = "
model_list:
  - model_name: a
    litellm_params: {model: openai/gpt-4o, api_key: k, max_budget: 1, budget_duration: 1d}
    model_info: {id: first}
  - {model_name: a, litellm_params: {model: together_ai/some-model-x, api_key: k}}
";

#[test]
fn deployments_providers_and_tags_have_those_that_are_written() {
    let text = format!(
        "{MODELS}
router_settings: {{provider_budget_config: {{openai: {{budget_limit: 2, time_period: 1h}}}}}}
litellm_settings: {{tag_budget_config: {{chat: {{max_budget: 3, budget_duration: 1w}}}}}}
"
    );
    let group = &groups(&text)[0].1;
    let catalog = Catalog::built_in();
    let mut warnings = Vec::new();
    let purses = limits::purses(&config(&text), catalog, group, &mut warnings);
    let shown = |purse: &Arc<Purse>| format!("{} ${}", purse.owner(), purse.limit());
    let of = |at: usize| purses.of(&group[at]).map(shown).collect::<Vec<_>>();
    assert_eq!(
        of(0),
        ["the deployment `first` $1", "the provider `openai` $2"]
    );
    assert!(of(1).is_empty());
    assert_eq!(
        purses.of_tag("chat").map(shown).unwrap(),
        "the tag `chat` $3"
    );
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn a_budget_that_limits_nothing_is_a_warning() {
    let provider = |name: &str| {
        let budgets = format!("{{{name}: {{budget_limit: 2, time_period: 1h}}}}");
        warnings(&format!(
            "{MODELS}router_settings: {{provider_budget_config: {budgets}}}\n"
        ))
    };
    // LiteLLM's examples name providers of which there are no deployments.
    assert!(provider("anthropic").is_empty());
    let unknown = provider("openia");
    assert!(
        unknown[0].contains("provider_budget_config.openia: there is no such provider")
            && unknown[0].ends_with("did you mean `openai`?"),
        "{unknown:?}"
    );
    let unpriced = provider("together_ai");
    assert_eq!(unpriced.len(), 1);
    assert!(
        unpriced[0].contains("do not count for the budget of the provider `together_ai`"),
        "{unpriced:?}"
    );
}
