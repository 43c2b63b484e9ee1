use serde_json::Value;
use serde_json::json;

use super::OPUS_47;
use super::SONNET_35;
use super::SONNET_45;
use super::body;
use super::call_with;
use super::dropped;
use super::write;
use super::write_with;

#[test]
fn a_plain_call_is_model_limit_and_messages() {
    let call = json!({"model": "whatever", "messages": [{"role": "user", "content": "hello"}]});
    let wanted = json!({
        "model": SONNET_45,
        "max_tokens": 6000,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}],
    });
    assert_eq!(body(SONNET_45, &call), wanted);
}

#[test]
fn a_limit_above_the_models_is_the_models() {
    let written = write(SONNET_35, &call_with(&json!({"max_tokens": 50_000}))).unwrap();
    assert_eq!(dropped(&written), ["max_tokens"]);
    assert_eq!(
        body(SONNET_35, &call_with(&json!({"max_tokens": 50_000})))["max_tokens"],
        8192
    );
    assert_eq!(
        body(SONNET_35, &call_with(&json!({"max_tokens": 0})))["max_tokens"],
        0
    );
}

/// What becomes of parameters: the fields of the body that are new, and what was dropped; or the
/// parameter that is refused.
fn outcome(model: &str, fields: &Value) -> (Value, String) {
    let written = match write(model, &call_with(fields)) {
        Ok(written) => written,
        Err(error) => {
            assert_eq!(error.code(), Some("unsupported_parameter"));
            // If it may be dropped, it is, and said to be.
            let lenient = write_with(model, &call_with(fields), |options| {
                options.drop_params = true;
            });
            let param = error.param().unwrap().to_owned();
            assert!(dropped(&lenient.unwrap()).contains(&&*param));
            return (json!(REFUSED), param);
        }
    };
    let mut body: Value = serde_json::from_slice(&written.body).unwrap();
    let fields = body.as_object_mut().unwrap();
    for known in ["model", "max_tokens", "messages", "thinking"] {
        fields.shift_remove(known);
    }
    (body, dropped(&written).join(","))
}

/// A parameter that is refused.
const REFUSED: &str = "refused";

/// Checks what becomes of parameters: what is new in the body, and what was noted.
fn check(rows: impl IntoIterator<Item = (&'static str, Value, Value, &'static str)>) {
    for (model, fields, wanted, noted) in rows {
        assert_eq!(
            outcome(model, &fields),
            (wanted, noted.to_owned()),
            "{model} {fields}"
        );
    }
}

#[test]
fn older_models_take_temperature_or_top_p() {
    let heat = json!({"temperature": 0.3});
    let same = |fields: Value| (SONNET_45, fields.clone(), fields, "");
    check([
        same(heat.clone()),
        same(json!({"top_p": 0.9, "top_k": 4})),
        (
            SONNET_45,
            json!({"temperature": 1.7}),
            json!({"temperature": 1.0}),
            "temperature",
        ),
        (
            SONNET_45,
            json!({"temperature": 0.3, "top_p": 0.9}),
            heat.clone(),
            "top_p",
        ),
        (SONNET_45, json!({"temperature": 0.3, "top_p": 1}), heat, ""),
        (
            SONNET_35,
            json!({"temperature": 0.0, "top_p": 0.9}),
            json!({"temperature": 0.0, "top_p": 0.9}),
            "",
        ),
    ]);
}

#[test]
fn a_model_that_thinks_and_a_newer_one_take_none_of_them() {
    let thinks = |mut fields: Value| {
        fields["reasoning_effort"] = json!("low");
        fields
    };
    let refused = |model, fields, param| (model, fields, json!(REFUSED), param);
    check([
        refused(
            SONNET_45,
            thinks(json!({"temperature": 0.3})),
            "temperature",
        ),
        refused(SONNET_45, thinks(json!({"top_k": 3})), "top_k"),
        refused(SONNET_45, thinks(json!({"top_p": 0.5})), "top_p"),
        (
            SONNET_45,
            thinks(json!({"temperature": 1, "top_p": 0.96})),
            json!({"top_p": 0.96}),
            "",
        ),
        (
            OPUS_47,
            json!({"temperature": 1, "top_p": 1}),
            json!({}),
            "",
        ),
        refused(OPUS_47, json!({"temperature": 0}), "temperature"),
        refused(OPUS_47, json!({"temperature": 0.9}), "temperature"),
        refused(OPUS_47, json!({"top_p": 0.9}), "top_p"),
        refused(OPUS_47, json!({"top_k": 1}), "top_k"),
    ]);
}

