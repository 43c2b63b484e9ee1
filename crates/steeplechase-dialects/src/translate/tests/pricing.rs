//! What an answer says of its price, and who is refused for want of one.

use steeplechase_core::{Class, Pricing, Usage};

use super::*;
use crate::catalog::models::{PriceBook, Unpriced};

const ANSWER: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],
    "usage":{"prompt_tokens":1000,"completion_tokens":500}}"#;
const STREAM: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}\n\n\
    data: [DONE]\n\n";

/// A deployment of all of OpenAI's models, or of one of them.
fn deployment(upstream_model: &str, policy: Unpriced) -> Arc<Deployment> {
    let book = PriceBook::built_in().unpriced(policy);
    Deployment::builder("eu-1", "o/*", Dialect::OpenAi)
        .upstream_model(upstream_model)
        .pricing(book.pricing("openai", upstream_model))
        .build()
}

fn asking(model: &str, stream: bool) -> Call {
    call(&format!(
        r#"{{"model":"{model}","messages":[],"stream":{stream}}}"#
    ))
}

/// The price of what a response says that it has used.
fn cost(response: &Response<Chunks<Script>>) -> Option<String> {
    let extensions = response.extensions();
    let usage = extensions.get::<Usage>()?;
    let cost = extensions.get::<Pricing>()?.cost(usage);
    cost.map(|cost| cost.to_string())
}

#[tokio::test]
async fn a_whole_answer_has_its_usage_and_the_price_of_its_model_beside_it() {
    let all = deployment("*", Unpriced::Allow);
    let (outcome, _) = ask(&all, asking("o/gpt-4o", false), json(200, ANSWER)).await;
    assert_eq!(cost(&outcome.unwrap()).as_deref(), Some("0.0075"));
    let (outcome, _) = ask(&all, asking("o/gpt-4o-mini", false), json(200, ANSWER)).await;
    assert_eq!(cost(&outcome.unwrap()).as_deref(), Some("0.00045"));

    let (outcome, _) = ask(&all, asking("o/mystery", false), json(200, ANSWER)).await;
    let response = outcome.unwrap();
    let pricing = response.extensions().get::<Pricing>();
    assert!(matches!(pricing, Some(Pricing::Unpriced)));
}

#[tokio::test]
async fn a_deployment_of_one_model_has_its_price_itself() {
    let one = deployment("gpt-4o", Unpriced::Allow);
    let (outcome, _) = ask(&one, asking("o/x", false), json(200, ANSWER)).await;
    let response = outcome.unwrap();
    let usage = response.extensions().get::<Usage>().unwrap();
    assert!(response.extensions().get::<Pricing>().is_none());
    assert_eq!(one.pricing().cost(usage).unwrap().to_string(), "0.0075");
}

#[tokio::test]
async fn a_stream_has_the_price_of_its_model_and_no_usage_yet() {
    let all = deployment("*", Unpriced::Allow);
    let answer = event_stream(script([data(STREAM)]));
    let (outcome, _) = ask(&all, asking("o/gpt-4o", true), answer).await;
    let response = outcome.unwrap();
    assert!(response.extensions().get::<Usage>().is_none());
    let pricing = response.extensions().get::<Pricing>();
    assert!(matches!(pricing, Some(Pricing::Known(_))));
}

#[tokio::test]
async fn a_model_without_a_price_is_refused_by_name_where_that_is_wanted() {
    for (upstream_model, asked) in [("*", "o/mystery"), ("mystery", "o/x")] {
        let deployment = deployment(upstream_model, Unpriced::Deny);
        let (outcome, sent) = ask(&deployment, asking(asked, false), json(200, ANSWER)).await;
        let error = outcome.unwrap_err();
        assert!(sent.is_none(), "the provider is not asked");
        assert_eq!(error.class(), Class::Unsupported);
        assert_eq!(error.status(), 400);
        assert_eq!(error.code(), Some("model_not_priced"));
        assert_eq!(
            error.message(),
            format!("the model `{asked}` has no price, and calls without one are refused")
        );
    }
    let priced = deployment("*", Unpriced::Deny);
    let (outcome, _) = ask(&priced, asking("o/gpt-4o", false), json(200, ANSWER)).await;
    assert!(outcome.is_ok());
}
