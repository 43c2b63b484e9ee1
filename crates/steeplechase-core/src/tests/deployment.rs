//! Where a call can be served.

use std::collections::HashSet;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::SECOND;
use crate::deployment::{Auth, Availability, Deployment, DeploymentBuilder, Profile};
use crate::{ApiKey, Dialect, ModelInfo, Pricing};

const KEY: &str = "sk-canary-1234";

#[test]
fn a_deployment_is_named_after_its_dialect_and_model_until_it_is_named() {
    let openai = builder().build();
    assert_eq!((openai.id(), openai.model()), ("eu-1", "fast"));
    assert_eq!(
        (openai.provider(), openai.upstream_model()),
        ("openai", "fast")
    );
    assert_eq!(openai.base_url(), "https://api.openai.com/v1");
    assert!(matches!(openai.auth(), Auth::None));

    let anthropic = Deployment::builder("us-1", "fast", Dialect::Anthropic).build();
    assert_eq!(anthropic.provider(), "anthropic");
    assert_eq!(anthropic.base_url(), "https://api.anthropic.com/v1");
}

#[test]
fn a_deployment_at_another_rank_is_the_same_place() {
    let one = builder().order(3).tags(["eu"]).build();
    let other = one.at_order(-1);
    assert_eq!((one.order(), other.order()), (3, -1));
    assert_eq!((other.key(), other.id()), (one.key(), one.id()));
    assert_eq!(other.tags(), one.tags());
    let _flying = one.load().start();
    assert_eq!(
        other.load().in_flight(),
        1,
        "what is known of one is known of the other"
    );
    assert!(other.continues(&one));
}

#[test]
fn a_deployment_has_no_limits_of_its_own_until_they_are_set() {
    let plain = builder().build();
    assert_eq!((plain.timeout(), plain.stream_timeout()), (None, None));
    assert_eq!(plain.limits().max_in_flight(), None);
    assert_eq!((plain.order(), plain.default_max_tokens()), (0, 4096));
    assert!(plain.default_params().is_none() && !plain.drop_params());
    assert_eq!(plain.model_info(), &ModelInfo::default());
    assert!(matches!(plain.pricing(), Pricing::Unpriced));
    let now = tokio::time::Instant::now();
    assert_eq!(plain.health().availability(now), Availability::Ready(1.0));

    let params = Bytes::from_static(br#"{"temperature":0}"#);
    let tight = builder()
        .provider("groq")
        .upstream_model("llama")
        .timeout(SECOND * 2)
        .stream_timeout(SECOND)
        .max_in_flight(3)
        .order(-1)
        .default_max_tokens(7)
        .default_params(params.clone())
        .drop_params(true)
        .build();
    assert_eq!(
        (tight.provider(), tight.upstream_model()),
        ("groq", "llama")
    );
    assert_eq!(
        (&**tight.provider_handle(), &**tight.id_handle()),
        ("groq", "eu-1")
    );
    assert_eq!(tight.timeout(), Some(SECOND * 2));
    assert_eq!(tight.stream_timeout(), Some(SECOND));
    assert_eq!(tight.limits().max_in_flight(), Some(3));
    assert_eq!((tight.order(), tight.default_max_tokens()), (-1, 7));
    assert_eq!(tight.default_params(), Some(&params));
    assert!(tight.drop_params());
}

#[test]
fn nothing_is_peculiar_to_a_provider_until_it_is_said() {
    assert_eq!(**builder().build().profile(), Profile::default());
    let mut profile = Profile::default();
    assert!(profile.params.is_empty());
    profile.params.drops.push("logit_bias".into());
    let deployment = builder().profile(profile.clone()).build();
    assert_eq!(**deployment.profile(), profile);
    assert!(!deployment.profile().params.is_empty());
}

#[test]
fn a_weight_is_a_number_that_can_be_summed() {
    for (weight, expected) in [
        (2.5, 2.5),
        (0.0, 0.0),
        (-1.0, 0.0),
        (f64::NAN, 0.0),
        (f64::NEG_INFINITY, 0.0),
        (f64::INFINITY, 1e9),
        (f64::MAX, 1e9),
    ] {
        let set = builder().weight(weight).build().weight();
        assert!((set - expected).abs() < f64::EPSILON, "{weight}: {set}");
    }
    assert!((builder().build().weight() - 1.0).abs() < f64::EPSILON);
}

#[test]
fn headers_are_added_to_those_before() {
    let header = |name: &'static str| {
        HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static("1"))])
    };
    let deployment = builder()
        .headers(header("x-a"))
        .headers(header("x-b"))
        .build();
    assert_eq!(deployment.headers().len(), 2);
}

