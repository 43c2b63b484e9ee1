//! The first look at a call's bytes.

use std::time::Duration;

use proptest::prelude::*;
use steeplechase_core::Tally;
use tokio::time::Instant;

use super::samples::SAMPLES;
use super::*;

fn rough_tokens(json: &Value) -> u64 {
    rough(&json.to_string()).tokens()
}

/// What the weights say of the same conversation when it has been parsed.
fn estimated(messages: &Value) -> u64 {
    Tokenizer::from(Family::O200k)
        .estimate_chat(&chat(messages))
        .tokens
}

fn message(text: &str) -> Value {
    json!({"role": "user", "content": text})
}

#[test]
fn a_rough_look_is_near_a_close_one() {
    let short: Value = (0..40)
        .map(|n| message(&format!("And then, the {n}th time?")))
        .collect();
    let each: Value = SAMPLES.iter().map(|sample| message(sample.text)).collect();
    let long: Value = SAMPLES
        .iter()
        .map(|sample| message(&sample.text.repeat(20)))
        .collect();
    let parts = json!([{"role": "user", "content": [
        {"type": "text", "text": SAMPLES[0].text},
        {"type": "text", "text": SAMPLES[10].text},
    ]}]);
    for (name, messages) in [
        ("short", short),
        ("each", each),
        ("long", long),
        ("parts", parts),
    ] {
        let (rough, close) = (rough_tokens(&messages), estimated(&messages));
        assert!(
            off(rough, close).abs() < 20.0,
            "{name}: {rough}, and not {close}"
        );
    }
}

#[test]
fn pictures_do_not_count_as_text() {
    let data = "iVBORw0KGgo+/AAA".repeat(8_000);
    let openai = json!([{"role": "user", "content": [
        {"type": "text", "text": SAMPLES[0].text},
        {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{data}")}},
    ]}]);
    let anthropic = json!([{"role": "user", "content": [
        {"type": "text", "text": SAMPLES[0].text},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}},
    ]}]);
    let sound = json!([{"role": "user", "content": [
        {"type": "text", "text": SAMPLES[0].text},
        {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}},
    ]}]);
    for messages in [openai, anthropic, sound] {
        let tokens = rough_tokens(&messages);
        assert!((1_000..1_300).contains(&tokens), "{tokens}");
    }
}

#[test]
fn text_in_escapes_counts_as_what_it_stands_for() {
    let chinese = SAMPLES
        .iter()
        .find(|sample| sample.name == "chinese")
        .unwrap()
        .text;
    let plain = json!([message(&chinese.repeat(30))]).to_string();
    let escaped: String = plain
        .encode_utf16()
        .map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        })
        .collect();
    let (plain, escaped) = (rough(&plain).tokens(), rough(&escaped).tokens());
    assert!(
        off(escaped, plain).abs() < 5.0,
        "{escaped}, and not {plain}"
    );
}

#[test]
fn tokens_that_a_caller_has_made_count_as_they_are() {
    assert_eq!(rough("[1,2,3]").tokens(), 3);
    assert_eq!(rough("[[1, 2], [3,4]]").tokens(), 4);
    assert_eq!(rough("[\"1,2,3\"]"), rough("[\"1,2,3\"]"));
    assert_eq!(rough("12"), JSON_OF_TWELVE);
}

const JSON_OF_TWELVE: Tally = Tally::from_thousandths(1_600);

#[test]
fn a_rough_look_at_much_takes_no_longer_than_one_at_little() {
    let text = json!([message(&SAMPLES[0].text.repeat(40_000))]).to_string();
    assert!(text.len() > 16 << 20);
    let started = Instant::now();
    let tokens = rough(&text).tokens();
    assert!(
        started.elapsed() < Duration::from_millis(200),
        "{:?}",
        started.elapsed()
    );
    assert!(off(tokens, SAMPLES[0].counts[0] * 40_000).abs() < 25.0);
}

proptest! {
    #[test]
    fn no_json_is_too_much_for_it(text in "\\PC{0,300}", times in 1..60_usize) {
        let json = json!([{"role": "user", "content": text.repeat(times)}]).to_string();
        let most = Tally::from_tokens(4 * json.len() as u64);
        prop_assert!(rough(&json) <= most);
    }

    #[test]
    fn nor_is_what_is_none(text in "[\\[{\"\\\\u,0-9a é]{0,300}") {
        prop_assert!(rough(&text) <= Tally::from_tokens(4 * text.len() as u64 + 4_000));
    }
}
