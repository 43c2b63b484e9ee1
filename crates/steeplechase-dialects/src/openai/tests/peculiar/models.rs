use super::*;

#[test]
fn some_models_have_rules_of_their_own() {
    let mut profile = Profile::default();
    profile.params = rules();
    let mut special = ModelRules::default();
    special.models = vec!["o1*".into(), "gpt-5".into()];
    special.params.drops = vec!["temperature".into()];
    profile.models = vec![special];
    let raw = r#"{"model":"fast","temperature":0.5}"#;
    for (upstream, is_refused) in [("o1-mini", true), ("gpt-5", true), ("gpt-5.1", false)] {
        let fixed = Deployment::builder("d", "fast", Dialect::OpenAi)
            .upstream_model(upstream)
            .profile(profile.clone());
        assert_eq!(rewritten(fixed, raw).is_err(), is_refused, "{upstream}");

        // One deployment for all of them.
        let all = Deployment::builder("d", "openai/*", Dialect::OpenAi)
            .upstream_model("*")
            .profile(profile.clone())
            .build();
        let call = call(raw).with_model(format!("openai/{upstream}"));
        assert_eq!(
            Rewrite::new(&all).rewrite(&call).is_err(),
            is_refused,
            "{upstream}"
        );
    }
}

#[test]
fn names_of_models_are_made_as_the_provider_has_them() {
    let prefixed = ModelNames::Prefixed("accounts/fireworks/models/".into());
    let dotted = ModelNames::Dotted("https://clarifai.com/*/*/models/*".into());
    for (names, model, expected) in [
        (&prefixed, "llama-v3", "accounts/fireworks/models/llama-v3"),
        (
            &prefixed,
            "accounts/mine/models/x",
            "accounts/mine/models/x",
        ),
        (&prefixed, "x#deployment", "x#deployment"),
        (
            &ModelNames::HostLast,
            "together/meta/llama",
            "meta/llama:together",
        ),
        (&ModelNames::HostLast, "meta/llama", "meta/llama"),
        (
            &dotted,
            "openai.chat.gpt-4.1",
            "https://clarifai.com/openai/chat/models/gpt-4.1",
        ),
        (&dotted, "gpt-4o", "gpt-4o"),
    ] {
        let mut profile = Profile::default();
        profile.names = names.clone();
        for (group, upstream) in [("fast", model), ("p/*", "*")] {
            let deployment = Deployment::builder("d", group, Dialect::OpenAi)
                .upstream_model(upstream)
                .profile(profile.clone())
                .build();
            let call = call(r#"{"model":"fast"}"#).with_model(format!("p/{model}"));
            let name = Rewrite::new(&deployment).model(&call).unwrap().into_owned();
            assert_eq!(name, expected, "{model} of {group}");
        }
    }
}

#[test]
fn embeddings_have_rules_of_their_own_and_who_has_no_chat_says_so() {
    let mut profile = Profile::default();
    profile.chat = Endpoint::None;
    profile.params = rules();
    profile.embedding_params.ignored = vec!["user".into()];
    let deployment = Deployment::builder("d", "fast", Dialect::OpenAi)
        .upstream_model("m")
        .profile(profile)
        .build();
    let rewrite = Rewrite::new(&deployment);
    let raw = Bytes::from_static(br#"{"model":"fast","input":"a","user":"u","seed":1}"#);
    let head = scan(&raw).unwrap();
    let embeddings = Call::new(Operation::Embeddings, Dialect::OpenAi, raw.clone(), head);
    let body = rewrite.write(&embeddings).unwrap();
    assert_eq!(body, r#"{"model":"m","input":"a","seed":1}"#);
    let error = rewrite.write(&call(raw)).unwrap_err();
    assert_eq!(error.class(), Class::Unsupported);
}
