//! Who can take a call, by what is known of it and of them.

mod abilities;
mod agents;
mod budget;
mod rates;
mod tags;

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use steeplechase_core::call::{Call, Dialect, Operation};
use steeplechase_core::deployment::DeploymentBuilder;
use steeplechase_core::{Attempts, Controls, Deployment, Error};
use steeplechase_dialects::intake::scan;
use steeplechase_layers::route::Eligible;

use super::{Eligibility, Tags};

const HI: &str = r#"{"model":"fast","messages":[{"role":"user","content":"hi"}]}"#;

fn builder(id: &str) -> DeploymentBuilder {
    Deployment::builder(id, "fast", Dialect::OpenAi)
}

fn request(raw: &str) -> Request<Call> {
    let raw = Bytes::copy_from_slice(raw.as_bytes());
    let head = scan(&raw).unwrap();
    Request::new(Call::new(Operation::Chat, Dialect::OpenAi, raw, head))
}

/// A call that asks something of the gateway.
fn asking(ask: impl FnOnce(&mut Controls)) -> Request<Call> {
    let mut request = request(HI);
    let mut controls = Controls::default();
    ask(&mut controls);
    Attempts::of(request.extensions_mut()).control(controls);
    request
}

/// The ids of those that can take a call, or why none can.
fn eligible(
    eligibility: &Eligibility,
    group: &[Arc<Deployment>],
    request: &Request<Call>,
) -> Result<Vec<String>, Error> {
    let rules = eligibility.of(group, None);
    if !rules.may_exclude(request) {
        return Ok(group.iter().map(|it| it.id().to_owned()).collect());
    }
    let able = group.iter().filter(|it| rules.is_eligible(request, it));
    let able: Vec<_> = able.map(|it| it.id().to_owned()).collect();
    if able.is_empty() {
        return Err(rules.refusal(request, group));
    }
    Ok(able)
}

#[test]
fn a_plain_group_is_asked_nothing_of_a_plain_call() {
    let group = [builder("a").build(), builder("b").max_in_flight(3).build()];
    let rules = Eligibility::new().of(&group, None);
    assert!(!rules.may_exclude(&request(HI)));
    assert!(!rules.may_exclude(&asking(|asked| asked.tags = vec!["free".into()])));
}

#[test]
fn a_rule_of_ones_own_is_added_to_the_others() {
    struct OnlyB;

    impl Eligible<Call> for OnlyB {
        fn is_eligible(&self, _: &Request<Call>, deployment: &Deployment) -> bool {
            deployment.id() == "b"
        }

        fn refusal(&self, _: &Request<Call>, left: &[Arc<Deployment>]) -> Error {
            Error::new(
                steeplechase_core::Class::Unsupported,
                format!("{} are left", left.len()),
            )
        }
    }

    let group = [
        builder("a").region("eu").build(),
        builder("b").build(),
        builder("c").region("eu").build(),
    ];
    let rules = Eligibility::new().and(OnlyB);
    assert_eq!(eligible(&rules, &group, &request(HI)).unwrap(), ["b"]);
    let in_europe = asking(|asked| asked.region = Some("eu".into()));
    let error = eligible(&rules, &group, &in_europe).unwrap_err();
    assert_eq!(error.message(), "2 are left", "it is asked last");
}

#[test]
fn a_call_goes_only_to_the_region_that_it_names() {
    let group = [
        builder("eu").region("eu-west-1").build(),
        builder("us").region("us-east-1").build(),
        builder("unknown").build(),
    ];
    let to = |region: &str| asking(|asked| asked.region = Some(region.into()));
    let rules = Eligibility::new();
    assert_eq!(eligible(&rules, &group, &request(HI)).unwrap().len(), 3);
    assert_eq!(eligible(&rules, &group, &to("eu")).unwrap(), ["eu"]);
    assert_eq!(eligible(&rules, &group, &to("us-east-1")).unwrap(), ["us"]);

    let error = eligible(&rules, &group, &to("ap\n")).unwrap_err();
    assert_eq!(error.status(), 403);
    assert_eq!(
        error.message(),
        "the model is not known to be served in the region `ap\u{fffd}`"
    );
    let nowhere = [builder("unknown").build()];
    assert!(
        eligible(&rules, &nowhere, &to("eu")).is_err(),
        "where nobody knows where it is, it is not there"
    );
}
