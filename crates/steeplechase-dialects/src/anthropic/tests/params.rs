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
            return (json!("refused"), param);
        }
    };
    let mut body: Value = serde_json::from_slice(&written.body).unwrap();
    let fields = body.as_object_mut().unwrap();
    for known in ["model", "max_tokens", "messages", "thinking"] {
        fields.shift_remove(known);
    }
    (body, dropped(&written).join(","))
}

#[test]
fn each_parameter_is_mapped_dropped_or_refused() {
    let refused = json!("refused");
    let table = [
        (
            SONNET_45,
            json!({"temperature": 0.3}),
            json!({"temperature": 0.3}),
            "",
        ),
        (
            SONNET_45,
            json!({"temperature": 1.7}),
            json!({"temperature": 1.0}),
            "temperature",
        ),
        (
            SONNET_45,
            json!({"temperature": 0.3, "top_p": 0.9}),
            json!({"temperature": 0.3}),
            "top_p",
        ),
        (
            SONNET_45,
            json!({"temperature": 0.3, "top_p": 1}),
            json!({"temperature": 0.3}),
            "",
        ),
        (
            SONNET_45,
            json!({"top_p": 0.9, "top_k": 4}),
            json!({"top_p": 0.9, "top_k": 4}),
            "",
        ),
        (
            SONNET_35,
            json!({"temperature": 0.0, "top_p": 0.9}),
            json!({"temperature": 0.0, "top_p": 0.9}),
            "",
        ),
        (
            SONNET_45,
            json!({"temperature": 0.3, "reasoning_effort": "low"}),
            refused.clone(),
            "temperature",
        ),
        (
            SONNET_45,
            json!({"top_k": 3, "reasoning_effort": "low"}),
            refused.clone(),
            "top_k",
        ),
        (
            SONNET_45,
            json!({"top_p": 0.5, "reasoning_effort": "low"}),
            refused.clone(),
            "top_p",
        ),
        (
            SONNET_45,
            json!({"temperature": 1, "top_p": 0.96, "reasoning_effort": "low"}),
            json!({"top_p": 0.96}),
            "",
        ),
        (
            OPUS_47,
            json!({"temperature": 1, "top_p": 1}),
            json!({}),
            "",
        ),
        (
            OPUS_47,
            json!({"temperature": 0.9}),
            refused.clone(),
            "temperature",
        ),
        (OPUS_47, json!({"top_p": 0.9}), refused.clone(), "top_p"),
        (OPUS_47, json!({"top_k": 1}), refused.clone(), "top_k"),
        (
            SONNET_45,
            json!({"stop": "end"}),
            json!({"stop_sequences": ["end"]}),
            "",
        ),
        (
            SONNET_45,
            json!({"stop": ["", " \n", "a"]}),
            json!({"stop_sequences": ["a"]}),
            "stop",
        ),
        (SONNET_45, json!({"stop": []}), json!({}), ""),
        (
            SONNET_45,
            json!({"stream": true, "stream_options": {"include_usage": true}}),
            json!({"stream": true}),
            "",
        ),
        (
            SONNET_45,
            json!({"n": 1, "logprobs": false, "top_logprobs": 0, "presence_penalty": 0,
                           "frequency_penalty": 0.0, "logit_bias": {}, "modalities": ["text"],
                           "store": false}),
            json!({}),
            "",
        ),
        (SONNET_45, json!({"n": 3}), refused.clone(), "n"),
        (
            SONNET_45,
            json!({"logprobs": true}),
            refused.clone(),
            "logprobs",
        ),
        (
            SONNET_45,
            json!({"presence_penalty": 0.1}),
            refused.clone(),
            "presence_penalty",
        ),
        (
            SONNET_45,
            json!({"frequency_penalty": -1}),
            refused.clone(),
            "frequency_penalty",
        ),
        (
            SONNET_45,
            json!({"modalities": ["text", "audio"], "audio": {}}),
            refused,
            "modalities",
        ),
        (
            SONNET_45,
            json!({"seed": 4, "verbosity": "low", "prediction": {"type": "content"},
                           "logit_bias": {"5": 1}, "store": true}),
            json!({}),
            "logit_bias,seed,store,verbosity,prediction",
        ),
        (
            SONNET_45,
            json!({"prompt_cache_key": "k", "moderation": {}, "new_thing": 1}),
            json!({}),
            "prompt_cache_key,moderation,new_thing",
        ),
        (
            SONNET_45,
            json!({"user": "u-77"}),
            json!({"metadata": {"user_id": "u-77"}}),
            "",
        ),
        (
            SONNET_45,
            json!({"user": "u", "safety_identifier": "s"}),
            json!({"metadata": {"user_id": "s"}}),
            "",
        ),
        (
            SONNET_45,
            json!({"metadata": {"user_id": "m"}}),
            json!({"metadata": {"user_id": "m"}}),
            "",
        ),
        (
            SONNET_45,
            json!({"user": "ann@mail.test"}),
            json!({}),
            "user",
        ),
        (
            SONNET_45,
            json!({"user": "+47 555 01 234"}),
            json!({}),
            "user",
        ),
        (SONNET_45, json!({"user": "a\u{7}"}), json!({}), "user"),
        (
            SONNET_45,
            json!({"user": "x".repeat(513)}),
            json!({}),
            "user",
        ),
        (
            SONNET_45,
            json!({"metadata": {"team": "t"}}),
            json!({}),
            "metadata",
        ),
        (
            SONNET_45,
            json!({"service_tier": "auto"}),
            json!({"service_tier": "auto"}),
            "",
        ),
        (
            SONNET_45,
            json!({"service_tier": "default"}),
            json!({"service_tier": "standard_only"}),
            "",
        ),
        (
            SONNET_45,
            json!({"service_tier": "flex"}),
            json!({}),
            "service_tier",
        ),
    ];
    for (model, fields, wanted, noted) in table {
        assert_eq!(
            outcome(model, &fields),
            (wanted, noted.to_owned()),
            "{model} {fields}"
        );
    }
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
