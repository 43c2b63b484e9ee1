use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use steeplechase_core::controls::{Hedge, Leg, Mock};
use steeplechase_core::{Class, Controls, Error, FieldPath, Phase};

use super::{Control, Overrides, fields_of_body, fields_of_form, read};
use crate::intake::scan;

fn body(fields: &str) -> Bytes {
    Bytes::from(format!(r#"{{"model":"m",{fields}"messages":[]}}"#))
}

fn asked(fields: &str, headers: &[(&'static str, &'static str)]) -> Result<Controls, Error> {
    asked_under(Overrides::ALL, fields, headers)
}

fn asked_under(
    allowed: Overrides,
    fields: &str,
    headers: &[(&'static str, &'static str)],
) -> Result<Controls, Error> {
    let raw = body(fields);
    let mut head = scan(&raw)?;
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            (
                name.parse().unwrap(),
                HeaderValue::try_from(*value).unwrap(),
            )
        })
        .collect();
    let controls = read(
        |head| fields_of_body(&raw, head),
        &mut head,
        &headers,
        allowed,
    )?;
    Ok(controls.unwrap_or_default())
}

#[test]
fn a_call_that_asks_for_nothing_has_no_controls() {
    let raw = body("");
    let mut head = scan(&raw).unwrap();
    let headers = HeaderMap::from_iter([(
        "x-stainless-retry-count".parse().unwrap(),
        HeaderValue::from_static("0"),
    )]);
    let never = |_: &_| panic!("the fields should not be read");
    let controls = read(never, &mut head, &headers, Overrides::ALL).unwrap();
    assert_eq!(controls, None);
}

#[test]
fn the_fields_of_a_body_are_read_wherever_they_stand() {
    let controls = asked(
        r#""num_retries":0, "timeout" : 2.5,"stream_timeout":"7","priority":-3,"hedge":0.8,"race":2,
           "tags":["eu","paid"],"metadata":{"tags":["paid","new"],"user_id":"u"},"allowed_model_region":"eu",
           "disable_fallbacks":true,"include_fallback_errors":true,"litellm_session_id":"s-1","#,
        &[],
    )
    .unwrap();
    assert_eq!(controls.num_retries, Some(0));
    assert_eq!(controls.timeout, Some(Duration::from_millis(2500)));
    assert_eq!(controls.stream_timeout, Some(Duration::from_secs(7)));
    assert_eq!(controls.priority, Some(-3));
    assert_eq!(
        controls.hedge,
        Some(Hedge::After(Duration::from_millis(800)))
    );
    assert_eq!(controls.race, Some(2));
    assert_eq!(controls.tags, ["eu".into(), "paid".into(), "new".into()]);
    assert_eq!(controls.region.as_deref(), Some("eu"));
    assert_eq!(controls.session.as_deref(), Some("s-1"));
    assert!(controls.disable_fallbacks && controls.include_fallback_errors);
    assert!(controls.ignored.is_empty());
}

