//! What a call needs, and who lacks it.

use steeplechase_core::model_info::{Abilities, Ability};
use steeplechase_core::{Class, ModelInfo, Retry};

use super::*;

const TOOLS: &str = r#"{"model":"fast","messages":[],"tools":[{"type":"function"}]}"#;
const PICTURE: &str = r#"{"model":"fast","messages":[{"role":"user","content":[
    {"type":"image_url","image_url":{"url":"https://example.com/horse.png"}}]}]}"#;
const SCHEMA: &str = r#"{"model":"fast","messages":[],"response_format":{"type":"json_schema"}}"#;

fn lacking(id: &str, lacked: &[Ability]) -> Arc<Deployment> {
    let mut abilities = Abilities::default();
    for ability in lacked {
        abilities.set(*ability, false);
    }
    let info = ModelInfo {
        abilities,
        ..ModelInfo::default()
    };
    builder(id).model_info(info).build()
}

#[test]
fn a_call_does_not_go_to_who_is_known_to_lack_what_it_needs() {
    let group = [
        lacking("blind", &[Ability::Vision]),
        lacking("plain", &[Ability::Tools, Ability::JsonSchema]),
        lacking("unknown", &[]),
    ];
    let rules = Eligibility::new();
    for (call, expected) in [
        (HI, &["blind", "plain", "unknown"][..]),
        (PICTURE, &["plain", "unknown"]),
        (TOOLS, &["blind", "unknown"]),
        (SCHEMA, &["blind", "unknown"]),
    ] {
        let able = eligible(&rules, &group, &request(call)).unwrap();
        assert_eq!(able, expected, "{call}");
    }
    let off = Eligibility::new().abilities(false);
    assert_eq!(eligible(&off, &group, &request(PICTURE)).unwrap().len(), 3);
}

#[test]
fn a_call_that_nobody_understands_is_refused_by_what_it_needs() {
    let group = [lacking("blind", &[Ability::Vision, Ability::Tools])];
    let error = eligible(&Eligibility::new(), &group, &request(PICTURE)).unwrap_err();
    assert_eq!(
        (error.class(), error.retry()),
        (Class::Unsupported, Retry::OtherModel)
    );
    assert_eq!(
        error.message(),
        "no deployment of the model can do what the call needs: vision"
    );
}

#[test]
fn where_nobody_knows_of_schemas_one_is_asked_all_the_same() {
    let group = [lacking("plain", &[Ability::JsonSchema])];
    let able = eligible(&Eligibility::new(), &group, &request(SCHEMA)).unwrap();
    assert_eq!(able, ["plain"]);
}
