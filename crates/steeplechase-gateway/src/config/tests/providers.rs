//! Rows of the table of providers that an operator writes.

use serde_json::json;
use steeplechase::dialects::catalog::Row;

use super::*;
use crate::config::known::PROVIDER;

/// Sections after the model, from line 4.
fn with_providers(rows: &str) -> String {
    with_model(&format!("providers:\n{rows}"))
}

#[test]
fn a_row_is_read_field_by_field() {
    let config = quiet(&with_providers(
        "  house:
    base_url: https://llm.example.com/v1
    key_env: [HOUSE_KEY]
    auth: scheme Token
    headers: {x-team: os.environ/WORD}
    endpoints: {chat: /v2/chat, embeddings: false}
    renames: {max_completion_tokens: max_tokens}
    limits: {temperature: {max: 1, clamp: true}}
  groq:
",
    ));
    let ids: Vec<_> = config
        .providers
        .iter()
        .map(|entry| (&*entry.id, entry.line))
        .collect();
    assert_eq!(ids, [("house", 5), ("groq", 13)]);
    let expected = [
        ("base_url", json!("https://llm.example.com/v1")),
        ("key_env", json!(["HOUSE_KEY"])),
        ("auth", json!("scheme Token")),
        ("headers", json!({"x-team": "hello"})),
        (
            "endpoints",
            json!({"chat": "/v2/chat", "embeddings": false}),
        ),
        ("renames", json!({"max_completion_tokens": "max_tokens"})),
        ("limits", json!({"temperature": {"max": 1, "clamp": true}})),
    ];
    let expected = expected
        .into_iter()
        .fold(Row::default(), |row, (key, value)| {
            row.overlay(Row::from_field(key, value).unwrap())
        });
    assert_eq!(config.providers[0].row, expected);
    assert_eq!(config.providers[1].row, Row::default());
}

#[test]
fn what_is_wrong_with_a_row_is_told_with_its_line_and_without_what_is_written() {
    let text = with_providers(
        "  house:
    base_url: llm.example.com
    key_env: sk-secret
    api_base: https://llm.example.com
    api_key: sk-secret
    limit: {n: {max: 1}}
    colour: red
    auth: scheme
    limits: {n: {most: 1}}
  other: 5
",
    );
    let fields: Vec<_> = PROVIDER.iter().map(|field| field.key).collect();
    let at = |line: u8, key: &str| format!("config.yaml:{line}: providers.house.{key}");
    assert_eq!(
        errors(&text),
        [
            at(
                6,
                "base_url: expected a URL that begins with http:// or https://; write for example \
                   `base_url: \"https://llm.example.com/v1\"`"
            ),
            at(
                7,
                "key_env: expected a list of names of environment variables; write for example \
                   `key_env: [HOUSE_KEY]`"
            ),
            at(
                8,
                "api_base: a provider has no such field; did you mean `base_url`?"
            ),
            at(
                9,
                "api_key: a provider has no such field; did you mean `key_env`?"
            ),
            at(
                10,
                "limit: a provider has no such field; did you mean `limits`?"
            ),
            at(
                11,
                &format!(
                    "colour: a provider has no such field; there are {}",
                    fields.join(", ")
                )
            ),
            at(
                13,
                "limits: expected a map of parameters to `min`, `max`, `min_for_many`, `max_items`, `only` and `clamp`; write \
                    for example `limits: {temperature: {max: 1}}`"
            ),
            "config.yaml:14: providers.other: expected a map, found 5; write `key: value` lines, \
             indented below it"
                .to_owned(),
        ],
    );
    assert_eq!(
        errors(&with_model("providers: [groq]\n")),
        [
            "config.yaml:4: providers: expected a map, found a list; write for example `providers: {house: \
          {base_url: \"https://llm.example.com/v1\", key_env: [HOUSE_KEY]}}`"
        ],
    );
}

#[test]
fn each_field_that_is_known_is_a_field_and_its_example_is_right() {
    for field in PROVIDER {
        let config = quiet(&with_providers(&format!(
            "  house:\n    {}: {}\n",
            field.key, field.example
        )));
        assert_ne!(config.providers[0].row, Row::default(), "{}", field.key);
    }
}
