use super::*;

#[test]
fn what_is_refused_and_would_matter_is_an_error_that_names_it_and_the_provider() {
    let raw = r#"{"model":"fast","logit_bias":{"1":2},"store":true}"#;
    let error = rewritten(builder(rules()), raw).unwrap_err();
    assert_eq!(error.class(), Class::Unsupported);
    assert_eq!(
        (error.param(), error.code()),
        (Some("logit_bias"), Some("unsupported_parameter"))
    );
    assert!(error.message().contains("`acme`"), "{error}");
    assert_eq!(error.status(), 400);
}

#[test]
fn what_is_refused_is_left_out_with_one_of_its_commas_where_that_is_allowed() {
    for (raw, expected, dropped) in [
        (
            r#"{"logit_bias":{"1":2},"model":"fast","store":true}"#,
            r#"{"model":"m"}"#,
            "logit_bias, store",
        ),
        (
            r#"{"logit_bias":{"1":2} , "fastest_response":true,"logprobs":true, "model":"fast"}"#,
            r#"{ "model":"m"}"#,
            "logit_bias, logprobs",
        ),
        (
            r#"{"model":"fast","fastest_response":true,"logprobs":true,"x":1}"#,
            r#"{"model":"m","x":1}"#,
            "logprobs",
        ),
    ] {
        let builder = builder(rules()).drop_params(true);
        assert_eq!(sent(builder, raw), (expected.into(), dropped.into()));
    }
}

#[test]
fn what_makes_no_difference_is_left_out_without_being_asked() {
    let raw = r#"{"model":"fast","store":true,"stream":false}"#;
    let expected = (r#"{"model":"m","stream":false}"#.into(), "store".into());
    assert_eq!(sent(builder(rules()), raw), expected);

    // What says what is so anyway is no loss.
    for nothing in [
        r#""logit_bias":{ }"#,
        r#""logit_bias":null"#,
        r#""logprobs":false"#,
        r#""n":1"#,
        r#""store":false"#,
    ] {
        let raw = format!(r#"{{"model":"fast",{nothing}}}"#);
        let expected = (r#"{"model":"m"}"#.into(), String::new());
        assert_eq!(sent(builder(rules()), &raw), expected, "{nothing}");
    }
}

#[test]
fn a_number_out_of_bounds_is_an_error_or_becomes_the_bound() {
    let mut rules = ParamRules::default();
    let mut clamped = limit("top_p", None, Some(0.9));
    clamped.clamp = true;
    let mut stops = limit("stop", None, None);
    stops.max_items = Some(2);
    rules.limits = vec![
        limit("temperature", Some(0.5), Some(1.0)),
        limit("n", None, Some(1.0)),
        limit("min_p", Some(0.25), None),
        clamped,
        stops,
    ];
    let fine = r#"{"model":"m","temperature":1,"n":1,"top_p":0.9,"stop":["a","b"],"min_p":"x"}"#;
    let asked = fine.replace(r#""model":"m""#, r#""model":"fast""#);
    assert_eq!(
        sent(builder(rules.clone()), &asked),
        (fine.into(), String::new())
    );

    for (field, message) in [
        (
            r#""temperature":1.5"#,
            "temperature is not supported: the provider `acme` takes 0.5 to 1",
        ),
        (
            r#""temperature":0"#,
            "temperature is not supported: the provider `acme` takes 0.5 to 1",
        ),
        (
            r#""n":2"#,
            "n is not supported: the provider `acme` takes at most 1",
        ),
        (
            r#""min_p":0.2"#,
            "min_p is not supported: the provider `acme` takes at least 0.25",
        ),
        (
            r#""stop":[1,2,3]"#,
            "stop is not supported: the provider `acme` takes at most 2 items",
        ),
    ] {
        let raw = format!(r#"{{"model":"fast",{field}}}"#);
        let error = rewritten(builder(rules.clone()), &raw).unwrap_err();
        assert_eq!(error.message(), message);
    }

    let raw = r#"{"model":"fast","temperature":1.5,"n":3,"stop":["a","b","c"],"top_p":1}"#;
    let builder = builder(rules).drop_params(true);
    let rewritten = rewritten(builder, raw).unwrap();
    assert_eq!(
        rewritten.body,
        r#"{"model":"m","temperature":1,"n":1,"top_p":0.9}"#
    );
    assert_eq!(
        rewritten.dropped.join(", "),
        "temperature=1, n=1, stop, top_p=0.9"
    );
    assert_eq!(rewritten.choices, 1, "no more are waited for");
}
