use super::*;

#[test]
fn a_parameter_is_renamed_in_its_place_and_all_else_stays_byte_for_byte() {
    for (raw, expected) in [
        (
            "{ \"max_completion_tokens\" : 5 ,\"model\":\"fast\", \"x\":1.50 }\n",
            "{ \"max_tokens\" : 5 ,\"model\":\"m\", \"x\":1.50 }\n",
        ),
        (
            r#"{"model":"fast","max_completion_tokens":5,"seed":7}"#,
            r#"{"model":"m","max_tokens":5,"random_seed":7}"#,
        ),
        (
            r#"{"model":"fast","s\u0065ed":7,"a":{"seed":1},"b":"seed: {\"seed\":1}"}"#,
            r#"{"model":"m","random_seed":7,"a":{"seed":1},"b":"seed: {\"seed\":1}"}"#,
        ),
    ] {
        assert_eq!(
            sent(builder(rules()), raw),
            (expected.into(), String::new())
        );
    }
}

#[test]
fn of_two_names_of_one_parameter_the_providers_own_counts() {
    for (raw, expected) in [
        (
            r#"{"max_completion_tokens":5,"model":"fast","max_tokens":9}"#,
            r#"{"model":"m","max_tokens":9}"#,
        ),
        (
            r#"{"model":"fast","max_tokens":9,"max_completion_tokens":5}"#,
            r#"{"model":"m","max_tokens":9}"#,
        ),
        // Unless it says nothing.
        (
            r#"{"max_tokens":null,"model":"fast","max_completion_tokens":5}"#,
            r#"{"model":"m","max_tokens":5}"#,
        ),
    ] {
        assert_eq!(
            sent(builder(rules()), raw),
            (expected.into(), String::new())
        );
    }
}

#[test]
fn a_renamed_parameter_can_be_limited_too() {
    let mut rules = rules();
    rules.limits = vec![limit("max_tokens", None, Some(8.0))];
    let builder = builder(rules).drop_params(true);
    let raw = r#"{"model":"fast","max_completion_tokens":9}"#;
    let (body, dropped) = sent(builder, raw);
    assert_eq!(body, r#"{"model":"m","max_tokens":8}"#);
    assert_eq!(dropped, "max_completion_tokens=8");
}

#[test]
fn a_deployments_own_parameters_have_the_providers_names_and_stand_unless_drops_are_allowed() {
    let params = br#"{"max_completion_tokens":5,"logit_bias":{"1":1},"random_seed":1,"seed":2}"#;
    let with = |drop| {
        builder(rules())
            .default_params(Bytes::from_static(params))
            .drop_params(drop)
    };
    let raw = r#"{"model":"fast"}"#;
    assert_eq!(
        sent(with(false), raw).0,
        r#"{"model":"m","max_tokens":5,"logit_bias":{"1":1},"random_seed":1}"#
    );
    assert_eq!(
        sent(with(true), raw).0,
        r#"{"model":"m","max_tokens":5,"random_seed":1}"#
    );
    // A caller's own goes before, under either name.
    for name in ["max_tokens", "max_completion_tokens"] {
        let raw = format!(r#"{{"model":"fast","{name}":9,"seed":3}}"#);
        let expected = r#"{"model":"m","max_tokens":9,"random_seed":3}"#;
        assert_eq!(sent(with(true), &raw).0, expected);
    }
}

#[test]
fn a_call_that_is_right_for_the_provider_is_not_copied() {
    let call = call(r#"{"model":"m","max_tokens":2}"#);
    let rewrite = Rewrite::new(&builder(rules()).build());
    assert_eq!(rewrite.write(&call).unwrap().as_ptr(), call.raw().as_ptr());
}