#[test]
fn who_asks_for_what_is_not_there_is_told() {
    let controls = asked(
        r#""caching":true,"cache":{"ttl":1},"guardrails":["pii"],"#,
        &[],
    );
    assert_eq!(
        controls.unwrap().ignored,
        ["caching", "cache", "guardrails"]
    );
    // Who asks for none has it.
    let controls = asked(r#""caching":false,"cache":null,"num_retries":1,"#, &[]);
    assert!(controls.unwrap().ignored.is_empty());
}

#[test]
fn headers_say_the_same_and_go_first() {
    let controls = asked(
        r#""num_retries":4,"timeout":60,"#,
        &[
            ("x-litellm-num-retries", "1"),
            ("x-litellm-timeout", "20"),
            ("x-litellm-tags", "eu, paid"),
            ("x-steeplechase-hedge", "off"),
            ("x-steeplechase-race", "3"),
            ("x-litellm-priority", "5"),
            ("x-litellm-session-id", "s-2"),
            ("x-steeplechase-fallbacks", "slow, slower"),
            ("x-stainless-retry-count", "1"),
        ],
    )
    .unwrap();
    assert_eq!(controls.num_retries, Some(1));
    assert_eq!(controls.timeout, Some(Duration::from_secs(20)));
    assert_eq!(controls.tags, ["eu".into(), "paid".into()]);
    assert_eq!(controls.hedge, Some(Hedge::Off));
    assert_eq!((controls.race, controls.priority), (Some(3), Some(5)));
    assert_eq!(controls.session.as_deref(), Some("s-2"));
    let legs = controls.fallbacks.unwrap();
    assert_eq!(*legs, [Leg::to("slow"), Leg::to("slower")]);
    assert!(controls.is_retry);

    let controls = asked("", &[("x-request-timeout-ms", "1500")]).unwrap();
    assert_eq!(controls.timeout, Some(Duration::from_millis(1500)));

    // Of what nobody listens to it makes no difference what it is.
    let headers = [
        ("x-litellm-end-user-id", "Jürgen"),
        ("x-litellm-tags", "größe"),
    ];
    assert_eq!(asked("", &headers).unwrap().tags, ["größe".into()]);
}

#[test]
fn fallbacks_are_names_objects_or_both_by_model() {
    let legs = |fields: &str| asked(fields, &[]).unwrap().fallbacks.unwrap();
    let named = legs(r#""fallbacks":["a",{"model":"b","temperature":0}],"#);
    assert_eq!(named[0], Leg::to("a"));
    let patch = Bytes::from_static(br#"{"temperature":0}"#);
    assert_eq!(
        named[1],
        Leg {
            patch: Some(patch),
            ..Leg::to("b")
        }
    );

    let by_model = legs(r#""fallbacks":[{"m":["a"]},{"*":["b"]}],"#);
    assert_eq!(by_model[0].instead_of.as_deref(), Some("m"));
    assert_eq!(by_model[1].instead_of.as_deref(), Some("*"));

    let controls = asked(r#""context_window_fallback_dict":{"m":"long"},"#, &[]).unwrap();
    let legs = controls.context_window_fallbacks.unwrap();
    assert_eq!(
        (&*legs[0].model, legs[0].instead_of.as_deref()),
        ("long", Some("m"))
    );
    assert!(controls.fallbacks.is_none());
}

#[test]
fn what_does_not_happen_can_be_asked_for() {
    for (fields, answer) in [
        (r#""mock_response":"hello","#, Ok("hello".into())),
        (
            r#""mock_response":"litellm.RateLimitError","#,
            Err(Class::RateLimited),
        ),
        (
            r#""mock_response":"litellm.ContextWindowExceededError","#,
            Err(Class::ContextWindow),
        ),
        (
            r#""mock_response":"Exception: content_filter_policy","#,
            Err(Class::ContentPolicy),
        ),
        (r#""mock_timeout":true,"#, Err(Class::Timeout(Phase::Total))),
    ] {
        let controls = asked(fields, &[]).unwrap();
        assert_eq!(controls.mock, Some(Mock::new(answer)), "{fields}");
    }
    let mock = asked(r#""mock_delay":3,"mock_response":"x","#, &[]).unwrap();
    assert_eq!(mock.mock.unwrap().delay, Some(Duration::from_secs(3)));

    for (name, class) in [
        ("mock_testing_fallbacks", Class::Server),
        ("mock_testing_context_fallbacks", Class::ContextWindow),
        (
            "mock_testing_content_policy_fallbacks",
            Class::ContentPolicy,
        ),
        ("mock_testing_rate_limit_error", Class::RateLimited),
    ] {
        let controls = asked(&format!(r#""{name}":true,"#), &[]).unwrap();
        assert_eq!(controls.fail_first, Some(class));
    }
}

#[test]
fn what_makes_no_sense_is_named() {
    for (fields, param) in [
        (r#""num_retries":-1,"#, "num_retries"),
        (r#""num_retries":"many","#, "num_retries"),
        (r#""timeout":0,"#, "timeout"),
        (r#""timeout":[],"#, "timeout"),
        (r#""tags":[1],"#, "tags"),
        (r#""metadata":{"tags":{"a":1}},"#, "metadata.tags"),
        (r#""priority":"high","#, "priority"),
        (r#""hedge":"soon","#, "hedge"),
        (r#""race":6,"#, "race"),
        (r#""fallbacks":7,"#, "fallbacks"),
        (r#""fallbacks":[{"model":7}],"#, "fallbacks"),
        (r#""disable_fallbacks":"maybe","#, "disable_fallbacks"),
        (r#""mock_response":{},"#, "mock_response"),
    ] {
        let error = asked(fields, &[]).unwrap_err();
        assert_eq!(error.class(), Class::InvalidRequest, "{fields}");
        assert_eq!(error.param(), Some(param), "{fields}");
    }
    let error = asked("", &[("x-litellm-timeout", "soon")]).unwrap_err();
    assert_eq!(error.param(), Some("x-litellm-timeout"));
}

#[test]
fn null_is_the_same_as_nothing() {
    let fields = r#""num_retries":null,"timeout":null,"tags":null,"metadata":null,"priority":null,"hedge":null,
        "race":null,"fallbacks":null,"mock_response":null,"disable_fallbacks":null,"#;
    assert_eq!(asked(fields, &[]).unwrap(), Controls::default());
}

#[test]
fn what_a_caller_may_not_say_has_no_effect_and_is_named() {
    let fields = r#""num_retries":4,"fallbacks":["a"],"race":5,"tags":["eu"],"mock_response":"x","hedge":true,
        "timeout":1,"priority":1,"disable_fallbacks":true,"#;
    let controls = asked_under(Overrides::NONE, fields, &[]).unwrap();
    let nothing = Controls::default();
    assert_eq!(controls.num_retries, nothing.num_retries);
    assert_eq!(controls.fallbacks, nothing.fallbacks);
    assert_eq!(controls.mock, nothing.mock);
    assert_eq!((controls.race, controls.hedge), (None, None));
    assert_eq!(controls.priority, None);
    assert!(controls.tags.is_empty());
    // A caller may always ask for less.
    assert!(controls.disable_fallbacks);
    assert_eq!(controls.timeout, Some(Duration::from_secs(1)));
    assert!(controls.only_shorter);
    let mut ignored = controls.ignored.clone();
    ignored.sort_unstable();
    assert_eq!(
        ignored,
        [
            "fallbacks",
            "hedge",
            "mock_response",
            "num_retries",
            "priority",
            "race",
            "tags"
        ]
    );

    let some = Overrides::NONE.allow(Control::Retries);
    let controls = asked_under(some, fields, &[]).unwrap();
    assert_eq!(controls.num_retries, Some(4));
    assert!(!controls.ignored.contains(&"num_retries"));
}

#[test]
fn a_time_that_is_not_for_callers_to_say_can_only_be_shorter() {
    for headers in [
        &[][..],
        &[("x-litellm-stream-timeout", "5")],
        &[("x-request-timeout-ms", "5000")],
    ] {
        let fields = if headers.is_empty() {
            r#""timeout":5,"#
        } else {
            ""
        };
        assert!(!asked(fields, headers).unwrap().only_shorter);
        let controls = asked_under(Overrides::NONE, fields, headers).unwrap();
        assert!(controls.only_shorter && controls.ignored.is_empty());
        let said = controls.timeout.or(controls.stream_timeout);
        assert_eq!(said, Some(Duration::from_secs(5)));
    }
}

#[test]
fn signs_of_life_are_asked_for_in_the_body_or_by_a_header_which_goes_first() {
    let header = [("x-litellm-keepalive-seconds", "7")];
    for (fields, headers, expected) in [
        (r#""keepalive_seconds":30,"#, &[][..], 30.0),
        (r#""keepalive_seconds":0,"#, &[], 0.0),
        (r#""keepalive_seconds":"2.5","#, &[], 2.5),
        (r#""keepalive_seconds":30,"#, &header, 7.0),
        ("", &header, 7.0),
    ] {
        let asked = asked(fields, headers).unwrap().keepalive.unwrap();
        assert!(
            (asked.as_secs_f64() - expected).abs() < 1e-9,
            "{fields} {headers:?}"
        );
    }
    for wrong in [
        r#""keepalive_seconds":-1,"#,
        r#""keepalive_seconds":"often","#,
    ] {
        let error = asked(wrong, &[]).unwrap_err();
        assert_eq!(error.param(), Some("keepalive_seconds"));
    }
}

#[test]
fn who_may_not_race_does_not() {
    let raw = Bytes::from_static(br#"{"model":"a,b","fastest_response":true}"#);
    let mut head = scan(&raw).unwrap();
    let allowed = Overrides::ALL.forbid(Control::Race);
    let controls = read(
        |head| fields_of_body(&raw, head),
        &mut head,
        &HeaderMap::new(),
        allowed,
    );
    assert!(!head.fastest_response);
    assert_eq!(controls.unwrap().unwrap().ignored, ["fastest_response"]);
}

#[test]
fn a_form_says_it_in_its_own_way() {
    let raw = "--X\r\ncontent-disposition: form-data; name=\"num_retries\"\r\n\r\n1\r\n\
               --X\r\ncontent-disposition: form-data; name=\"tags\"\r\n\r\neu,paid\r\n--X--";
    let content_type = HeaderValue::from_static("multipart/form-data; boundary=X");
    let fields = fields_of_form(&Bytes::from(raw), &content_type);
    let mut head = steeplechase_core::call::Head::default();
    head.spans.own.push(0..1);
    let controls = read(|_| fields, &mut head, &HeaderMap::new(), Overrides::ALL);
    let controls = controls.unwrap().unwrap();
    assert_eq!(controls.num_retries, Some(1));
    assert_eq!(controls.tags, ["eu".into(), "paid".into()]);
}

proptest! {
    #[test]
    fn no_value_of_any_field_panics(
        name in prop::sample::select(vec![
            "num_retries", "timeout", "tags", "metadata", "priority", "hedge", "race", "fallbacks",
            "context_window_fallbacks", "mock_response", "mock_delay", "litellm_metadata",
        ]),
        value in prop::sample::select(vec![
            "null", "true", "[]", "{}", "1e308", "-1e308", "18446744073709551615", "\"\"", "\"a\"", "[[]]",
            "[{}]", "{\"a\":{}}", "{\"tags\":[[]]}", "{\"model\":1}", "1e-320",
        ]),
    ) {
        // Either it makes sense, or the error names a field.
        if let Err(error) = asked(&format!("\"{name}\":{value},"), &[]) {
            prop_assert!(error.param().is_some());
        }
    }
}

#[test]
fn what_is_left_out_and_what_is_passed_on_is_read_and_the_latter_is_the_operators_to_forbid() {
    let fields =
        r#""additional_drop_params":["top_k","tools[*].strict"],"allowed_openai_params":["seed"],"#;
    let controls = asked(fields, &[]).unwrap();
    let paths: Vec<_> = controls.drop_fields.iter().map(FieldPath::as_str).collect();
    assert_eq!(paths, ["top_k", "tools[*].strict"]);
    assert_eq!(controls.allowed_params, ["seed".into()]);

    let controls = asked_under(Overrides::NONE, fields, &[]).unwrap();
    assert_eq!(
        controls.drop_fields.len(),
        2,
        "a caller may always ask for less"
    );
    assert!(controls.allowed_params.is_empty());
    assert_eq!(controls.ignored, ["allowed_openai_params"]);
    for wrong in [r#"["tools[*]"]"#, r#"["model"]"#, "3", "[1]"] {
        let error = asked(&format!(r#""additional_drop_params":{wrong},"#), &[]).unwrap_err();
        assert_eq!(error.param(), Some("additional_drop_params"), "{wrong}");
        assert_eq!(error.class(), Class::InvalidRequest);
    }
}