#[test]
fn a_log_of_a_deployment_shows_no_key_wherever_it_was_put() {
    let header = HeaderName::from_static("x-api-key");
    for auth in [
        Auth::Bearer(ApiKey::new(KEY)),
        Auth::Header(header.clone(), ApiKey::new(KEY)),
        Auth::Scheme("Token".into(), ApiKey::new(KEY)),
        Auth::Basic(ApiKey::new(KEY)),
        Auth::Query("key".into(), ApiKey::new(KEY)),
    ] {
        let url = format!("https://user:{KEY}@example.com/v1?key={KEY}");
        let params = format!(r#"{{"api_key":"{KEY}"}}"#);
        let value = HeaderValue::from_static(KEY);
        let builder = builder()
            .base_url(url.parse().unwrap())
            .auth(auth)
            .headers(HeaderMap::from_iter([(header.clone(), value)]))
            .default_params(params.into());

        let building = format!("{builder:?}");
        let shown = building + &format!("{:#?}", builder.build());
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains("eu-1") && shown.contains("example.com"));
    }
}

#[test]
fn a_key_shows_itself_only_when_it_is_exposed() {
    let key = ApiKey::new(KEY);
    assert_eq!(key.expose(), KEY);
    assert_eq!(key.clone(), key);
    assert_eq!(format!("{key:?}"), "ApiKey([redacted])");
}

#[test]
fn no_two_deployments_have_the_same_key() {
    let build = || {
        (0..100)
            .map(|_| builder().build().key())
            .collect::<Vec<_>>()
    };
    let keys: Vec<u32> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(build)).collect();
        threads
            .into_iter()
            .flat_map(|t| t.join().unwrap())
            .collect()
    });
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), 400);
}

#[test]
fn handles_lead_to_the_same_deployment() {
    let deployment = builder().max_in_flight(1).build();
    let _call = deployment.load().start();
    let _permit = deployment.limits().try_acquire();
    assert_eq!(deployment.load().in_flight(), 1);
    assert!(!deployment.limits().has_room());
}

fn builder() -> DeploymentBuilder {
    Deployment::builder("eu-1", "fast", Dialect::OpenAi)
}

fn keyed(key: &str) -> DeploymentBuilder {
    builder()
        .auth(Auth::Bearer(ApiKey::new(key)))
        .max_in_flight(3)
}

#[test]
fn one_that_continues_another_goes_on_where_that_has_left_off() {
    let old = keyed(KEY).build();
    let _in_flight = old.load().start();
    let _place = old.limits().try_acquire().unwrap();
    old.health()
        .cool_until(tokio::time::Instant::now() + SECOND);

    let new = keyed(KEY).weight(7.0).continue_from(&old).build();
    assert!(new.continues(&old));
    assert_eq!(new.key(), old.key());
    assert_eq!(new.load().in_flight(), 1);
    assert_eq!(new.limits().in_flight(), 1);
    let now = tokio::time::Instant::now();
    assert!(new.health().cooling(now).is_some());
    assert_eq!(
        new.weight().to_bits(),
        7.0_f64.to_bits(),
        "settings are its own"
    );
}

#[test]
fn what_was_learnt_of_another_place_or_with_another_key_is_not_taken_over() {
    let old = keyed(KEY).build();
    let other: [fn(DeploymentBuilder) -> DeploymentBuilder; 6] = [
        |it| it.auth(Auth::Bearer(ApiKey::new("sk-new"))),
        |it| it.auth(Auth::Basic(ApiKey::new(KEY))),
        |it| it.base_url("https://eu.example.com/v1".parse().unwrap()),
        |it| it.upstream_model("another"),
        |it| it.provider("groq"),
        |it| {
            let name = HeaderName::from_static("x-team");
            it.headers(HeaderMap::from_iter([(
                name,
                HeaderValue::from_static("a"),
            )]))
        },
    ];
    for change in other {
        let new = change(keyed(KEY)).continue_from(&old).build();
        assert!(!new.continues(&old), "{new:?}");
        assert_ne!(new.key(), old.key());
    }
}

#[test]
fn limits_that_have_changed_start_anew() {
    let old = keyed(KEY).build();
    let _place = old.limits().try_acquire().unwrap();
    let new = keyed(KEY).max_in_flight(1).continue_from(&old).build();
    assert!(new.continues(&old));
    assert_eq!(new.limits().max_in_flight(), Some(1));
    assert_eq!(new.limits().in_flight(), 0);
}