#[test]
fn what_the_provider_does_not_have_is_refused_if_it_shows() {
    let refused = |fields, param| (SONNET_45, fields, json!(REFUSED), param);
    check([
        refused(json!({"n": 3}), "n"),
        refused(json!({"logprobs": true}), "logprobs"),
        refused(json!({"presence_penalty": 0.1}), "presence_penalty"),
        refused(json!({"frequency_penalty": -1}), "frequency_penalty"),
        refused(
            json!({"modalities": ["text", "audio"], "audio": {}}),
            "modalities",
        ),
    ]);
}

#[test]
fn what_does_not_show_is_left_out_and_noted() {
    let dropped = |fields, noted| (SONNET_45, fields, json!({}), noted);
    check([
        dropped(json!({"stop": []}), ""),
        dropped(json!({"stop": ""}), "stop"),
        dropped(json!({"response_format": {"type": "text"}}), ""),
        // Who wants no stream has no wishes for it either.
        dropped(
            json!({"stream": false, "stream_options": {"include_usage": true}}),
            "",
        ),
        dropped(
            json!({"n": 1, "logprobs": false, "top_logprobs": 0, "presence_penalty": 0,
                   "frequency_penalty": 0.0, "logit_bias": {}, "modalities": ["text"],
                   "store": false}),
            "",
        ),
        dropped(
            json!({"seed": 4, "verbosity": "low", "prediction": {"type": "content"},
                   "logit_bias": {"5": 1}, "store": true}),
            "logit_bias,seed,store,verbosity,prediction",
        ),
        dropped(
            json!({"prompt_cache_key": "k", "moderation": {}, "new_thing": 1}),
            "prompt_cache_key,moderation,new_thing",
        ),
        dropped(json!({"metadata": {"team": "t"}}), "metadata"),
        dropped(json!({"service_tier": "flex"}), "service_tier"),
    ]);
}

#[test]
fn a_user_is_named_unless_the_name_says_who_it_is() {
    let named = |fields, name: &str| {
        let wanted = json!({"metadata": {"user_id": name}});
        (SONNET_45, fields, wanted, "")
    };
    check([
        named(json!({"user": "u-77"}), "u-77"),
        named(json!({"user": "u", "safety_identifier": "s"}), "s"),
        named(json!({"metadata": {"user_id": "m"}}), "m"),
    ]);
    let long = "x".repeat(513);
    for user in ["ann@mail.test", "+47 555 01 234", "a\u{7}", &long] {
        check([(SONNET_45, json!({"user": user}), json!({}), "user")]);
    }
}

#[test]
fn a_stop_a_stream_and_a_tier_have_other_names() {
    let mapped = |fields, wanted, noted| (SONNET_45, fields, wanted, noted);
    check([
        mapped(
            json!({"stop": "end"}),
            json!({"stop_sequences": ["end"]}),
            "",
        ),
        mapped(
            json!({"stop": ["", " \n", "a"]}),
            json!({"stop_sequences": ["a"]}),
            "stop",
        ),
        mapped(
            json!({"stream": true, "stream_options": {"include_usage": true}}),
            json!({"stream": true}),
            "",
        ),
        mapped(
            json!({"service_tier": "auto"}),
            json!({"service_tier": "auto"}),
            "",
        ),
        mapped(
            json!({"service_tier": "default"}),
            json!({"service_tier": "standard_only"}),
            "",
        ),
    ]);
}

#[test]
fn what_callers_say_in_the_providers_words_is_passed_on() {
    let own = json!({
        "cache_control": {"type": "ephemeral"},
        "context_management": {"edits": []},
        "container": "c-1",
        "mcp_servers": [{"type": "url"}],
        "speed": "fast",
        "inference_geo": "eu",
    });
    let written = write(SONNET_45, &call_with(&own)).unwrap();
    let body: Value = serde_json::from_slice(&written.body).unwrap();
    for (name, value) in own.as_object().unwrap() {
        assert_eq!(&body[name], value);
    }
    let betas = [
        "context-management-2025-06-27",
        "fast-mode-2026-02-01",
        "mcp-client-2025-04-04",
    ];
    assert_eq!(written.betas, betas);
    assert_eq!(dropped(&written), [""; 0]);
}
