use crate::anthropic::Thinking;
use crate::bedrock::provider::region;
use crate::bedrock::{Caches, Capabilities, Family, Model, Reasoning, Streams, ToolChoices};

#[test]
fn the_family_is_told_by_the_name_and_its_maker() {
    for (name, family) in [
        ("us.amazon.nova-2-lite-v1:0", Family::Nova2),
        ("us.amazon.nova-micro-v1:0", Family::Nova),
        ("openai.gpt-oss-20b-1:0", Family::GptOss),
        ("openai.gpt-5-mini", Family::Gpt),
        ("qwen.qwen3-32b-v1:0", Family::Open),
        ("deepseek.v3-v1:0", Family::DeepSeek),
        ("cohere.command-r-plus-v1:0", Family::Cohere),
        ("claude-sonnet-4-5", Family::Claude),
        ("writer.palmyra-x5-v1:0", Family::Other),
    ] {
        assert_eq!(Model::parse(name).family(), family, "{name}");
    }
}

#[test]
fn a_name_is_taken_apart_into_route_region_family_and_id() {
    const OPAQUE: &str = "arn:aws:bedrock:eu-central-1:123456789012:provisioned-model/p7";
    for (name, id, region, family) in [
        (
            "anthropic.claude-3-haiku-20240307-v1:0",
            "anthropic.claude-3-haiku-20240307-v1:0",
            None,
            Family::Claude,
        ),
        (
            "converse/eu-west-3/eu.mistral.pixtral-large-2502-v1:0",
            "eu.mistral.pixtral-large-2502-v1:0",
            Some("eu-west-3"),
            Family::Mistral,
        ),
        (
            "us-gov-west-1/6-month-commitment/us-gov.amazon.nova-pro-v1:0",
            "us-gov.amazon.nova-pro-v1:0",
            Some("us-gov-west-1"),
            Family::Nova,
        ),
        (OPAQUE, OPAQUE, Some("eu-central-1"), Family::Other),
        (
            "bedrock/llama/arn:aws:bedrock:us-west-2:1:imported-model/q",
            "arn:aws:bedrock:us-west-2:1:imported-model/q",
            Some("us-west-2"),
            Family::Llama,
        ),
        (
            "arn:aws:bedrock:us-east-1::foundation-model/deepseek.r1-v1:0",
            "arn:aws:bedrock:us-east-1::foundation-model/deepseek.r1-v1:0",
            Some("us-east-1"),
            Family::DeepSeekR1,
        ),
        ("a/b", "a/b", None, Family::Other),
        ("converse/", "converse/", None, Family::Other),
        ("", "", None, Family::Other),
    ] {
        let model = Model::parse(name);
        assert_eq!(
            (model.id(), model.region(), model.family()),
            (id, region, family),
            "{name}"
        );
    }
}

#[test]
fn an_account_whose_name_is_like_a_model_is_none() {
    let name = "arn:aws:bedrock:us-east-1:1:claude-profile/x9";
    assert_eq!(Model::parse(name).family(), Family::Other);
}

#[test]
fn a_name_is_encoded_so_that_it_stays_one_segment() {
    let model = Model::parse("arn:aws:bedrock:us-east-1:1:inference-profile/us.x-v1:0");
    assert_eq!(
        model.segment(),
        "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x-v1%3A0"
    );
    assert_eq!(Model::parse("a b%é~_").segment(), "a%20b%25%C3%A9~_");
}

#[test]
fn the_hosts_of_aws_tell_their_region_and_others_do_not() {
    for (host, expected) in [
        ("bedrock-runtime.us-east-1.amazonaws.com", Some("us-east-1")),
        (
            "bedrock-runtime-fips.us-west-2.amazonaws.com",
            Some("us-west-2"),
        ),
        (
            "bedrock-runtime.cn-north-1.amazonaws.com.cn",
            Some("cn-north-1"),
        ),
        ("vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com", None),
        ("bedrock-runtime.example.com", None),
        ("localhost", None),
    ] {
        assert_eq!(region(host), expected, "{host}");
    }
}

#[test]
fn what_a_model_takes_follows_from_its_name() {
    let of = Capabilities::for_model;
    let old = of("anthropic.claude-3-sonnet-20240229-v1:0");
    assert_eq!(
        (old.cache, old.strict, old.one_tool_at_a_time),
        (Caches::Nothing, false, false)
    );
    let haiku = of("us.anthropic.claude-3-5-haiku-20241022-v1:0");
    assert_eq!(haiku.cache, Caches::Short);
    let newer = of("eu.anthropic.claude-sonnet-4-5-20250929-v1:0");
    assert_eq!((newer.cache, newer.strict), (Caches::Long, true));
    assert_eq!(newer.common.thinking, Thinking::Budget);
    let newest = of("anthropic.claude-opus-4-7");
    assert!(!newest.strict && !newest.common.json_schema);
    assert_eq!(newest.common.thinking, Thinking::Adaptive);

    assert_eq!(of("amazon.nova-pro-v1:0").reasoning, Reasoning::None);
    assert_eq!(of("amazon.nova-2-pro-v1:0").reasoning, Reasoning::Nova);
    assert_eq!(
        of("mistral.mistral-small-2402-v1:0").tool_choice,
        ToolChoices::Any
    );
    assert!(of("mistral.magistral-small-2509").common.json_schema);
    assert_eq!(of("ai21.jamba-1-5-mini-v1:0").streams, Streams::Never);
    let unknown = of("arn:aws:bedrock:us-east-1:1:application-inference-profile/x");
    assert_eq!(
        (unknown.family, unknown.tool_choice),
        (Family::Other, ToolChoices::None)
    );
}
