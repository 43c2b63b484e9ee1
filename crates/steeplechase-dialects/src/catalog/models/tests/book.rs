//! What is known about a price, and what happens if that is nothing.

use steeplechase_core::Pricing;
use steeplechase_core::price::Cost;

use super::*;

fn cost(pricing: &Pricing) -> Option<String> {
    let cost = pricing.cost(&tokens(1_000, 500));
    cost.map(|cost| cost.to_string())
}

#[test]
fn a_price_that_is_known_is_known_whatever_is_to_happen_to_others() {
    for policy in [Unpriced::Allow, Unpriced::Deny, Unpriced::Estimate] {
        let book = PriceBook::built_in().unpriced(policy);
        let pricing = book.pricing("openai", "gpt-4o");
        assert!(matches!(pricing, Pricing::Known(_)));
        assert_eq!(cost(&pricing).as_deref(), Some("0.0075"));
    }
}

#[test]
fn a_price_that_nobody_knows_is_not_made_up_unless_that_is_asked_for() {
    let with = |policy| PriceBook::built_in().unpriced(policy);
    let pricing = |policy| with(policy).pricing("anthropic", "claude-mystery");
    assert!(matches!(pricing(Unpriced::Allow), Pricing::Unpriced));
    assert!(matches!(pricing(Unpriced::Deny), Pricing::Denied));

    let estimate = pricing(Unpriced::Estimate);
    assert!(estimate.is_estimated());
    let dearest = all().filter(|model| model.provider() == "anthropic");
    let dearest = dearest.map(|model| model.price().cost(&tokens(1_000, 500)));
    assert_eq!(estimate.cost(&tokens(1_000, 500)), dearest.max());

    // Nothing is known of any of its models.
    let other = with(Unpriced::Estimate).pricing("hosted_vllm", "llama");
    assert!(matches!(other, Pricing::Unpriced));
}

#[test]
fn a_pattern_of_models_is_priced_call_by_call() {
    let book = PriceBook::built_in().unpriced(Unpriced::Deny);
    let pricing = book.pricing("openai", "*");
    assert_eq!(cost(&pricing), None, "nobody has named a model yet");
    assert_eq!(cost(&pricing.of("gpt-4o")).as_deref(), Some("0.0075"));
    assert_eq!(cost(&pricing.of("gpt-4o-mini")).as_deref(), Some("0.00045"));
    assert!(matches!(pricing.of("gpt-mystery"), Pricing::Denied));
}

#[test]
fn a_provider_that_says_what_each_answer_has_cost_is_believed() {
    let book = PriceBook::built_in().unpriced(Unpriced::Deny);
    let said = Usage {
        reported: Some(Cost::from_nanos(123)),
        ..tokens(1_000, 500)
    };
    for (provider, model) in [("openrouter", "some/model"), ("perplexity", "sonar")] {
        let pricing = book.pricing(provider, model);
        assert_eq!(pricing.cost(&said), Some(Cost::from_nanos(123)));
    }
    // It has said nothing.
    assert_eq!(
        cost(&book.pricing("perplexity", "sonar")).as_deref(),
        Some("0.0015")
    );
    assert_eq!(cost(&book.pricing("openrouter", "some/model")), None);
    // Another is not.
    let openai = book.pricing("openai", "gpt-4o");
    assert_ne!(openai.cost(&said), Some(Cost::from_nanos(123)));
}

#[test]
fn only_a_base_model_may_be_that_of_another_provider() {
    let book = PriceBook::built_in();
    let id = |model: Option<&Model>| model.map(|model| model.id().to_owned());
    assert_eq!(id(book.model("openrouter", "azure/gpt-4o")), None);
    assert_eq!(
        id(book.base_model("openai_like", "azure/gpt-4o")).as_deref(),
        Some("azure/gpt-4o")
    );
    assert_eq!(
        id(book.base_model("azure", "gpt-4o")).as_deref(),
        Some("azure/gpt-4o")
    );
}
