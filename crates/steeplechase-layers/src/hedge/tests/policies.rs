//! Which calls may be sent twice.

use std::sync::Arc;

use steeplechase_core::call::{Call as LlmCall, Dialect, Forward, Head, Operation};
use steeplechase_core::price::{Price, Rate, Unit};
use steeplechase_core::{Cost, Deployment, Pricing, Tally};

use super::*;

/// A chat with tools, if there are any in it.
fn call(dialect: Dialect, raw: &str) -> LlmCall {
    let mut head = Head::default();
    head.tools = raw.contains("\"tools\"");
    LlmCall::new(
        Operation::Chat,
        dialect,
        Bytes::copy_from_slice(raw.as_bytes()),
        head,
    )
}

fn may_hedge(policy: &impl Policy<LlmCall>, call: LlmCall) -> bool {
    policy.may_hedge(&Request::new(call))
}

#[test]
fn a_call_for_several_answers_is_not_sent_twice() {
    let several = |n| {
        let mut head = Head::default();
        head.n = n;
        LlmCall::new(Operation::Chat, Dialect::OpenAi, Bytes::new(), head)
    };
    assert!(may_hedge(&SingleAnswer, several(1)));
    assert!(!may_hedge(&SingleAnswer, several(2)));
    assert!(may_hedge(&Repeatable::new(), several(1)));
    assert!(!may_hedge(&Repeatable::new(), several(2)));
}

#[test]
fn a_call_that_lets_the_provider_act_is_not_sent_twice() {
    let openai = Dialect::OpenAi;
    for (dialect, raw, expected) in [
        (
            openai,
            r#"{"tools":[{"type":"function","function":{"name":"web_search"}}]}"#,
            true,
        ),
        (
            openai,
            r#"{"tools":[{"type":"function"}],"messages":[{"content":"\"type\":\"mcp\""}]}"#,
            true,
        ),
        (
            openai,
            r#"{"messages":[{"content":"computer"}],"tools":[{"type":"function"}]}"#,
            true,
        ),
        (openai, r#"{"tools":[{"type":"web_search"}]}"#, false),
        (
            openai,
            r#"{"tools":[{ "type" : "code_interpreter" }]}"#,
            false,
        ),
        (openai, r#"{"tools":[],"web_search_options":{}}"#, false),
        (
            Dialect::Anthropic,
            r#"{"tools":[{"type":"web_search_20250305"}]}"#,
            false,
        ),
        (
            Dialect::Anthropic,
            r#"{"tools":[{"type":"mcp_toolset"}]}"#,
            false,
        ),
        (
            Dialect::Responses,
            r#"{"tools":[{"type":"computer_use_preview"}]}"#,
            false,
        ),
        (Dialect::Responses, r#"{"background":true}"#, false),
        (
            Dialect::Responses,
            r#"{"previous_response_id":"resp_1"}"#,
            false,
        ),
        (Dialect::Responses, r#"{"input":"background"}"#, true),
        (openai, r#"{"background":"blue"}"#, true),
        // Cut short in every way.
        (openai, r#"{"tools":[{"type""#, true),
        (openai, r#"{"tools":[{"type":"#, true),
        (openai, r#"{"tools":[{"type":"mcp"#, false),
    ] {
        assert_eq!(
            may_hedge(&Repeatable::new(), call(dialect, raw)),
            expected,
            "{raw}"
        );
    }
}

#[test]
fn tools_are_not_looked_for_without_end() {
    let filled = |length| {
        let start = r#"{"tools":[{"type":"function"}],"messages":""#;
        format!("{start}{}", "x".repeat(length - start.len()))
    };
    let most = Repeatable::MAX_LOOKED_THROUGH;
    assert!(may_hedge(
        &Repeatable::new(),
        call(Dialect::OpenAi, &filled(most))
    ));
    assert!(!may_hedge(
        &Repeatable::new(),
        call(Dialect::OpenAi, &filled(most + 1))
    ));
}

#[test]
fn what_is_passed_on_as_it_is_is_not_sent_twice() {
    let json = http::HeaderValue::from_static("application/json");
    let forward = Forward::new("/images/generations", json);
    let call = LlmCall::forwarded(forward, Dialect::OpenAi, Bytes::new(), Head::default());
    assert!(!may_hedge(&Repeatable::new(), call));
}

#[test]
fn a_prompt_that_costs_too_much_at_the_dearest_deployment_is_not_sent_twice() {
    let deployment = |id: &str, dollars_a_million: Option<&str>| {
        let builder = Deployment::builder(id, "m", Dialect::OpenAi);
        let Some(dollars) = dollars_a_million else {
            return builder.build();
        };
        let rate = Rate::per_million(dollars).unwrap();
        let price = Price::builder().rate(Unit::Input, rate).build();
        builder.pricing(Pricing::Known(Arc::new(price))).build()
    };
    let of = |tokens| {
        let mut head = Head::default();
        head.prompt = Tally::from_tokens(tokens);
        LlmCall::new(Operation::Chat, Dialect::OpenAi, Bytes::new(), head)
    };
    let cents = |cents: u64| Cost::from_nanos(cents * 10_000_000);

    // Five cents, at 2.50 $ and at 5 $ a million, and at nobody knows how much.
    let deployments = [
        deployment("a", Some("2.5")),
        deployment("b", Some("5")),
        deployment("c", None),
    ];
    let policy = Repeatable::new().at_most(cents(5), &deployments);
    assert_eq!(cents(5), Repeatable::DEFAULT_COST);
    assert!(may_hedge(&policy, of(10_000)));
    assert!(!may_hedge(&policy, of(10_001)));

    let unpriced = Repeatable::new().at_most(cents(5), &deployments[2..]);
    assert!(may_hedge(&unpriced, of(u64::MAX / 2000)));
    let nothing = Repeatable::new().at_most(Cost::ZERO, &deployments);
    assert!(!may_hedge(&nothing, of(1)));
}
